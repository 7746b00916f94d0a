"""A small shop after one campaign, with hostile texts in it and a planted effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from siyu.copywriting.storing import PIECES
from siyu.domain.campaigns import Campaign
from siyu.domain.clock import FixedClock
from siyu.engine import schemas
from siyu.engine.embedded import EmbeddedEngine
from siyu.reports.build import Report, build_report
from siyu.reports.settings import ReportSettings
from siyu.reports.source import Material

HOSTILE = "<img src=x onerror=document.title='owned'></script><script>document.title='owned'</script>{{7*7}}"
START = datetime(2026, 5, 1, tzinfo=UTC)
CAMPAIGN = Campaign(
    name="spring-discovery", start=START, end=START + timedelta(days=10), hold_out=0.1, attribution=timedelta(days=7)
)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
CLOCK = FixedClock(NOW)
PEOPLE = 3_000
_SKIPS = ("no-consent", "hold-out", "capped", "no-product", "copy-refused", "suppressed")
_SEEN = datetime(2026, 4, 30, 9, 30, tzinfo=UTC)
SUBJECTS = {
    "zh": {"subject-z1": "{angle}，替您看过了", "subject-z2": "接着上次的看：{title.short}", "subject-z3": "想起了您"},
    "en": {
        "subject-e1": "With {angle} in mind",
        "subject-e2": "Where you left off: {title.short}",
        "subject-e3": HOSTILE,
    },
}
HOOKS = {
    "zh": {"hook-z1": "你常看咖啡器具，这一件或许合心意：{title}。", "hook-z2": "买过{past.bought}的您，看看它。"},
    "en": {"hook-e1": "You often look at coffee gear: {title}.", "hook-e2": "{brand} again."},
}


@dataclass(frozen=True)
class World:
    """Everything a report takes."""

    engine: EmbeddedEngine
    material: Material
    campaign: Campaign = CAMPAIGN
    now: datetime = NOW

    def report(self, **settings: Any) -> Report:
        chosen = ReportSettings(**settings)
        return build_report(self.engine, self.material, campaign=self.campaign, settings=chosen, clock=CLOCK)


def _person(index: int) -> str:
    return f"{index:032x}"[::-1]


def language(index: int) -> str:
    """Every second person reads Chinese."""
    return "zh" if index % 2 == 0 else "en"


def variants(people: int = PEOPLE) -> list[str]:
    """One of six equally likely openings for each person, in their language."""
    draws = np.random.default_rng(77).integers(0, 6, people)
    names = {code: [f"{subject}+{hook}" for subject in SUBJECTS[code] for hook in HOOKS[code]] for code in ("zh", "en")}
    return [names[language(index)][draw] for index, draw in enumerate(draws)]


def outcomes(
    people: int = PEOPLE, *, lift: float = 1.0, hold_out: float = 0.1, seed: int = 5, better: str = "none"
) -> pa.Table:
    """Per-person outcomes of a shop where 6 % buy, and ``lift`` times more of those written to.

    42 % open, whatever they read; where the variant holds ``better``, 60 %.
    """
    draw = np.random.default_rng(seed)
    held = draw.random(people) < hold_out
    sent = ~held & (draw.random(people) < 0.8)
    buys = draw.random(people) < np.where(sent, 0.06 * (1 + lift), 0.06)
    variant = np.array(variants(people))
    opened = sent & (draw.random(people) < np.where(np.char.find(variant, better) >= 0, 0.6, 0.42))
    clicked = opened & (draw.random(people) < 0.3)
    revenue = np.where(buys, np.round(draw.lognormal(4.6, 0.7, people), 2), 0.0)
    touched = buys & clicked
    return pa.table(
        {
            "person": [_person(index) for index in range(people)],
            "arm": np.where(held, "hold_out", "treated"),
            "sent": sent,
            "opened": opened,
            "clicked": clicked,
            "unsubscribed": sent & (draw.random(people) < 0.004),
            "orders": buys.astype(float),
            "revenue": revenue,
            "attributed_orders": touched.astype(float),
            "attributed_revenue": np.where(touched, revenue, 0.0),
            "variant": np.where(sent, variant, ""),
        }
    )


def _ledger(found: pa.Table) -> pa.Table:
    rows = []
    for index, (person, arm, sent) in enumerate(
        zip(*(found[name].to_pylist() for name in ("person", "arm", "sent")), strict=True)
    ):
        reason = "" if sent else "hold-out" if arm == "hold_out" else _SKIPS[index % len(_SKIPS)]
        reason = "no-consent" if reason == "hold-out" and arm != "hold_out" else reason
        rows.append(
            {
                "message_id": f"m{index}",
                "person": person,
                "state": "accepted" if sent else "skipped",
                "reason": reason,
                "planned_at": START.replace(tzinfo=None),
                "handed_at": (START + timedelta(hours=10)).replace(tzinfo=None) if sent else None,
                "decision": "send" if sent else reason,
            }
        )
    return pa.Table.from_pylist(rows)


def _message(index: int, person: str, variant: str) -> dict[str, Any]:
    zh = language(index) == "zh"
    subject, hook = variant.split("+")
    title = HOSTILE if index % 5 == 0 else ("手冲咖啡壶 600ml" if zh else "Pour-over kettle, 600 ml")
    texts = (
        (
            "为你挑的一只壶",
            "水温稳，出水细",
            f"你常看咖啡器具，这一件或许合心意：{title}。",
            "一眼就能看出好处。",
            "出水均匀，握着不烫手。",
            "现价 ¥199.00",
            "顺便也看看滤纸。",
            "去看看",
            "拒收请回复R",
        )
        if zh
        else (
            "A kettle for slow mornings",
            "Steady heat, a thin stream",
            f"You often look at coffee gear: {title}.",
            "Here is what we found.",
            "It pours evenly and stays cool in the hand.",
            "Now ¥199.00",
            "Filters go with it.",
            "Have a look",
            "Unsubscribe at any time",
        )
    )
    names = ("subject", "preheader", "hook", "reveal", "point", "offer", "more", "call", "legal")
    ids = {"subject": subject, "hook": hook}
    fact = {
        "item": f"p{index % 5}",
        "slot": "price",
        "value": "199.00",
        "number": 199.0,
        "unit": "CNY",
        "language": "",
        "source": "products.csv",
        "observed_at": _SEEN,
        "valid_from": _SEEN,
        "valid_until": None,
    }
    refused = index % 7 == 3
    finding = {
        "rule": "cn.ad-law.9.absolute",
        "severity": "block",
        "part": "hook",
        "start": 0,
        "end": 2,
        "excerpt": "最佳",
        "confidence": 1.0,
        "source": "广告法 第九条（三）",
        "remedy": "改为可核实的说法",
    }
    return {
        "message_id": f"m{index}",
        "campaign": CAMPAIGN.name,
        "step": 0,
        "person": person,
        "channel": "mailbox",
        "language": language(index),
        "status": "refused" if refused else "approved",
        "item": f"p{index % 5}",
        "items": [f"p{index % 5}"],
        "brief_id": f"b-{language(index)}",
        "angle_facet": "category",
        "angle_value": "Coffee",
        "reason": ("bought-together", "interest", "repeat")[index % 3],
        "variant": variant,
        "propensity": 1 / 6,
        "parts": [{"part": n, "piece_id": ids.get(n, "x"), "text": t} for n, t in zip(names, texts, strict=True)],
        "facts": [fact, {**fact, "slot": "title", "value": title, "number": None, "unit": ""}],
        "findings": [finding] if refused else [],
    }


def _reason(index: int) -> dict[str, Any]:
    kind = ("bought-together", "interest", "repeat")[index % 3]
    return {
        "kind": kind,
        "item": "p1",
        "facet": "category",
        "value": "Coffee",
        "count": 14,
        "number": 3.2,
        "share": 0.7,
    }


def fill(engine: EmbeddedEngine, people: list[str]) -> None:
    """Publish every dataset the report reads."""

    def put(name: str, schema: pa.Schema, rows: list[dict[str, Any]]) -> None:
        table = pa.Table.from_pylist(rows, schema=schema)
        engine.write(pa.RecordBatchReader.from_batches(schema, table.to_batches()), name)

    draw = np.random.default_rng(9)
    kinds = ("browse", "browse", "search", "cart", "purchase", "review")
    put(
        "events",
        schemas.EVENTS,
        [
            {
                "event_id": str(n),
                "person": people[int(draw.integers(len(people)))],
                "kind": kinds[n % 6],
                "ts": datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=int(draw.integers(90 * 1440))),
                "item": f"p{n % 5}",
                "quantity": 1.0,
                "source": "shop",
            }
            for n in range(4_000)
        ],
    )
    put(
        "people",
        schemas.PEOPLE,
        [
            {
                "person": p,
                "events": 3,
                "orders": 1,
                "spend": 80.0,
                "lifecycle": ("prospect", "new", "active", "loyal", "at-risk", "lapsed")[n % 6],
                "segment": f"s{n % 3}",
            }
            for n, p in enumerate(people)
        ],
    )
    names = (["spend:high", "recency:low"], ["browsing:high"], ["ordinary"])
    put(
        "segments",
        schemas.SEGMENTS,
        [
            {
                "segment": f"s{n}",
                "size": len(people) // (n + 2),
                "share": 1 / (n + 2),
                "name_keys": keys,
                "features": [{"name": "spend", "mean": 90.0, "z": 1.4}, {"name": "recency", "mean": 9.0, "z": -0.8}],
            }
            for n, keys in enumerate(names)
        ],
    )
    values = {
        "category": ("Coffee > Kettles", "Tea", "Bags"),
        "brand": ("Lantern", HOSTILE, "Moss"),
        "price_band": ("2", "3"),
        "attribute": ("style=casual", "colour=green"),
        "keyword": ("手冲", "kettle"),
    }
    seen = {"event_id": "1", "kind": "purchase", "ts": datetime(2026, 4, 2, 10, tzinfo=UTC), "item": "p1", "share": 0.6}
    put(
        "interests",
        schemas.INTERESTS,
        [
            {
                "person": p,
                "facet": facet,
                "value": value,
                "weight": 0.6,
                "lift": 2.3,
                "rank": 2 if value == "3" else 1,
                "evidence": [seen, {**seen, "kind": "browse", "item": "p0"}],
            }
            for n, p in enumerate(people)
            for facet, options in values.items()
            for value in [options[n % len(options)]]
        ],
    )
    put(
        "recommendations",
        schemas.RECOMMENDATIONS,
        [
            {
                "person": p,
                "rank": 1,
                "item": f"p{n % 5}",
                "lane": ("discover", "buy_again")[n % 2],
                "score": 1.0,
                "model": "blend",
                "reasons": [_reason(n), {**_reason(n + 1), "share": 0.3}],
            }
            for n, p in enumerate(people)
        ],
    )
    put(
        "products",
        schemas.PRODUCTS,
        [{"item": f"p{n}", "title": HOSTILE if n == 0 else f"Kettle {n} 壶", "price": 199.0} for n in range(5)],
    )
    put(
        "messages",
        schemas.MESSAGES,
        [_message(n, *pair) for n, pair in enumerate(zip(people, variants(len(people)), strict=True))],
    )
    put(
        "pieces",
        PIECES,
        [
            {
                "brief_id": f"b-{code}",
                "language": code,
                "pieces": [
                    {"piece_id": name, "part": part, "text": text}
                    for part, bank in (("subject", SUBJECTS), ("hook", HOOKS))
                    for name, text in bank[code].items()
                ],
            }
            for code in ("zh", "en")
        ],
    )
    reasons = ("exact-duplicate", "missing-person", "zero-price", HOSTILE)
    put(
        "quarantine",
        schemas.QUARANTINE,
        [{"source": "shop", "file": "a.csv", "row": n, "reason": reasons[n % 4], "payload": b"x"} for n in range(40)],
    )


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The shop, its datasets published."""
    engine = EmbeddedEngine(tmp_path_factory.mktemp("tables"), memory="1GB", threads=1)
    found = outcomes()
    fill(engine, found["person"].to_pylist())
    stages = [
        {"stage": "import", "seconds": 6.02, "peak_mb": 812.0, "rows": 4_040},
        {"stage": "profile", "seconds": 2.4, "peak_mb": 640.0},
        {"stage": "write", "seconds": 3.1, "peak_mb": 702.5},
    ]
    imports = {"shop": {"read": 4_040, "accepted": 4_000}}
    shown = {
        "project.brand": HOSTILE,
        "campaign.languages": ("zh", "en"),
        "recommendations.weights": {"popularity": 1.0},
        "write.writer": "offline",
    }
    material = Material(_ledger(found), found, imports, stages, shown)
    return World(engine, material)


@pytest.fixture(scope="session")
def make_outcomes() -> Callable[..., pa.Table]:
    """:func:`outcomes`, for tests that need another world."""
    return outcomes


@pytest.fixture
def empty_world(tmp_path: Path) -> World:
    """A shop on its first day: no dataset, nothing planned."""
    columns = {"person": pa.string(), "state": pa.string(), "reason": pa.string(), "message_id": pa.string()}
    ledger = pa.schema(list(columns.items())).empty_table()
    return World(EmbeddedEngine(tmp_path / "tables", memory="1GB", threads=1), Material(ledger))

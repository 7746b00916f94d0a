"""A small fashion shop, in Chinese, with one product known by an English title only.

u1 browsed a T-shirt, jeans and sneakers, searched fashion, style and trend, and bought the T-shirt and the jeans: so
the sneakers are to be discovered, because of the T-shirt (chosen together 57 times).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from siyu.copywriting import CopyReport, CopySettings, write_messages
from siyu.domain.campaigns import Campaign, Offer
from siyu.domain.clock import FixedClock
from siyu.domain.ids import PersonId
from siyu.engine.embedded import EmbeddedEngine
from siyu.engine.schemas import EVENTS, FACTS, INTERESTS, PEOPLE, PRODUCTS, RECOMMENDATIONS

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SEEN = datetime(2026, 5, 1)  # noqa: DTZ001 - tables hold UTC without a zone
U1, U2, U3, U4 = ("1" * 32, "2" * 32, "3" * 32, "4" * 32)

PRODUCTS_BY_ID: dict[str, dict[str, Any]] = {
    "tee": {
        "title": "T-shirt",
        "category": "服饰 > T恤",
        "brand": "Momo",
        "price": 99.0,
        "attr.风格": "休闲",
        "attr.颜色": "白色",
    },
    "jeans": {"title": "Jeans", "category": "服饰 > 牛仔裤", "brand": "Momo", "price": 199.0, "attr.材质": "牛仔布"},
    "sneakers": {
        "title": "Sneakers",
        "category": "服饰 > 运动鞋",
        "brand": "Lumo",
        "price": 299.0,
        "attr.风格": "休闲",
        "attr.颜色": "白色",
        "attr.材质": "帆布",
    },
    "shirt": {
        "title": "亚麻短袖衬衫",
        "category": "服饰 > 衬衫",
        "brand": "Lumo",
        "price": 159.0,
        "attr.材质": "亚麻",
        "attr.颜色": "米色",
    },
    "holder": {"title": "WHITE HANGING HEART T-LIGHT HOLDER"},
}


def fact(item: str, slot: str, value: object, **more: Any) -> dict[str, Any]:
    number = float(value) if isinstance(value, (int, float)) else None
    unit = "CNY" if slot == "price" else ""
    plain = {"language": "", "source": "products.csv", "observed_at": SEEN, "valid_from": SEEN, "valid_until": None}
    return {"item": item, "slot": slot, "value": str(value), "number": number, "unit": unit, **plain, **more}


def facts_of(products: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [fact(item, slot, value) for item, slots in products.items() for slot, value in slots.items()]


def reason(kind: str, item: str | None = None, count: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "item": item,
        "facet": None,
        "value": None,
        "count": count,
        "number": 1.0,
        "share": 1.0,
        **more,
    }


def rec(person: str, rank: int, item: str, why: Mapping[str, Any], lane: str = "discover") -> dict[str, Any]:
    return {
        "person": person,
        "rank": rank,
        "item": item,
        "lane": lane,
        "score": 1.0 / rank,
        "model": "m",
        "reasons": [why],
    }


def interest(
    person: str,
    facet: str,
    value: str,
    weight: float = 0.5,
    lift: float = 2.0,
    *,
    deeds: Sequence[str] = ("purchase", "purchase"),
    rank: int = 1,
) -> dict[str, Any]:
    """An interest with one event a deed, each on a day of its own: by default bought on two days, a habit."""
    event = {"event_id": "e", "item": None, "share": 0.5}
    evidence = [{**event, "kind": kind, "ts": SEEN + timedelta(days=day)} for day, kind in enumerate(deeds)]
    row = {"person": person, "facet": facet, "value": value, "weight": weight, "lift": lift}
    return {**row, "rank": rank, "evidence": evidence}


class Even:
    """The policy of these tests: every opening is equally likely."""

    name = "even"

    def propensities(self, person: PersonId, variants: Sequence[str]) -> Sequence[float]:
        return [1 / len(variants)] * len(variants)

    def choose(self, person: PersonId, variants: Sequence[str], draw: float) -> int:
        return int(draw * len(variants))


def person_row(person: str, language: str = "zh", lifecycle: str = "active") -> dict[str, Any]:
    row = dict.fromkeys(PEOPLE.names)
    return {
        **row,
        "person": person,
        "language": language,
        "lifecycle": lifecycle,
        "last_ts": SEEN,
        "events": 5,
        "orders": 1,
    }


def event(person: str, kind: str, item: str | None, number: int) -> dict[str, Any]:
    row = dict.fromkeys(EVENTS.names)
    ts = SEEN + timedelta(days=19) + timedelta(minutes=number)
    return {
        **row,
        "event_id": f"{person}-{number}",
        "person": person,
        "kind": kind,
        "ts": ts,
        "effective_ts": ts,
        "item": item,
    }


class Shop:
    """Datasets that can be changed before the stage runs."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self.engine = engine
        self.products = {item: dict(slots) for item, slots in PRODUCTS_BY_ID.items()}
        self.extra_facts: list[dict[str, Any]] = []
        self.first_seen: dict[str, datetime] = {}
        self.people = [person_row(U1), person_row(U2, "en"), person_row(U3), person_row(U4)]
        self.recommendations = [
            rec(U1, 1, "sneakers", reason("bought-together", "tee", 57)),
            rec(U1, 2, "shirt", reason("interest")),
            rec(U1, 1, "jeans", reason("repeat"), "buy_again"),
            rec(U2, 1, "holder", reason("popular", None, 31)),
            rec(U2, 2, "shirt", reason("interest")),
            rec(U3, 1, "holder", reason("similar", "shirt")),
        ]
        self.interests = [
            interest(U1, "attribute", "风格=休闲", 0.6, 3.0),
            interest(U1, "category", "服饰 > T恤", 0.5),
            interest(U1, "keyword", "fashion", 0.4),
            interest(U1, "keyword", "style", 0.3),
            interest(U1, "keyword", "trend", 0.3),
            interest(U2, "keyword", "heart", 0.5),
        ]
        browsed = [("browse", "tee"), ("browse", "jeans"), ("browse", "sneakers")]
        self.events = [
            event(U1, kind, item, n)
            for n, (kind, item) in enumerate([*browsed, ("search", None), ("purchase", "tee"), ("purchase", "jeans")])
        ]

    def publish(self) -> None:
        rows = [*facts_of(self.products), *self.extra_facts]
        products = [
            {
                **dict.fromkeys(PRODUCTS.names),
                "item": item,
                "title": slots.get("title"),
                "first_seen": self.first_seen.get(item, SEEN.replace(year=2020)),
            }
            for item, slots in self.products.items()
        ]
        for name, schema, data in (
            ("facts", FACTS, rows),
            ("products", PRODUCTS, products),
            ("people", PEOPLE, self.people),
            ("interests", INTERESTS, self.interests),
            ("recommendations", RECOMMENDATIONS, self.recommendations),
            ("events", EVENTS, self.events),
        ):
            self.engine.write(pa.Table.from_pylist(data, schema).to_reader(), name)

    def write(
        self, campaign: Campaign, *, settings: CopySettings | None = None, offers: Sequence[Offer] = (), step: int = 0
    ) -> CopyReport:
        return write_messages(
            self.engine, campaign, settings=settings or CopySettings(), offers=offers, step=step, clock=FixedClock(NOW),
            policy=Even(),
        )  # fmt: skip

    def messages(self) -> list[dict[str, Any]]:
        self.engine.table("messages", "messages")
        batches = self.engine.batches("SELECT * FROM messages ORDER BY campaign, step, person")
        return [row for batch in batches for row in batch.to_pylist()]


def campaign(**more: Any) -> Campaign:
    plain = {"name": "june", "start": NOW, "end": NOW + timedelta(days=7), "occasion": "general"}
    return Campaign(**{**plain, **more})


@pytest.fixture
def shop(engine: EmbeddedEngine) -> Shop:
    return Shop(engine)


@pytest.fixture
def run(shop: Shop) -> Callable[..., list[dict[str, Any]]]:
    """Publish the shop, write a campaign (keywords change it), give the messages back."""

    def write(
        settings: CopySettings | None = None, promised: Sequence[Offer] = (), **more: Any
    ) -> list[dict[str, Any]]:
        shop.publish()
        shop.write(campaign(**more), settings=settings, offers=promised)
        return shop.messages()

    return write

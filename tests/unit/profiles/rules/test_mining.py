"""Rules of a shop: planted ones are found, chance ones are not, and odd shops are told why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from siyu.engine import schemas
from siyu.engine.embedded import EmbeddedEngine
from siyu.profiles.rules.mining import mine
from siyu.profiles.settings import RuleSettings

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def _engine(tmp_path: Path, baskets: list[list[str]], *, days: float = 5.0) -> EmbeddedEngine:
    engine = EmbeddedEngine(tmp_path, memory="1GB", threads=1)
    at = (NOW - timedelta(days=days)).replace(tzinfo=None)
    rows: list[dict[str, Any]] = [
        {"event_id": f"{n}-{k}", "person": f"u{n}", "kind": "purchase", "ts": at, "item": item, "order_id": f"o{n}"}
        | {"quantity": 1.0, "source": "test", "effective_ts": at}
        for n, basket in enumerate(baskets)
        for k, item in enumerate(basket)
    ]
    events = pa.Table.from_pylist(
        [{name: row.get(name) for name in schemas.EVENTS.names} for row in rows], schemas.EVENTS
    )
    engine.write(events.to_reader(), "events")
    products = [{"item": item, "category": item[0].upper()} for item in sorted({i for b in baskets for i in b})]
    table = pa.Table.from_pylist([{n: r.get(n) for n in schemas.PRODUCTS.names} for r in products], schemas.PRODUCTS)
    engine.table("products", table)
    return engine


def _rules(engine: EmbeddedEngine, level: str = "item") -> dict[tuple[tuple[str, ...], str], dict[str, Any]]:
    engine.table("rules", "rules")
    rows = [row for batch in engine.batches("SELECT * FROM rules") for row in batch.to_pylist()]
    return {(tuple(sorted(row["items"])), row["then_item"]): row for row in rows if row["level"] == level}


def _chance(count: int, seed: int = 1) -> list[list[str]]:
    draw = np.random.default_rng(seed)
    return [[f"x{k}" for k in np.flatnonzero(draw.random(20) < 0.1)] or ["x0"] for _ in range(count)]


def test_planted_rules_are_found_with_their_measures(tmp_path: Path) -> None:
    baskets = [["bread", "cheese"]] * 40 + [["bread"]] * 10 + _chance(950)
    report = mine(_engine(tmp_path, baskets), RuleSettings(), NOW)
    assert report.baskets == 1000
    engine = EmbeddedEngine(tmp_path, memory="1GB", threads=1)
    found = _rules(engine)
    rule = found[("bread",), "cheese"]
    assert rule["baskets"] == 40
    assert rule["support"] == pytest.approx(0.04)
    assert rule["confidence"] == pytest.approx(40 / 50)
    assert rule["lift"] == pytest.approx((40 / 50) / (40 / 1000))  # 20
    assert rule["leverage"] == pytest.approx(0.04 - 0.05 * 0.04)
    assert rule["conviction"] == pytest.approx((1 - 0.04) / (1 - 0.8))  # 4.8
    assert rule["p"] < 1e-9
    assert _rules(engine, "category")[("B",), "C"]["baskets"] == 40


def test_independent_purchases_make_no_rule(tmp_path: Path) -> None:
    report = mine(_engine(tmp_path, _chance(3000)), RuleSettings(least_gain=-1), NOW)
    # 380 pairs both ways, adjusted: the chance of any false one is about 1 %
    assert dict(report.rules)["item"] == 0
    assert [one.why for one in report.findings] == ["nothing-sure"]


def test_a_rule_that_says_nothing_new_is_left_out(tmp_path: Path) -> None:
    draw = np.random.default_rng(4)
    baskets = [["a", "b", *(["z"] if draw.random() < 0.5 else [])] for _ in range(200)] + [["c"]] * 800
    mine(engine := _engine(tmp_path, baskets), RuleSettings(), NOW)
    found = _rules(engine)
    assert (("a",), "b") in found
    assert (("a", "z"), "b") not in found  # z adds nothing to a


@pytest.mark.parametrize(
    ("baskets", "days", "why"),
    [
        ([], 5.0, "no-baskets"),
        ([["a"]] * 50, 5.0, "single-items"),
        ([["a", "b"]] * 50, 500.0, "no-baskets"),
        ([["a", "b"]] * 3, 5.0, "single-items"),
    ],
)
def test_odd_shops_are_told_why(tmp_path: Path, baskets: list[list[str]], days: float, why: str) -> None:
    report = mine(_engine(tmp_path, baskets, days=days), RuleSettings(), NOW)
    assert report.findings[0].why == why
    assert dict(report.rules) == {"item": 0, "category": 0}


def test_only_the_most_bought_are_looked_at(tmp_path: Path) -> None:
    baskets = [["a", "b"]] * 60 + [["c", "d"]] * 30 + [["e"]] * 900
    mine(engine := _engine(tmp_path, baskets), RuleSettings(most_items=3), NOW)
    assert set(_rules(engine)) == {(("a",), "b"), (("b",), "a")}


def test_a_buyer_of_everything_is_one_basket(tmp_path: Path) -> None:
    baskets = [[f"i{n}" for n in range(3000)]] + [["a", "b"]] * 20 + [["c"]] * 100
    mine(engine := _engine(tmp_path, baskets), RuleSettings(), NOW)
    assert set(_rules(engine)) == {(("a",), "b"), (("b",), "a")}

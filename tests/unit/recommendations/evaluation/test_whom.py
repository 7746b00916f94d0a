"""Recommending for some people only: models learn from everyone, the others get nothing."""

from __future__ import annotations

import pyarrow as pa

from siyu.domain.clock import FixedClock
from siyu.engine import schemas
from siyu.recommendations import RecommendationSettings, recommend

from ..shop import NOW, Shop


def test_only_those_asked_for_are_served_as_they_would_be_among_all(shop: Shop) -> None:
    for number in range(8):
        for week in range(3):
            shop.bought(f"p{number}", f"i{(number + week) % 5}", f"i{(number * week) % 5}", days=2 + 9 * week)
    shop.run()
    everyone = shop.rows()
    whom = pa.table({"person": ["p3", "p5", "nobody"]})
    recommend(shop.engine, RecommendationSettings(refit={"days": 0}), clock=FixedClock(NOW), whom=whom)
    assert shop.rows() == [row for row in everyone if row["person"] in ("p3", "p5")]
    assert {row["person"] for row in shop.rows()} == {"p3", "p5"}


def test_nobody_may_be_asked_for_so_that_models_learn_before_anyone_comes(shop: Shop) -> None:
    for number in range(4):
        shop.bought(f"p{number}", "a", f"b{number % 2}", days=3)
    shop.publish()
    settings = RecommendationSettings(refit={"share": 1.0})
    nobody = pa.table({"person": pa.array([], pa.string())})
    assert recommend(shop.engine, settings, clock=FixedClock(NOW), whom=nobody).refitted
    assert shop.rows() == []
    shop.bought("late", "b0", days=0.1)
    rows = [{name: row.get(name) for name in schemas.EVENTS.names} for row in shop.events[-1:]]
    late = pa.Table.from_pylist(rows, schema=schemas.EVENTS)
    shop.engine.write(late.to_reader(), "events", append=True)
    assert not recommend(shop.engine, settings, clock=FixedClock(NOW)).refitted
    assert {row["person"] for row in shop.rows()} == {"late"}
    assert shop.items("late")[0] == "a"

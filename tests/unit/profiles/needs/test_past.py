"""Features come only from before the moment: rows planted later change nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import numpy as np

from siyu.profiles.needs import affinity
from siyu.profiles.needs.features import COLUMNS
from siyu.profiles.needs.seen import look_back, open_events, see
from siyu.profiles.needs.settings import NeedsSettings

from .conftest import NOW, Market

CUT = (NOW - timedelta(days=60)).replace(tzinfo=None)


def known(market: Market) -> tuple[list[str], dict[str, list[float]]]:
    open_events(market.engine, NOW)
    found = look_back(market.engine, "needs_known", CUT, 30)
    return found.people.tolist(), {name: np.nan_to_num(found.known[name], nan=-1).tolist() for name in COLUMNS}


def tastes(market: Market) -> list[object]:
    open_events(market.engine, NOW)
    market.engine.table("needs_products", "products")
    affinity.number(market.engine, ("Gifts > Cards", "Tools > Saws"), 2)
    see(market.engine, "needs_known", CUT)
    sql = affinity.tastes_sql(CUT)
    rows = [row for batch in market.engine.batches(sql) for row in batch.to_pylist()]
    return sorted((row["person"], row["buys"], sorted(map(repr, row["tastes"]))) for row in rows)


def plant_later(market: Market) -> None:
    """Purchases, looks and searches after the cut, of known and of new people; returns of what was bought before it."""
    people = ["p0001", "p0003", "p0007", "newcomer"]
    for kind in ("purchase", "browse", "cart", "search", "click"):
        market.events(people, [59.999, 40.0, 1.0, 30.0], kind, items=["g1"] * 4, quantity=50, price=999)
    open_events(market.engine, NOW)
    sql = f"SELECT person, effective_ts FROM needs_known WHERE kind = 'purchase' AND ts < TIMESTAMP '{CUT}'"
    bought = [row for batch in market.engine.batches(sql) for row in batch.to_pylist()][:40]
    start = NOW.replace(tzinfo=None)
    effective = [(start - row["effective_ts"]).total_seconds() / 86_400 for row in bought]
    market.events([row["person"] for row in bought], [30.0] * len(bought), "return", effective=effective)


def test_what_was_known_at_a_cut_is_the_same_whatever_came_later(market: Market) -> None:
    market.populate()
    before, liked = known(market), tastes(market)
    assert len(before[0]) > 500
    assert liked
    plant_later(market)
    assert known(market) == before
    assert tastes(market) == liked


def test_what_came_later_is_only_what_came_later(market: Market) -> None:
    market.events(["a", "a", "b", "c"], [61, 50, 70, 61], price=[5, 7, 9, 11])
    market.events(["c"], [20.0])  # 40 days after the cut: beyond the 30 looked at
    open_events(market.engine, NOW)
    found = look_back(market.engine, "needs_known", CUT, 30)
    assert found.people.tolist() == ["a", "b", "c"]
    assert found.after.next_days.tolist() == [10, np.inf, np.inf]
    assert found.after.amount.tolist() == [7, 0, 0]
    assert found.known["recency"].tolist() == [1, 10, 1]
    assert found.known["spend"].tolist() == [5, 9, 11]


def test_a_return_counts_from_the_day_it_is_known(market: Market) -> None:
    """Bought on day 100 and on 80 before now; the first was returned on day 70, ten days before the cut on 60."""
    market.events(["a", "a"], [100, 80], quantity=[2, 1], price=10.0)
    market.events(["a"], [70], "return", effective=[100], quantity=2)
    open_events(market.engine, NOW)
    at_75 = look_back(market.engine, "needs_known", CUT - timedelta(days=15), 30).known
    at_60 = look_back(market.engine, "needs_known", CUT, 30).known
    assert (at_75["buys"].tolist(), at_75["spend"].tolist()) == ([2], [30])
    assert (at_60["buys"].tolist(), at_60["spend"].tolist()) == ([1], [10])


def test_events_later_than_now_change_no_chance(new_market: Callable[[str], Market]) -> None:
    plain, planted = new_market("plain"), new_market("planted")
    for market in (plain, planted):
        market.populate()
    planted.events(["p0001", "p0002", "p0003", "unborn"], [-0.001, -1.0, -20.0, -3.0], quantity=9)
    for market in (plain, planted):
        market.foresee()

    def told(market: Market) -> list[dict[str, object]]:
        return [{name: value for name, value in row.items() if name != "model"} for row in market.rows()]

    assert told(planted) == told(plain)
    affinities = "SELECT * FROM needs_affinity ORDER BY person, rank"
    assert planted.rows(affinities) == plain.rows(affinities)


def test_categories_are_those_of_before(market: Market) -> None:
    """A category first bought after the cut has no chance of its own there."""
    market.products({"old": "Old > Things", "more": "More > Things", "late": "Late > Things"})
    market.events(["a", "b", "c"], [100, 90, 10], items=["old", "more", "late"])
    open_events(market.engine, NOW)
    market.engine.table("needs_products", "products")
    assert affinity.paths(market.engine, "needs_known", CUT, NeedsSettings()) == ("More > Things", "Old > Things")

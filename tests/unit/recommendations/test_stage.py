"""The stage: lanes, time, blocks, blending, diversity, robustness and what it leaves behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from siyu.domain.clock import FixedClock
from siyu.domain.errors import MissingDataError, SettingsError
from siyu.domain.progress import Step
from siyu.engine import manifest, schemas
from siyu.recommendations import RecommendationSettings, recommend
from siyu.recommendations.tables import SCRATCH

from .shop import NOW, Shop, only, write


@pytest.fixture
def market(shop: Shop) -> Shop:
    """Twelve people, eight products bought over sixty days, three lamps looked at."""
    for number in range(12):
        for week in range(6):
            items = {f"i{(number + week) % 8}", f"i{(number * week) % 8}"}
            shop.bought(f"p{number:02}", *sorted(items), days=1 + 9 * week)
        shop.looked(f"p{number:02}", f"lamp{number % 3}", days=0.5)
    return shop


def test_rows_follow_the_schema_and_ranks_count_from_one(market: Shop) -> None:
    market.run()
    market.engine.table("recommendations", "recommendations")
    batch = next(iter(market.engine.batches("SELECT * FROM recommendations")))
    assert [(f.name, f.type) for f in batch.schema] == [(f.name, f.type) for f in schemas.RECOMMENDATIONS]
    ranks: dict[tuple[str, str], list[int]] = {}
    for row in market.rows():
        ranks.setdefault((row["person"], row["lane"]), []).append(row["rank"])
        assert row["reasons"]
        shares = [reason["share"] for reason in row["reasons"]]
        assert shares == sorted(shares, reverse=True)
        assert 0 < sum(shares) <= 1 + 1e-9
    assert len(ranks) == 24
    assert all(found == list(range(1, len(found) + 1)) for found in ranks.values())


@pytest.mark.parametrize(("goal", "lanes"), [("discover", {"discover"}), ("buy_again", {"buy_again"})])
def test_a_goal_is_one_lane(market: Shop, goal: str, lanes: set[str]) -> None:
    report = market.run(goal=goal)
    assert {row["lane"] for row in market.rows()} == lanes == set(report.rows)


def test_the_future_is_not_seen(market: Shop) -> None:
    market.run(days=20)
    then = market.rows()
    market.events = [row for row in market.events if row["ts"] <= (NOW - timedelta(days=20)).replace(tzinfo=None)]
    market.run(days=20)
    assert market.rows() == then
    assert then


def test_blocks_of_people_change_nothing(market: Shop) -> None:
    whole = market.run(refit={"days": 0})
    rows = market.rows()
    parts = market.run(block=5, refit={"days": 0})
    assert market.rows() == rows
    assert replace(parts, why=whole.why) == whole


def test_reports_add_up(market: Shop) -> None:
    report = market.run(top=2)
    rows = market.rows()
    assert (report.people, report.items) == (12, 11)
    assert sum(report.rows.values()) == len(rows) == sum(report.led.values())
    assert report.missing == ("interests", "exclusions")
    for lane, count in report.rows.items():
        assert count == sum(row["lane"] == lane for row in rows)
        assert report.served[lane] == len({row["person"] for row in rows if row["lane"] == lane})
        assert report.offered[lane] == len({row["item"] for row in rows if row["lane"] == lane})
        assert report.candidates[lane] >= count + sum(report.removed[lane].values())


def test_a_weight_of_nothing_leaves_a_model_out(market: Shop) -> None:
    market.run(weights={"popularity": 0.0, "viewed": 1.0})
    assert {row["model"] for row in market.rows()} == {"viewed"}


def test_scores_are_weighted_shares_of_each_models_best(shop: Shop) -> None:
    for number in range(4):
        shop.bought(f"p{number}", "a", days=3)
    shop.bought("p9", "b", days=3)
    shop.looked("q", "b", days=2)
    shop.run(weights={"popularity": 0.6, "viewed": 0.5})
    scores = {row["item"]: row["score"] for row in shop.of("q")}
    # a: 4 buyers, the most: 0.6. b: 1 of 4 buyers, 0.15, and the only product looked at, 0.5.
    assert scores == {"a": pytest.approx(0.6), "b": pytest.approx(0.65)}
    shares = {reason["kind"]: reason["share"] for reason in shop.of("q")[0]["reasons"]}
    assert shares == {
        "viewed": pytest.approx(0.5 / 0.65, abs=1e-4),
        "popular": pytest.approx(0.15 / 0.65, abs=1e-4),
    }


def test_one_category_does_not_fill_the_list(shop: Shop) -> None:
    shop.stock(*({"item": f"cup{n}", "category": "Cups"} for n in range(6)), {"item": "hat", "category": "Hats"})
    for n in range(6):
        for person in range(10 - n):
            shop.bought(f"p{person}", f"cup{n}", days=2)
    shop.bought("p0", "hat", days=2)
    shop.event("cold", "search", None)
    shop.run(weights=only("popularity"), per_category=2)
    # the two best cups, then the hat, then the cups that had to wait: nothing is lost
    assert shop.items("cold") == ["cup0", "cup1", "hat", "cup2", "cup3", "cup4", "cup5"]


def test_products_without_a_category_are_not_one_category(shop: Shop) -> None:
    for n in range(5):
        for person in range(10 - n):
            shop.bought(f"p{person}", f"i{n}", days=2)
    shop.stock({"item": "i4", "category": "Hats"})
    shop.event("cold", "search", None)
    shop.run(weights=only("popularity"), per_category=1)
    assert shop.items("cold") == ["i0", "i1", "i2", "i3", "i4"]


def test_nothing_about_people_is_left_in_working_tables(market: Shop) -> None:
    market.run()
    assert [name for name in SCRATCH if manifest.find(market.engine.root, name)] == []
    kept = {path.name for path in market.engine.root.iterdir() if path.name.startswith("rec_")}
    for name in kept:  # what models leave is about products
        market.engine.table("kept", name)
        batch = next(iter(market.engine.batches("SELECT * FROM kept")), None)  # nothing where nothing was tried
        assert batch is None or "person" not in batch.schema.names
    assert "rec_neighbours" in kept


def test_failure_keeps_the_last_recommendations_and_leaves_no_rows(market: Shop) -> None:
    market.run()
    before = market.rows()

    def stop(step: Step) -> None:
        if step.key == "recommend.score" and step.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        recommend(market.engine, RecommendationSettings(top=1), clock=FixedClock(NOW), progress=stop)
    assert market.rows() == before
    assert [name for name in SCRATCH if manifest.find(market.engine.root, name)] == []


def test_without_events_there_is_nothing_to_read(shop: Shop) -> None:
    with pytest.raises(MissingDataError):
        recommend(shop.engine, RecommendationSettings(), clock=FixedClock(NOW))


@pytest.mark.parametrize(
    ("settings", "goal", "told"),
    [
        ({}, "sell", "Goal 'sell'"),
        ({"weights": {"oracle": 1.0}}, "both", "no recommender called 'oracle'"),
        ({"options": {"oracle": {}}}, "both", "no weight"),
        ({"options": {"popularity": {"kept": 0}}}, "both", "'popularity'"),
        ({"options": {"popularity": {"colour": 1}}}, "both", "'popularity'"),
    ],
)
def test_unknown_settings_are_refused(market: Shop, settings: dict[str, Any], goal: str, told: str) -> None:
    market.publish()
    with pytest.raises(SettingsError, match=told):
        recommend(market.engine, RecommendationSettings(**settings), clock=FixedClock(NOW), goal=goal)


def test_odd_rows_do_not_break_it(shop: Shop) -> None:
    shop.bought("p", "a'b", "中文🙂", days=3, quantity=float("nan"))
    shop.bought("q", "a'b", "中文🙂", days=3, quantity=-1.0)
    shop.bought("r", "a'b", days=2, quantity=1e300)
    shop.event("r", "purchase", "", days=2)
    shop.event("", "purchase", "a'b", days=2)
    shop.event("r", "rating", "a'b", days=1, rating=float("nan"), session_id=None)
    shop.products.pop("", None)
    shop.stock({"item": "a'b", "title": "It's {7*7} %s", "price": float("inf"), "price_band": "9", "stock": 2**40})
    shop.run()
    assert shop.items("r") == ["中文🙂"]


def test_aliases_are_one_person(shop: Shop) -> None:
    shop.looked("anon", "lamp", days=3)
    shop.bought("p", "cup", days=2)
    shop.publish()
    write(
        shop.engine,
        "aliases",
        pa.schema([("alias", pa.string()), ("person", pa.string())]),
        [{"alias": "anon", "person": "p"}],
    )
    report = recommend(shop.engine, RecommendationSettings(), clock=FixedClock(NOW))
    assert report.people == 1
    assert shop.items("p") == ["lamp"]

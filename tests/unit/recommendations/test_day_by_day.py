"""Day by day: what is learnt is used again for a while, and only people with news are scored."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from siyu.domain.clock import FixedClock
from siyu.engine import manifest, schemas
from siyu.recommendations import RecommendationReport, RecommendationSettings, recommend

from .judge import Judge
from .shop import NOW, Row, Shop, moment, only, write
from .test_reasons import random_shop

ALIASES = pa.schema([("alias", pa.string()), ("person", pa.string())])


class Daily(Shop):
    """A shop that is imported day by day: each day appends what came since."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.told = 0

    def day(self, *, days: float = 0.0, **settings: Any) -> RecommendationReport:
        """Append the events not yet told, and recommend as of ``days`` before NOW."""
        rows = [{name: row.get(name) for name in schemas.EVENTS.names} for row in self.events[self.told :]]
        table = pa.Table.from_pylist(rows, schema=schemas.EVENTS)
        if rows or not self.told:
            self.engine.write(table.to_reader(), "events", append=True)
        self.told = len(self.events)
        write(self.engine, "products", schemas.PRODUCTS, self.products.values())
        for name, (schema, found) in self.datasets.items():
            write(self.engine, name, schema, found)
        clock = FixedClock(NOW - timedelta(days=days))
        chosen = {"refit": {"days": 7, "share": 1.0}, **settings}
        return recommend(self.engine, RecommendationSettings(**chosen), clock=clock)

    def meta(self) -> dict[str, Any]:
        """What the dataset says of itself."""
        return dict(manifest.require(self.engine.root, "recommendations").meta)


@pytest.fixture
def daily(tmp_path: Path) -> Daily:
    """A shop of 25 people and 40 products until yesterday noon, scored then."""
    shop = Daily(tmp_path / "tables")
    random_shop(shop, 5)
    late = [row for row in shop.events if row["ts"] > moment(1)]
    shop.events = [row for row in shop.events if row["ts"] <= moment(1)]
    shop.day(days=1)
    assert late
    return shop


def by_person(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["person"], []).append(row)
    return found


def test_only_people_with_news_are_scored(daily: Daily) -> None:
    before = by_person(daily.rows())
    daily.bought("p03", "i07", days=0.5)
    daily.looked("fresh", "i01", days=0.4)
    report = daily.day()
    after = by_person(daily.rows())
    assert (report.touched, report.refitted, report.why) == (2, False, "news")
    assert report.people == len(after)
    assert {person for person in after if after[person] != before.get(person)} == {"p03", "fresh"}
    assert "i07" not in {row["item"] for row in after["p03"] if row["lane"] == "discover"}
    assert sum(report.rows.values()) == len(daily.rows())  # the report tells of what is in force, not of the day


def test_the_dataset_says_what_was_used_again_and_why(daily: Daily) -> None:
    first = daily.meta()
    assert (first["why"], first["scored"]) == ("first", "everyone")
    daily.bought("p03", "i07", days=0.5)
    daily.day()
    meta = daily.meta()
    assert (meta["why"], meta["scored"], meta["as_of"]) == ("news", "touched", NOW.isoformat())
    assert meta["learnt"]["as_of"] == (NOW - timedelta(days=1)).isoformat()


def test_without_news_nothing_changes(daily: Daily) -> None:
    before = daily.rows()
    assert daily.day().touched == 0
    assert daily.rows() == before


def test_a_forced_refit_is_a_full_run(daily: Daily, tmp_path: Path) -> None:
    daily.bought("p03", "i07", "newcomer", days=0.5)
    daily.bought("p04", "i01", days=0.3)
    assert daily.day().touched == 2
    report = daily.day(refit={"days": 0, "share": 1.0})
    assert (report.refitted, report.why, report.touched) == (True, "age", None)
    whole = Daily(tmp_path / "whole")
    whole.events, whole.products = daily.events, daily.products
    whole.day()
    assert daily.rows() == whole.rows()


@pytest.mark.parametrize(
    ("settings", "why", "refitted"),
    [
        ({"refit": {"days": 0.5, "share": 1.0}}, "age", True),
        ({"refit": {"days": 7, "share": 0.0}}, "new-events", True),
        ({"options": {"popularity": {"kept": 7}}}, "settings", True),
        ({"signals": {"cart": 1.0}}, "settings", True),
        ({"top": 3}, "settings", False),
        ({"filters": {"items": ("i01",)}}, "settings", False),
    ],
)
def test_when_everyone_is_scored_anew(daily: Daily, settings: dict[str, Any], why: str, *, refitted: bool) -> None:
    daily.bought("p03", "i07", days=0.5)
    report = daily.day(**settings)
    assert (report.why, report.refitted, report.touched) == (why, refitted, None)
    assert report.people == 25


def test_many_new_products_are_learnt_of(daily: Daily) -> None:
    daily.stock(*({"item": f"new{n}"} for n in range(10)))
    assert daily.day(refit={"days": 7, "share": 0.2}).why == "new-products"  # 10 of 40


def test_an_earlier_moment_is_no_daily_run(daily: Daily) -> None:
    assert daily.day(days=5).why == "backwards"


def test_what_may_not_be_offered_any_more_is_taken_back(daily: Daily) -> None:
    offered = daily.rows()[0]["item"]
    holders = {row["person"] for row in daily.rows() if row["item"] == offered}
    daily.stock({"item": offered, "stock": 0})
    report = daily.day()
    assert report.touched == len(holders) > 0
    assert offered not in {row["item"] for row in daily.rows()}


def test_a_person_who_asked_to_be_spared_a_product_is_scored(daily: Daily) -> None:
    row = daily.rows()[0]
    daily.exclude(row["person"], row["item"])
    assert daily.day().touched == 1
    assert row["item"] not in {found["item"] for found in by_person(daily.rows())[row["person"]]}


def test_a_visitor_who_is_recognised_moves_to_the_person(daily: Daily) -> None:
    daily.looked("visitor", "i33", days=0.9)
    daily.day(days=0.8)
    assert "visitor" in by_person(daily.rows())
    write(daily.engine, "aliases", ALIASES, [{"alias": "visitor", "person": "p03"}])
    assert daily.day().touched == 2
    found = by_person(daily.rows())
    assert "visitor" not in found
    assert "i33" in {reason["item"] for row in found["p03"] for reason in row["reasons"]}


def test_a_late_file_touches_its_people(daily: Daily) -> None:
    daily.bought("p05", "i39", days=90)  # told today, done long ago
    assert daily.day().touched == 1


def test_events_that_lay_in_the_future_are_news_when_their_time_comes(daily: Daily) -> None:
    daily.looked("p06", "i11", days=-1)
    assert daily.day().touched == 0
    later = recommend(
        daily.engine,
        RecommendationSettings(refit={"days": 30, "share": 1.0}),
        clock=FixedClock(NOW + timedelta(days=2)),
    )
    assert later.touched == 1


def test_reasons_told_on_the_day_are_true_then(daily: Daily) -> None:
    import pandas as pd

    daily.looked("p03", "i33", days=0.5)
    daily.day()
    mine = by_person(daily.rows())["p03"]
    judge = Judge(pd.DataFrame(daily.events).assign(rating=[row.get("rating") for row in daily.events]), NOW)
    own = ("viewed", "repeat")  # counted for the person; what others did was counted when models learnt
    checked = judge.check([{**row, "reasons": [r for r in row["reasons"] if r["kind"] in own] or row["reasons"]}
                           for row in mine if any(r["kind"] in own for r in row["reasons"])])  # fmt: skip
    assert checked["viewed"] >= 1


def test_a_run_that_broke_off_while_learning_is_begun_again(daily: Daily, monkeypatch: pytest.MonkeyPatch) -> None:
    from siyu.recommendations.models.popularity import Popularity

    before = daily.rows()

    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Popularity, "fit", broken)
        with pytest.raises(KeyboardInterrupt):
            daily.day(refit={"days": 0, "share": 1.0})
    assert daily.rows() == before
    assert daily.day().why == "first"


def test_one_model_alone_can_be_used_again(tmp_path: Path) -> None:
    shop = Daily(tmp_path / "tables")
    shop.bought("p", "a", "b", days=3)
    shop.day(days=1, weights=only("popularity"))
    shop.bought("q", "a", days=0.5)
    report = shop.day(weights=only("popularity"))
    assert (report.touched, report.refitted) == (1, False)
    assert [row["item"] for row in shop.of("q")] == ["b"]

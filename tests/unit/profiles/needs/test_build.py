"""The stage part on a shop whose truth is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from siyu.domain.errors import MissingDataError, SettingsError
from siyu.engine import manifest, schemas
from siyu.engine.embedded import EmbeddedEngine
from siyu.profiles.needs import artefacts
from siyu.profiles.needs.features import NAMES
from siyu.profiles.needs.report import NeedsReport
from siyu.profiles.needs.settings import NeedsSettings

from .conftest import QUICK, Market


@pytest.fixture
def shop(market: Market) -> Market:
    market.populate()
    return market


@dataclass(frozen=True)
class Learnt:
    """A shop once learnt from; nobody changes it."""

    market: Market
    report: NeedsReport
    rows: list[dict[str, Any]]


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Learnt:
    market = Market(EmbeddedEngine(tmp_path_factory.mktemp("learnt"), memory="1GB", threads=1))
    market.populate()
    report = market.foresee()
    return Learnt(market, report, market.rows())


def test_everybody_known_gets_their_chances(learnt: Learnt) -> None:
    shop, report, rows = learnt.market, learnt.report, learnt.rows
    assert report.mode == "learnt"
    assert report.cause == "first-run"
    assert len(rows) == report.people == 1320
    assert all(0 <= row["buy_30"] <= 1 for row in rows)
    buyers = [row for row in rows if row["person"].startswith("p")]
    strangers = [row for row in rows if row["person"].startswith("s")]
    assert all(0 <= row["churn"] <= 1 and 14 <= row["churn_days"] <= 49 and row["value_12m"] >= 0 for row in buyers)
    assert all(row["churn"] is None and row["value_12m"] is None for row in strangers)
    assert {row["model"] for row in rows} == {report.model}
    assert manifest.require(shop.engine.root, "needs").rows == 1320
    shop.engine.table("needs", "needs")
    assert next(iter(shop.engine.batches("SELECT * FROM needs"))).schema.names == schemas.NEEDS.names


def test_it_is_compared_on_held_out_time_and_beats_chance(learnt: Learnt) -> None:
    report = learnt.report
    for name in ("buy", "churn"):
        found = report.comparisons[name]
        assert {one["learner"] for one in found["learners"]} == set(QUICK["learners"])
        for one in found["learners"]:
            assert one["reporting"]["auc"]["low"] <= one["reporting"]["auc"]["value"] <= one["reporting"]["auc"]["high"]
            assert one["reporting"]["auc"]["value"] > 0.6
        plan, window = found["plan"], found["plan"]["window"]
        moments = [np.datetime64(at) for at in (*plan["train"][::-1], plan["choose"], plan["report"])]
        assert all(np.diff(moments) >= np.timedelta64(window, "D"))  # windows never overlap
        assert sum(one["chosen"] for one in found["learners"]) == 1
        chosen = next(one for one in found["learners"] if one["chosen"])
        assert chosen["equal"]
        assert found["chosen"] == chosen["learner"]
        assert {name for name, _ in found["importance"]} <= set(NAMES)
    assert report.horizons == {"buy": 30, "churn": 49, "value": 365, "affinity": 30}  # churn: a quarter of 199 days
    assert ("churn", "horizon-shortened") in {(one.what, one.why) for one in report.findings}


def test_chances_are_true_on_average(learnt: Learnt) -> None:
    """Calibrated on other people's outcomes, the mean chance is near the share that bought (within 6 points)."""
    found = learnt.report.comparisons["buy"]
    chance = np.average(
        [one["chance"] for one in found["reliability"]], weights=[o["people"] for o in found["reliability"]]
    )
    assert abs(chance - found["happened"]["report"]) < 0.06


def test_drivers_say_what_moves_the_chance(shop: Market) -> None:
    shop.foresee(drivers=2, learners=("logistic-regression",))
    rows = shop.rows()
    told = [one for row in rows for one in row["drivers"]]
    assert {one["chance"] for one in told} == {"buy", "churn"}
    assert {one["name"] for one in told} <= set(NAMES)
    assert all(abs(one["effect"]) <= 1 and one["effect"] != 0 for one in told)
    assert max(sum(one["chance"] == "buy" for one in row["drivers"]) for row in rows) == 2
    strangers = [row for row in rows if row["person"].startswith("s")]
    assert all(one["chance"] == "buy" for row in strangers for one in row["drivers"])


def test_the_next_category_is_foreseen_better_than_by_popularity(learnt: Learnt) -> None:
    shop, figures = learnt.market, learnt.report.affinity["figures"]
    assert figures["learnt"]["auc"]["value"] > figures["popularity"]["auc"]["high"]
    rows = shop.rows("SELECT * FROM needs_affinity ORDER BY person, rank")
    first = {row["person"]: row["category"] for row in rows if row["rank"] == 1}
    gifts = [name for name in first if name.startswith("p") and int(name[1:]) % 2]  # odd people buy gifts
    assert np.mean([first[name] == "Gifts > Cards" for name in gifts]) > 0.9
    assert {row["category"] for row in rows} == {"Gifts > Cards", "Tools > Saws", "Tools > Drills"}


def test_between_refits_only_people_with_news_are_scored(shop: Market) -> None:
    first = shop.foresee(days=3)
    before = {row["person"]: row for row in shop.rows()}
    shop.events(["p0001", "newcomer"], [2.0, 1.5])
    second = shop.foresee(days=1)
    after = {row["person"]: row for row in shop.rows()}
    assert (second.mode, second.cause, second.model) == ("touched", "", first.model)
    touched = {name for name, row in after.items() if before.get(name) != row}
    assert {"p0001", "newcomer"} <= touched
    assert second.people == len(touched) < 200  # and those who bought in the two days between
    assert after["p0001"]["buy_30"] != before["p0001"]["buy_30"]
    assert after["p0001"]["made_at"] > before["p0001"]["made_at"]
    again = shop.foresee(days=1)
    assert (again.mode, again.people) == ("touched", 0)
    assert {row["person"]: row for row in shop.rows()} == after


def test_scoring_the_touched_says_what_scoring_everybody_says(shop: Market) -> None:
    shop.foresee(days=1)
    shop.events(["p0001"], [0.5])
    shop.foresee(days=0.25)
    some = {row["person"]: row for row in shop.rows()}["p0001"]
    shop.engine.drop("needs")
    assert shop.foresee(days=0.25).mode == "everyone"
    whole = {row["person"]: row for row in shop.rows()}["p0001"]
    assert some["buy_30"] == pytest.approx(whole["buy_30"])
    assert some["value_12m"] == pytest.approx(whole["value_12m"])


@pytest.mark.parametrize(
    ("first", "then", "cause"),
    [
        ({"days": 8}, {}, "refit-due"),
        ({}, {"horizon_days": 20}, "settings-changed"),
        ({}, {"days": 2}, "clock-moved-back"),
        ({}, {"anew": True}, "asked"),
        ({"days": 8}, {"refit_days": 30}, ""),
    ],
)
def test_when_it_learns_anew(shop: Market, first: dict[str, object], then: dict[str, object], cause: str) -> None:
    shop.foresee(**first)
    report = shop.foresee(**then)
    assert report.cause == cause
    assert report.mode == ("learnt" if cause else "touched")


def test_aliases_that_moved_score_everybody(shop: Market) -> None:
    shop.foresee()
    table = pa.table({"alias": ["s0001"], "person": ["p0001"]})
    shop.engine.write(pa.RecordBatchReader.from_batches(table.schema, table.to_batches()), "aliases", meta={"moved": 1})
    assert shop.foresee().mode == "everyone"
    assert "s0001" not in {row["person"] for row in shop.rows()}


def test_a_name_found_to_be_anothers_leaves(shop: Market) -> None:
    """Links that are only added touch the two people they join."""
    shop.foresee()
    table = pa.table({"alias": ["s0001"], "person": ["p0001"]})
    shop.engine.write(pa.RecordBatchReader.from_batches(table.schema, table.to_batches()), "aliases")
    report = shop.foresee()
    assert (report.mode, report.people) == ("touched", 2)
    assert "s0001" not in {row["person"] for row in shop.rows()}


def test_the_same_data_say_the_same(new_market: Callable[[str], Market]) -> None:
    one, other = new_market("one"), new_market("other")
    for market in (one, other):
        market.populate(600)
        market.foresee(sample=400)
    assert [row["buy_30"] for row in one.rows()] == [row["buy_30"] for row in other.rows()]


def test_a_sample_is_learnt_from_and_everybody_scored(shop: Market) -> None:
    report = shop.foresee(sample=400)
    assert 300 < report.learnt_from["drawn"] < 500
    assert len(shop.rows()) == 1320


def test_what_is_saved_says_what_it_was_made_of_and_comes_back(shop: Market) -> None:
    report = shop.foresee()
    meta = manifest.require(shop.engine.root, artefacts.DATASET).meta
    assert len(meta["origin"]["data"]) == 64
    assert meta["origin"]["events"] == manifest.require(shop.engine.root, "events").rows
    assert meta["origin"]["settings"]["horizon_days"] == 30
    assert set(meta["origin"]["moments"]) == {"buy", "churn"}
    assert meta["origin"]["moments"]["buy"]["rows"]["train"] > 900
    settings = NeedsSettings.model_validate(QUICK)
    again = artefacts.load(shop.engine, settings)
    assert again is not None
    assert again.version == report.model
    assert again.telling()["comparisons"] == report.comparisons
    before = shop.rows()
    shop.engine.drop("needs")
    shop.foresee()  # by what was saved
    assert [row["buy_30"] for row in shop.rows()] == pytest.approx([row["buy_30"] for row in before])


def test_who_is_erased_from_events_leaves_at_the_next_run(shop: Market) -> None:
    shop.foresee()
    gone = shop.rows("SELECT person FROM needs WHERE person LIKE 'p%' ORDER BY person LIMIT 3")
    shop.engine.table("known", "events")
    names = ", ".join(f"'{row['person']}'" for row in gone)
    shop.engine.write(f"SELECT * FROM known WHERE person NOT IN ({names})", "events")
    report = shop.foresee()
    assert (report.mode, report.cause) == ("everyone", "")  # not learnt anew: what was learnt names nobody
    for dataset in ("needs", "needs_affinity"):
        assert shop.rows(f"SELECT * FROM {dataset} WHERE person IN ({names})") == []
    assert len(shop.rows()) == 1317
    assert shop.foresee().mode == "touched"


def test_it_may_be_off(shop: Market) -> None:
    assert shop.foresee(on=False).mode == "off"
    assert manifest.find(shop.engine.root, "needs") is None


def test_scratch_is_left_nowhere(learnt: Learnt) -> None:
    shop = learnt.market
    left = {path.name for path in shop.engine.root.iterdir() if path.is_dir() and not path.name.startswith(".")}
    assert left == {"events", "products", "needs", "needs_affinity", "needs_model"}


def test_unknown_learners_and_options_are_said(shop: Market) -> None:
    with pytest.raises(SettingsError, match="nobody"):
        shop.foresee(learners=("nobody",))
    with pytest.raises(SettingsError, match="depth"):
        shop.foresee(options={"decision-tree": {"depth": 0}})
    with pytest.raises(SettingsError, match="random-forest"):
        shop.foresee(options={"random-forest": {}})


def test_without_events_it_says_so(market: Market) -> None:
    with pytest.raises(MissingDataError):
        market.foresee()

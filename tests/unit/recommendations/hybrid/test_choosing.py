"""A shop that names no model: models are chosen on its own past, once, from what lies before the cut only."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from siyu.app.cli.sentences import recommended
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.recommendations import tables
from siyu.recommendations.hybrid import choice as record
from siyu.recommendations.hybrid import choosing
from siyu.recommendations.hybrid.choice import Choice, Source
from siyu.recommendations.models.popularity import Popularity
from siyu.recommendations.port import Blocks
from siyu.recommendations.settings import RecommendationSettings

from ..shop import NOW, Shop, moment, only
from .world import PEOPLE, tasteful

QUICK = {"trials": 6, "learned": False}


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, dict[str, Any]]:
    """The shop of tastes after its first run, and what the models saw meanwhile."""
    shop = tasteful(Shop(tmp_path_factory.mktemp("hybrid") / "tables"))
    shop.stock({"item": "t0-00", "stock": 3})
    for number in range(PEOPLE):
        shop.cares(f"p{number:03}", "category", f"known-today-{number}")
    seen: dict[str, Any] = {"latest": [], "outside": []}
    fit = Popularity.fit

    def spying(self: Popularity, engine: Engine, people: Blocks, now: datetime) -> None:
        if engine.root != shop.engine.root:
            seen["latest"] += [int(block.second.max(initial=0)) for block in people()]
            seen["rows"] = {
                name: [row for batch in engine.batches(f"SELECT * FROM {name}") for row in batch.to_pylist()]
                for name in ("events", "products", "rec_interests")
            }
            for name, source in {"dataset": "interests", "files": str(shop.engine.root / "events")}.items():
                try:
                    engine.table("peeped", source)
                    seen["outside"].append(name)
                except Exception as error:
                    seen.setdefault("refused", {})[name] = type(error).__name__
        fit(self, engine, people, now)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Popularity, "fit", spying)
        seen["report"] = shop.run(choose=QUICK)
    return shop, seen


def test_the_models_that_find_the_tastes_win(chosen: tuple[Shop, dict[str, Any]]) -> None:
    shop, seen = chosen
    made = seen["report"].choice
    assert made["source"] == "chosen"
    discover = made["lanes"]["discover"]
    assert discover["people"] == PEOPLE
    assert discover["measure"] >= discover["plain"]
    best = max(made["weights"], key=lambda name: made["weights"][name] * (name in NEIGHBOURS))
    assert best in NEIGHBOURS
    mine = [item for item in shop.items("p000") if item.startswith("t")]
    assert mine[0].startswith("t0-")  # p000 is of taste 0


NEIGHBOURS = {"item_knn", "ease", "item_to_item", "windowed"}


def test_the_command_tells_what_was_chosen(chosen: tuple[Shop, dict[str, Any]]) -> None:
    _, seen = chosen
    made = seen["report"].choice
    told = "\n".join(recommended(seen["report"]))
    assert made["cut"][:10] in told
    assert all(f"{name} {weight:g}" in told for name, weight in made["weights"].items())


def test_nothing_from_after_the_cut_is_seen(chosen: tuple[Shop, dict[str, Any]]) -> None:
    _, seen = chosen
    cut = datetime.fromisoformat(seen["report"].choice["cut"])
    last = max(row["ts"] for row in seen["rows"]["events"])
    assert last <= cut.replace(tzinfo=None)
    assert max(seen["latest"]) <= cut.timestamp()
    # 5 - 7 / 4 = 3.25 days ago was the last purchase, 117.75 days before it the first. 160 buyers are fewer than 500,
    # so the shortest stretch, 14 days, is doubled once: twice would be more than a quarter of the past.
    assert cut == NOW - timedelta(days=3.25 + 28)
    assert [row for row in seen["rows"]["products"] if row["stock"] is not None] == []
    assert [row for row in seen["rows"]["rec_interests"] if "known-today" in row["value"]] == []
    assert seen["outside"] == []
    assert set(seen["refused"]) == {"dataset", "files"}


def test_the_record_tells_what_was_tried(chosen: tuple[Shop, dict[str, Any]]) -> None:
    shop, seen = chosen
    shop.engine.table("trials", "rec_choice")
    rows = [row for batch in shop.engine.batches("SELECT * FROM trials") for row in batch.to_pylist()]
    mine = [row for row in rows if row["lane"] == "discover"]
    assert [row["chosen"] for row in rows].count(True) == 2
    assert {"plain", "baskets"} <= {row["blend"] for row in mine}
    picked = next(row for row in mine if row["chosen"])
    assert set(json.loads(picked["weights"])) <= set(seen["report"].choice["weights"])
    # one standard error: nothing as near to the best is cheaper
    near = [row["cost"] for row in mine if row["behind"] <= row["error"]]
    assert picked["cost"] == min(near)
    assert manifest.require(shop.engine.root, "recommendations").meta["choice"]["source"] == "chosen"


def test_the_same_events_give_the_same_choice(chosen: tuple[Shop, dict[str, Any]]) -> None:
    shop, _ = chosen
    before = _told(record.recorded(shop.engine))
    tables.open_inputs(shop.engine)
    settings = RecommendationSettings(choose=QUICK)  # type: ignore[arg-type]
    again = choosing.choose(shop.engine, settings, "both", NOW)
    assert _told(again) == before


def test_the_clock_ends_it_and_the_record_says_so(chosen: tuple[Shop, dict[str, Any]]) -> None:
    shop, _ = chosen
    tables.open_inputs(shop.engine)
    ticks = count(0, 100)
    settings = RecommendationSettings(choose={**QUICK, "budget": 50})  # type: ignore[arg-type]
    made = choosing.choose(shop.engine, settings, "both", NOW, timer=lambda: float(next(ticks)))
    assert made.cut_short
    # the first rung of each lane, and no more; nobody looks at products here, so `viewed` is not tried
    assert set(made.weights) == {"content", "item_to_item", "popularity", "personal_frequency"}


def _told(choice: Choice | None) -> dict[str, Any]:
    assert choice is not None
    return {name: value for name, value in choice.meta().items() if name != "seconds"}


def version(shop: Shop) -> int:
    return manifest.require(shop.engine.root, "rec_choice").version


def test_a_choice_serves_until_it_is_old(tmp_path: Path) -> None:
    shop = tasteful(Shop(tmp_path / "tables"), 120)
    settings: dict[str, Any] = {"choose": {**QUICK, "days": 10}, "refit": {"days": 0}}
    shop.run(days=3, **settings)
    assert version(shop) == 1
    shop.run(days=1, **settings)  # learns anew, by the same choice
    assert version(shop) == 1
    shop.run(days=-8, **settings)  # eleven days later
    assert version(shop) == 2


def test_too_little_gives_the_plain_defaults(shop: Shop) -> None:
    tasteful(shop, 40)  # fewer than a hundred buyers
    made = shop.run().choice
    assert (made["source"], made["why"]) == ("too-little", "few-buyers")
    assert made["weights"]["item_to_item"] == made["weights"]["popularity"] == 1.0
    assert shop.items("p000")


def test_a_shop_of_one_day_has_no_past(shop: Shop) -> None:
    for number in range(150):
        shop.bought(f"p{number}", f"i{number % 9}", f"i{number % 7}", days=2)
    assert shop.run().choice["why"] in {"no-past", "few-buyers"}


def test_named_weights_switch_it_off(shop: Shop) -> None:
    tasteful(shop, 30)
    made = shop.run(weights=only("popularity")).choice
    assert (made["source"], made["weights"]) == ("named", {"popularity": 1.0})
    assert manifest.find(shop.engine.root, "rec_choice") is None


def test_a_budget_of_nothing_switches_it_off(shop: Shop) -> None:
    tasteful(shop, 120)
    made = shop.run(choose={"budget": 0}).choice
    assert made["source"] == "off"
    assert manifest.find(shop.engine.root, "rec_choice") is None


@pytest.mark.parametrize("meta", [{}, {"format": 1}, {"format": 1, "source": "oracle"}, {"format": 9, "weights": 3}])
def test_a_record_that_cannot_be_read_is_none(shop: Shop, meta: dict[str, Any]) -> None:
    shop.publish()
    shop.engine.write(record.TRIALS.empty_table().to_reader(), "rec_choice", meta=meta)
    assert record.recorded(shop.engine) is None
    shop.bought("ann", "tea", days=3)
    assert shop.run().choice["source"] == "too-little"


def test_options_of_the_shop_stay(shop: Shop) -> None:
    choice = Choice({"ease": 1.0, "windowed": 0.5}, {"ease": {"ridge": 100.0, "recent": 5.0}}, Source.CHOSEN)
    given = RecommendationSettings(options={"ease": {"ridge": 7.0}, "popularity": {}})
    assert choice.settings(given).options == {"ease": {"ridge": 7.0, "recent": 5.0}}
    assert choice.settings(given).weights == {"ease": 1.0, "windowed": 0.5}


def test_people_later_than_now_are_not_there(shop: Shop) -> None:
    tasteful(shop, 120)
    for number in range(120):
        shop.bought(f"p{number:03}", "tomorrow", days=-30)
    made = shop.run(choose=QUICK).choice
    assert datetime.fromisoformat(made["until"]) <= NOW
    assert moment(3.25).replace(tzinfo=UTC) == datetime.fromisoformat(made["until"])

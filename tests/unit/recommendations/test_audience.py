"""The audience of a product: the same scores, filters and reasons as lists, asked from the other side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from siyu.domain.clock import FixedClock
from siyu.domain.errors import InputError, MissingDataError
from siyu.domain.kinds import Lane
from siyu.engine import manifest
from siyu.recommendations import RecommendationSettings
from siyu.recommendations.audience import Audience, audience
from siyu.recommendations.hybrid import training

from .hybrid.world import tasteful
from .shop import NOW, Row, Shop, moment, only

ROOM: dict[str, Any] = {"top": 200, "candidates": 5000, "per_category": 200}
"""Lists that hold every candidate."""


def ask(shop: Shop, item: str, *, best_of: int = 100, anyway: bool = False, **settings: Any) -> Audience:
    return audience(
        shop.engine, RecommendationSettings(**settings), item, clock=FixedClock(NOW), top=best_of, anyway=anyway
    )


def best(found: Audience, lane: str = "discover") -> list[Row]:
    return next(one.best.to_pylist() for one in found.lanes if one.lane == lane)


def people(found: Audience, lane: str = "discover") -> list[str]:
    return [row["person"] for row in best(found, lane)]


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, list[Row]]:
    """Sixty people with habits of their own, among them some who are barred by every filter; and their lists."""
    shop, draw = Shop(Path(tmp_path_factory.mktemp("crowd")) / "tables"), np.random.default_rng(11)
    for number in range(60):
        person = f"p{number:02}"
        for _ in range(draw.integers(1, 7)):
            first = int(draw.integers(0, 12))
            shop.bought(person, f"i{first}", f"i{(first + 1) % 12}", days=float(draw.integers(1, 90)))
        shop.looked(person, f"i{draw.integers(0, 12)}", days=float(draw.integers(1, 20)))
        shop.cares(person, "category", f"C{number % 3}", 0.2 + number % 5 / 10)
        if number % 9 == 0:
            shop.exclude(person, "i3")
        if number % 7 == 0:
            shop.event(person, "rating", "i4", rating=1.0)
    shop.stock(*({"item": f"i{n}", "category": f"C{n % 3}"} for n in range(12)))
    shop.stock({"item": "fresh", "category": "C1", "first_seen": moment(2)})
    shop.run(**ROOM)
    return shop, shop.rows()


@pytest.mark.parametrize("item", ["fresh", "i3", "i4", "i7"])
def test_scores_and_reasons_are_those_of_the_lists(crowd: tuple[Shop, list[Row]], item: str) -> None:
    shop, rows = crowd
    found = ask(shop, item, **ROOM)
    for lane in Lane:
        listed = [row for row in rows if row["item"] == item and row["lane"] == lane]
        listed.sort(key=lambda row: (-row["score"], row["person"]))
        assert best(found, lane) == [row | {"rank": rank} for rank, row in enumerate(listed, 1)]
    assert listed or item == "fresh"


@pytest.mark.parametrize("top", [1, 2, 5])
def test_the_best_few_are_the_first_of_all(crowd: tuple[Shop, list[Row]], top: int) -> None:
    shop, _ = crowd
    for item in ("fresh", "i0", "i5"):
        whole, few = ask(shop, item, block=7, **ROOM), ask(shop, item, best_of=top, block=7, **ROOM)
        for mine, theirs in zip(few.lanes, whole.lanes, strict=True):
            assert mine.best.to_pylist() == theirs.best.to_pylist()[:top]
            assert mine.people == theirs.people
            assert mine.removed == theirs.removed


def test_everyone_barred_is_counted_by_the_first_filter(crowd: tuple[Shop, list[Row]]) -> None:
    shop, _ = crowd
    found = ask(shop, "i3", **ROOM)
    own = {row["person"] for row in shop.events if row["kind"] == "purchase" and row["item"] == "i3"}
    spared = {f"p{number:02}" for number in range(0, 60, 9)}
    discover, again = found.lanes
    assert (found.known, found.buyers) == (60, len(own))
    assert discover.removed == {"already-bought": len(own), "excluded-for-person": len(spared - own)}
    assert len(discover.people) == 60 - len(own | spared)  # popularity speaks for it to everyone
    assert set(again.removed) == {"excluded-for-person"}
    assert {*discover.people.to_pylist(), *again.people.to_pylist()}.isdisjoint(spared)


def test_how_many_lists_hold_it_is_told(crowd: tuple[Shop, list[Row]]) -> None:
    shop, rows = crowd
    for lane in ask(shop, "i7", best_of=1, **ROOM).lanes:
        assert lane.listed == sum(row["item"] == "i7" and row["lane"] == lane.lane for row in rows) > 0


def test_the_price_band_of_a_person_bars(shop: Shop) -> None:
    shop.stock({"item": "dear", "price_band": "5"}, {"item": "cheap", "price_band": "1"})
    shop.bought("saver", "cheap", days=9)
    for number in range(3):
        shop.bought(f"p{number}", "dear", days=3)
    shop.event("stranger", "search", None)
    settings = {"filters": {"price_bands": 1}, "weights": only("popularity")}
    shop.run(**settings)
    found = ask(shop, "dear", **settings)
    assert people(found) == ["stranger"] == [row["person"] for row in shop.rows() if row["item"] == "dear"]
    assert found.lanes[0].removed == {"already-bought": 3, "price-band": 1}


def test_what_no_shelf_has_room_for_is_found_by_interests_all_the_same(shop: Shop) -> None:
    shop.cares("reader", "category", "Books")
    shop.event("reader", "search", None)
    shop.event("other", "search", None)
    shop.bought("buyer", "bestseller")
    shop.stock({"item": "bestseller", "category": "Books"}, {"item": "dusty", "category": "Books"})
    settings = {"weights": only("content"), "options": {"content": {"best_sold": 1, "newest": 0}}}
    shop.run(**settings)
    assert shop.items("reader") == ["bestseller"]
    row = best(ask(shop, "dusty", **settings))[0]
    assert (row["person"], row["score"]) == ("reader", 1.0)
    assert [(reason["kind"], reason["value"]) for reason in row["reasons"]] == [("interest", "Books")]


def test_a_product_that_came_since_models_learnt_is_found_without_learning_anew(shop: Shop) -> None:
    shop.cares("reader", "category", "Books")
    shop.event("reader", "search", None)
    shop.bought("buyer", "old", days=20)
    shop.stock({"item": "old", "category": "Books"})
    shop.run(weights=only("content"))
    shop.stock({"item": "new", "category": "Books", "first_seen": moment(0.5)})
    shop.publish()
    found = ask(shop, "new", weights=only("content"))
    assert people(found) == ["reader"]
    assert {reason["kind"] for reason in best(found)[0]["reasons"]} == {"interest", "new"}


def test_the_latest_events_count_at_once(shop: Shop) -> None:
    for number in range(4):
        shop.bought(f"p{number}", "tea", "pot", days=5)
    shop.event("late", "search", None)
    shop.run(weights=only("item_to_item"))
    assert people(ask(shop, "pot", weights=only("item_to_item"))) == []
    shop.bought("late", "tea", days=0.1)
    shop.publish()
    row = best(ask(shop, "pot", weights=only("item_to_item")))[0]
    assert (row["person"], row["reasons"][0]["item"], row["reasons"][0]["count"]) == ("late", "tea", 4)


def test_the_order_that_was_learnt_over_models_counts_here_too(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("lightgbm")
    monkeypatch.setattr(training, "_LEAST", 50)
    monkeypatch.setattr(training.Rating, "beats", lambda self, other: True)
    settings = ROOM | {"choose": {"trials": 1, "learned": True}}
    tasteful(shop, 120).run(**settings)
    rows = shop.rows()
    used = manifest.require(shop.engine.root, "recommendations").meta["choice"]["learned"]  # type: ignore[index,call-overload]
    assert used["discover"]["used"]
    for item in ("hit-3", "t1-04"):
        for lane in ask(shop, item, best_of=7, **settings).lanes:
            listed = [row for row in rows if row["item"] == item and row["lane"] == lane.lane]
            listed.sort(key=lambda row: (-row["score"], row["person"]))
            assert lane.best.to_pylist() == [row | {"rank": at} for at, row in enumerate(listed[:7], 1)]
            assert len(lane.people) == len(listed)


def test_who_is_due_is_the_audience_of_buying_again(shop: Shop) -> None:
    for person, last in (("due", 30), ("just", 1)):  # both every thirty days
        for days in (last, last + 30, last + 60):
            shop.bought(person, "soap", days=days)
        shop.bought(person, "salt", days=45)  # what they would rather buy has a score of its own
        shop.bought(person, "salt", days=15)
    shop.bought("once", "soap", days=40)
    shop.run()
    found = ask(shop, "soap")
    again = found.lanes[1]
    assert again.lane is Lane.BUY_AGAIN
    assert set(people(found, "buy_again")) == {"due", "just"}
    reason = best(found, "buy_again")[0]["reasons"][0]
    assert (reason["kind"], reason["count"], reason["number"]) == ("repeat", 3, 30.0)


def test_a_product_that_is_barred_has_nobody_and_says_why(shop: Shop) -> None:
    shop.bought("p1", "gone", "there")
    shop.event("stranger", "search", None)
    shop.stock({"item": "gone", "stock": 0})
    shop.run()
    found = ask(shop, "gone")
    assert found.barred == "out-of-stock"
    assert [lane.best.num_rows + len(lane.people) for lane in found.lanes] == [0, 0]
    back = ask(shop, "gone", anyway=True)
    assert (back.barred, back.buyers) == ("out-of-stock", 1)


def test_once_it_is_in_stock_again_the_same_people_hear_of_it(shop: Shop) -> None:
    for number in range(3):
        shop.bought(f"p{number}", "gone", "there")
    shop.looked("fan", "gone")
    shop.stock({"item": "gone", "stock": 0})
    shop.run(weights=only("viewed"))
    assert people(ask(shop, "gone", anyway=True, weights=only("viewed"))) == ["fan"]


def test_what_cannot_be_asked_says_what_to_do(shop: Shop) -> None:
    shop.bought("p1", "thing", "other")
    shop.stock({"item": "later", "first_seen": moment(-3)})
    shop.publish()
    with pytest.raises(MissingDataError, match="siyu recommend"):
        ask(shop, "thing")
    shop.run()
    with pytest.raises(MissingDataError, match="no product 'nothing'"):
        ask(shop, "nothing")
    with pytest.raises(InputError, match="not in force"):
        ask(shop, "later")
    with pytest.raises(MissingDataError, match="changed"):
        ask(shop, "thing", options={"item_to_item": {"least": 7}})
    del shop.products["thing"]
    shop.publish()
    with pytest.raises(MissingDataError, match="the catalogue does not"):
        ask(shop, "thing")


def test_nothing_of_the_question_stays_behind(shop: Shop) -> None:
    shop.bought("p1", "thing", "other")
    shop.run()
    before = sorted(path.name for path in shop.engine.root.iterdir())
    ask(shop, "thing")
    assert sorted(path.name for path in shop.engine.root.iterdir()) == before

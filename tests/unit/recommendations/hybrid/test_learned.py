"""The learned ranker: features by hand, order handed out, taken only where it is better, absent without its package."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import sparse

from siyu.domain.kinds import Lane
from siyu.engine import manifest
from siyu.recommendations.hybrid import features, learned, training
from siyu.recommendations.hybrid.features import Candidates, Renown
from siyu.recommendations.hybrid.learned import Found, Learned, Lesson
from siyu.recommendations.items import Items
from siyu.recommendations.people import DAY, Act, People

from ..shop import Shop
from .world import tasteful

NOW = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp())


def people(*acts: tuple[int, int, Act, float]) -> People:
    """Acts as (row, product, kind, days ago), in the order of people, products, kinds and time."""
    row, item, kind, days = (np.array([act[place] for act in acts]) for place in range(4))
    second = (NOW - days * DAY).astype(np.int64)
    ids = pa.array([f"p{number}" for number in range(int(row.max()) + 1)])
    signal = (1.0, 3.0, 2.0, 3.0, 3.0, 0.0, 5.0, 0.0)
    return People(ids, row, item, kind.astype(np.int8), second, np.zeros(len(row), np.int32), NOW, signal)


def items(category: list[int], band: list[int]) -> Items:
    size = len(category)
    return Items(
        pa.array([f"i{number}" for number in range(size)]), np.ones(size, bool), np.array(category),
        np.array(band, np.int8), np.full(size, -1),
    )  # fmt: skip


ACTS = [
    (0, 0, Act.PURCHASE, 40.0),
    (0, 0, Act.PURCHASE, 30.0),
    (0, 0, Act.PURCHASE, 10.0),
    (0, 1, Act.BROWSE, 2.0),
    (1, 1, Act.PURCHASE, 5.0),
]


def test_features_are_what_the_acts_say() -> None:
    crowd, goods = people(*ACTS), items([0, 0, 1], [3, 5, 1])
    renown = Renown.of([crowd], 3)
    # of person 0: product 0 (bought thrice, last 10 days ago, 15 days apart) and product 2 (never seen)
    known = Candidates(
        crowd, goods, renown, np.array([0, 0, 1]), np.array([0, 2, 0]), np.array([0, 1, 0]),
        np.array([1.0, 0.5, 1.0]), {"due": np.array([1.0, 0.0, 0.2])},
    )  # fmt: skip
    table = features.table(Lane.BUY_AGAIN, known)
    told = dict(zip(features.names(Lane.BUY_AGAIN, ["due"]), table.T.tolist(), strict=True))
    assert told["said.due"] == [1.0, 0.0, 0.2]
    assert told["times"] == [3.0, 0.0, 0.0]
    assert told["last"] == [10.0, 3650.0, 3650.0]
    assert told["first"] == [40.0, 0.0, 0.0]
    assert told["rhythm"] == pytest.approx([10 / 15, -1.0, -1.0])
    assert told["purchases"] == [3.0, 3.0, 1.0]
    assert told["last_visit"] == [2.0, 2.0, 5.0]
    assert told["dearer"] == [0.0, -2.0, -2.0]  # usual bands 3 and 5
    assert told["fondness"] == pytest.approx([1.0, 0.0, 1.0])  # all signals went to category 0
    # one buyer each is usual; of purchases of the last 30 days (the 30th counts) product 0 has two, product 1 one
    assert told["ever"] == [0.0, -4.0, 0.0]
    assert renown.again.tolist() == [10.0, 0.0, 0.0]


def test_features_of_nobody_and_nothing() -> None:
    goods = items([0], [0])
    nobody = People(pa.array(["p"]), *(np.zeros(0, np.int64) for _ in range(5)), NOW, (1.0,) * 8)
    renown = Renown.of([nobody], 1)
    one = np.array([0])
    known = Candidates(nobody, goods, renown, one, one, one, np.array([1.0]), {"due": np.array([1.0])})
    for lane in Lane:
        assert np.isfinite(features.table(lane, known)).all()


def test_scores_are_handed_out_in_the_new_order() -> None:
    score = sparse.csr_array(np.array([[0.0, 3.0, 2.0, 1.0], [5.0, 0.0, 4.0, 0.0]]))
    crowd, goods = people(*ACTS), items([0] * 4, [0] * 4)
    row, item, place = np.array([0, 0, 0, 1, 1]), np.array([1, 2, 3, 0, 2]), np.array([0, 1, 2, 0, 1])
    known = Candidates(crowd, goods, Renown.of([crowd], 4), row, item, place, np.ones(5), {})
    made = learned.handed_out(score, Found(known, np.arange(5)), np.array([0.1, 0.3, 0.2, 0.7, 0.7]))
    # person 0: product 2, then 3, then 1; person 1: equal, so they stay
    assert made.toarray().tolist() == [[0.0, 1.0, 3.0, 2.0], [5.0, 0.0, 4.0, 0.0]]


def test_trees_learn_what_sets_bought_products_apart_and_travel() -> None:
    pytest.importorskip("lightgbm")
    random = np.random.default_rng(1)
    row = np.repeat(np.arange(300), 20)
    table = random.random((len(row), 3))
    bought = (table[:, 1] > 0.8).astype(np.int64)  # the second feature decides
    lesson = Lesson(table, bought, row, np.tile(np.arange(20), 300), np.zeros(len(row), np.int64))
    text = learned.trees(lesson, ["one", "two", "three"])
    said = learned.predicted(text, lesson)
    assert said[bought == 1].mean() > said[bought == 0].mean() + 1
    assert text == learned.trees(lesson, ["one", "two", "three"])
    nothing = np.zeros(0)
    made = Learned(Lane.DISCOVER, text, ("x",), Renown(nothing, nothing, nothing, nothing))
    made._trees  # noqa: B018 - as after use on this machine
    assert pickle.loads(pickle.dumps(made)).text == text


def test_two_stretches_make_one_lesson() -> None:
    one = Lesson(np.zeros((2, 1)), np.array([1, 0]), np.array([0, 0]), np.array([0, 1]), np.array([5, 6]))
    both = one.after(one)
    assert both.row.tolist() == [0, 0, 1, 1]
    assert both.groups.tolist() == [2, 2]


def test_without_the_package_the_record_says_what_to_install(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learned, "installed", lambda: False)
    tasteful(shop, 120)
    made = shop.run(choose={"trials": 1, "learned": True}).choice
    told = made["learned"]["discover"]
    assert (told["used"], told["why"]) == (False, "not-installed")
    assert told["next_step"] == "pip install 'siyu[learned]'"
    assert manifest.find(shop.engine.root, "rec_learned") is None


def test_trees_in_use_order_the_lists_and_reasons_stay(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("lightgbm")
    monkeypatch.setattr(training, "_LEAST", 50)
    monkeypatch.setattr(training.Rating, "beats", lambda self, other: True)
    tasteful(shop, 120)
    plain = shop.run(choose={"trials": 1, "learned": False})
    lists = {(row["person"], row["lane"], row["item"]): row for row in shop.rows()}
    made: dict[str, Any] = dict(shop.run(choose={"trials": 1, "learned": True}, refit={"days": 0}).choice)
    assert plain.choice["weights"] == made["weights"]
    assert made["learned"]["discover"]["used"]
    meta = manifest.require(shop.engine.root, "rec_learned").meta
    assert meta["cut"] == made["cut"]
    rows = shop.rows()
    for before, after in pairwise(rows):
        if (before["person"], before["lane"]) == (after["person"], after["lane"]):
            assert before["score"] >= after["score"]
    same = [(row, lists[key]) for row in rows if (key := (row["person"], row["lane"], row["item"])) in lists]
    assert len(same) > 100
    for row, other in same:
        assert row["reasons"] == other["reasons"]
    assert [row["rank"] for row, _ in same] != [other["rank"] for _, other in same]
    shop.run(choose={"trials": 1, "learned": False}, refit={"days": 0})
    assert manifest.find(shop.engine.root, "rec_learned") is None  # switched off: nothing stays

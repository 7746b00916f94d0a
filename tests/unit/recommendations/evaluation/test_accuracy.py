"""Accuracy against another library, plain loops and figures derived by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import pytrec_eval
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, ndcg_score

from siyu.recommendations.evaluation import Truth, accuracy, breadth
from siyu.recommendations.evaluation.breadth import Own

ITEMS = 12


@st.composite
def cases(draw: st.DrawFn) -> tuple[np.ndarray, list[set[int]]]:
    count = draw(st.integers(1, 6))
    ranked = np.full((count, 8), -1)
    wanted: list[set[int]] = []
    for row in range(count):
        length = draw(st.integers(0, 8))
        ranked[row, :length] = draw(st.permutations(range(ITEMS)))[:length]
        wanted.append(draw(st.sets(st.integers(0, ITEMS - 1), max_size=ITEMS)))
    return ranked, wanted


def truth_of(wanted: list[set[int]]) -> Truth:
    pairs = [(query, item) for query, items in enumerate(wanted) for item in items]
    queries, items = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    return Truth.of(queries, items, len(wanted))


@given(cases(), st.integers(1, 10))
def test_every_measure_equals_its_definition_written_as_loops(
    case: tuple[np.ndarray, list[set[int]]], places: int
) -> None:
    ranked, wanted = case
    found = accuracy(ranked, truth_of(wanted), places=places)
    rows = [
        ([item for item in row[:places].tolist() if item >= 0], items)
        for row, items in zip(ranked, wanted, strict=True)
        if items
    ]
    for index, (row, items) in enumerate(rows):
        right = [place for place, item in enumerate(row, start=1) if item in items]
        best = sum(1 / math.log2(place + 1) for place in range(1, min(places, len(items)) + 1))
        expected = {
            "hit": float(bool(right)),
            "precision": len(right) / places,
            "recall": len(right) / len(items),
            "ndcg": sum(1 / math.log2(place + 1) for place in right) / best,
            "mrr": 1 / right[0] if right else 0.0,
            "map": sum((n + 1) / place for n, place in enumerate(right)) / min(places, len(items)),
        }
        assert {name: values[index] for name, values in found.items()} == pytest.approx(expected)
    assert all(values.size == len(rows) for values in found.values())


def test_ndcg_and_map_agree_with_scikit_learn() -> None:
    draw = np.random.default_rng(5)
    scores = draw.permuted(np.tile(np.arange(ITEMS), (40, 1)), axis=1)
    relevant = draw.random((40, ITEMS)) < 0.3
    relevant[:, 0] |= ~relevant.any(axis=1)
    ranked = np.argsort(-scores, axis=1)
    queries, items = np.nonzero(relevant)
    truth = Truth.of(queries, items, 40)
    # over the whole list, gain and discount of the textbook are scikit-learn's
    assert accuracy(ranked, truth, places=ITEMS)["ndcg"].mean() == pytest.approx(ndcg_score(relevant, scores))
    average = [average_precision_score(row, score) for row, score in zip(relevant, scores, strict=True)]
    assert accuracy(ranked, truth, places=ITEMS)["map"] == pytest.approx(average)


@given(cases(), st.integers(1, 8))
@settings(max_examples=60)
def test_measures_agree_with_trec_eval(case: tuple[np.ndarray, list[set[int]]], places: int) -> None:
    ranked, wanted = case
    found = accuracy(ranked, truth_of(wanted), places=places)
    asked = [number for number, items in enumerate(wanted) if items]
    relevant = {f"q{number}": {f"d{item}": 1 for item in wanted[number]} for number in asked}
    lists = {
        f"q{number}": {f"d{item}": float(20 - place) for place, item in enumerate(ranked[number, :places]) if item >= 0}
        for number in asked
    }
    names = {"recall": f"recall_{places}", "precision": f"P_{places}", "ndcg": f"ndcg_cut_{places}",
             "hit": f"success_{places}", "map": f"map_cut_{places}", "mrr": "recip_rank"}  # fmt: skip
    judge = pytrec_eval.RelevanceEvaluator(relevant, set(names.values()))
    theirs = judge.evaluate(lists)
    for at, number in enumerate(asked):
        for name, trec in names.items():
            expected = theirs.get(f"q{number}", {}).get(trec, 0.0)  # it leaves out queries with an empty list
            if name == "map":  # it divides by all that is relevant, we by what a list of this length can hold
                expected *= len(wanted[number]) / min(len(wanted[number]), places)
            assert found[name][at] == pytest.approx(expected), (name, number)


def test_a_perfect_list_is_perfect_and_a_wrong_one_worth_nothing() -> None:
    truth = truth_of([{1, 2}, {3}])
    perfect = accuracy(np.array([[1, 2, 9], [3, 4, 5]]), truth, places=3)
    assert {name: values.tolist() for name, values in perfect.items() if name not in ("precision", "mrr")} == {
        name: [1.0, 1.0] for name in ("hit", "recall", "ndcg", "map")
    }
    wrong = accuracy(np.array([[3, 4, 5], [1, 2, 9]]), truth, places=3)
    assert all(not values.any() for values in wrong.values())


def test_people_who_did_nothing_later_count_for_nothing() -> None:
    found = accuracy(np.array([[1], [1]]), truth_of([set(), {1}]), places=1)
    assert found["hit"].tolist() == [1.0]


def test_nobody_and_nothing() -> None:
    empty = np.empty((0, 3), dtype=np.int64)
    assert accuracy(empty, truth_of([]), places=3)["hit"].size == 0
    assert breadth(empty, np.array([1]), people=1) == {}
    assert breadth(np.array([[-1]]), np.array([1]), people=1) == {}


def test_lists_without_categories_or_with_one_place_have_no_diversity() -> None:
    ranked, buyers = np.array([[0, 1], [1, -1]]), np.array([2, 1])
    assert "diversity" not in breadth(ranked, buyers, people=3, kinds=np.array([-1, -1]))
    assert "diversity" not in breadth(ranked[:, :1], buyers, people=3, kinds=np.array([0, 1]))
    # the first list: two places, two kinds, 1 of 1 pairs differs; the second has no pair
    assert breadth(ranked, buyers, people=3, kinds=np.array([0, -1]))["diversity"] == 1.0


def test_breadth_at_its_ends() -> None:
    buyers = np.array([50, 10, 5, 1])
    same = breadth(np.zeros((10, 1), dtype=np.int64), buyers, people=100, kinds=np.zeros(4, dtype=np.int64))
    # one of four items takes all places: coverage 1/4, Gini 1 - 1/4; half the people had it: 1 bit; percentile 7/8
    assert same == pytest.approx({"coverage": 0.25, "gini": 0.75, "novelty": 1.0, "popularity": 0.875})
    even = breadth(np.array([[0, 1, 2, 3]] * 5), buyers, people=100, kinds=np.arange(4))
    assert (even["coverage"], even["gini"], even["diversity"], even["popularity"]) == pytest.approx((1, 0, 1, 0.5))


def test_miscalibration_by_hand() -> None:
    """The first had half of each of two kinds and is shown the first kind alone: .5 ln(.5 / (.99 + .005)) +
    .5 ln(.5 / .005) = 1.9585. The second is shown what they had, of the third nothing is known.
    """
    own = Own(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([0.5, 0.5, 1.0]))
    ranked, kinds = np.array([[0, 1], [0, -1], [2, -1]]), np.array([0, 0, 1])
    found = breadth(ranked, np.array([3, 2, 1]), people=3, kinds=kinds, own=own)
    assert found["miscalibration"] == pytest.approx((1.9585 + 0.0) / 2, abs=1e-4)
    second = own.of(np.array([False, True, True]))
    assert (second.query.tolist(), second.share.tolist()) == ([0], [1.0])
    assert breadth(ranked[1:], np.array([3, 2, 1]), people=3, kinds=kinds, own=second)["miscalibration"] == 0.0

"""Itemsets and rules against plain counting, a published library's figure and tables worked by hand."""

from __future__ import annotations

from itertools import combinations
from math import comb, inf
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.profiles.rules import itemsets as module
from siyu.profiles.rules.baskets import Baskets
from siyu.profiles.rules.itemsets import frequent_itemsets
from siyu.profiles.rules.measures import rules

SHOPS = st.lists(st.sets(st.integers(0, 9), max_size=8), min_size=1, max_size=30)


def flat(shop: list[set[int]]) -> tuple[np.ndarray, np.ndarray]:
    pairs = [(basket, item) for basket, items in enumerate(shop) for item in items]
    return np.array([b for b, _ in pairs], dtype=np.int64), np.array([i for _, i in pairs], dtype=np.int64)


def counted(shop: list[set[int]], least: int, most: int) -> dict[tuple[int, ...], int]:
    """Every subset, counted one by one."""
    items = sorted(set().union(*shop))
    every = (part for size in range(1, most + 1) for part in combinations(items, size))
    counts = {part: sum(set(part) <= basket for basket in shop) for part in every}
    return {part: count for part, count in counts.items() if count >= least}


def mined(shop: list[set[int]], least: int, most: int) -> dict[tuple[int, ...], int]:
    baskets = Baskets.of(*flat(shop), count=len(shop), least=least)
    return {
        tuple(row): count
        for sets in frequent_itemsets(baskets, least=least, most_items=most)
        for row, count in zip(sets.items.tolist(), sets.counts.tolist(), strict=True)
    }


@given(SHOPS, st.integers(1, 5), st.integers(1, 6))
def test_exactly_the_frequent_sets_are_found(shop: list[set[int]], least: int, most: int) -> None:
    assert mined(shop, least, most) == counted(shop, least, most)


@given(SHOPS, st.integers(1, 3))
def test_work_in_small_pieces_finds_the_same(shop: list[set[int]], least: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, size in (("_ENTRIES", 7), ("_WORDS", 3), ("_SMALL", 0)):
            patch.setattr(module, name, size)
        assert mined(shop, least, 6) == counted(shop, least, 6)


def test_published_baskets(real_data: Path) -> None:
    rows = [np.array(line.split(), dtype=np.int64) for line in (real_data / "baskets" / "T10I4D100K.dat").open()]
    which = np.repeat(np.arange(len(rows)), [row.size for row in rows])
    baskets = Baskets.of(which, np.concatenate(rows), count=len(rows), least=100)
    found = frequent_itemsets(baskets, least=100, most_items=20)
    assert sum(sets.counts.size for sets in found) == 27_532  # pyfim 6.28, fpgrowth and eclat, supp=-100


# Ten baskets: bread (0) in 6, butter (1) in 5, both in 4; tea (2) in 2, with bread in 1.
TEN = [{0, 1}] * 4 + [{0}] + [{0, 2}] + [{1}] + [{2}] + [set(), set()]


def test_measures_of_a_table_worked_by_hand() -> None:
    baskets = Baskets.of(*flat(TEN), count=10, least=2)
    found = rules(frequent_itemsets(baskets, least=2), baskets=10, most_p=1)
    of = {(row[0], then): at for at, (row, then) in enumerate(zip(found.items.tolist(), found.then, strict=True))}
    at = of[0, 1]
    assert (found.baskets[at], found.support[at]) == (4, 0.4)
    assert found.confidence[at] == pytest.approx(4 / 6)
    assert found.lift[at] == pytest.approx(4 / 6 / 0.5)
    assert found.leverage[at] == pytest.approx(0.4 - 0.6 * 0.5)
    assert found.conviction[at] == pytest.approx(0.5 / (1 - 4 / 6))
    # P(at least 4 of the 5 butters among the 6 breads) = (C(6,4) C(4,1) + C(6,5) C(4,0)) / C(10,5) = 66 / 252
    assert found.p[at] == pytest.approx(66 / comb(10, 5))
    assert found.conviction[of[1, 0]] == pytest.approx(0.4 / (1 - 4 / 5))


def test_a_rule_that_never_fails_has_infinite_conviction() -> None:
    shop = [{0, 1}] * 3 + [{1}, {2}]
    found = rules(frequent_itemsets(Baskets.of(*flat(shop), count=5, least=1), least=1), baskets=5, most_p=1)
    assert inf in found.conviction.tolist()


@given(SHOPS)
def test_gain_is_over_the_best_simpler_rule(shop: list[set[int]]) -> None:
    counts = counted(shop, 1, 5)
    baskets = Baskets.of(*flat(shop), count=len(shop), least=1)
    found = rules(frequent_itemsets(baskets, least=1, most_items=5), baskets=len(shop), most_p=1, least_gain=-2)
    assert found.then.size == sum(len(part) for part in counts if len(part) > 1)
    for row, then, confidence, gain in zip(found.items.tolist(), found.then, found.confidence, found.gain, strict=True):
        left = [item for item in row if item >= 0]
        simpler = [counts[then,] / len(shop)]
        for size in range(1, len(left)):
            parts = combinations(left, size)
            simpler.extend(counts[tuple(sorted((*part, then)))] / counts[part] for part in parts)
        assert gain == pytest.approx(confidence - max(simpler))


def test_baskets_filled_at_random_give_no_rules() -> None:
    draw = np.random.default_rng(11)
    held = draw.random((4_000, 40)) < draw.uniform(0.02, 0.2, 40)
    which, items = np.nonzero(held)
    found = frequent_itemsets(Baskets.of(which, items, count=4_000, least=20), least=20)
    assert sum(sets.counts.size for sets in found[1:]) > 500
    # false discoveries among true nulls: at .05 a run finds any with a chance of at most .05 (all hypotheses null)
    assert rules(found, baskets=4_000, most_p=0.05).then.size == 0


@pytest.mark.parametrize("shop", [[set()], [{3}], [{3}, {3}], [set(), {1, 2}]])
def test_too_little_gives_nothing(shop: list[set[int]]) -> None:
    found = frequent_itemsets(Baskets.of(*flat(shop), count=len(shop), least=2), least=2)
    assert rules(found, baskets=len(shop)).then.size == 0

"""Comparison within strata: against Fisher, against full enumeration, against a confounder, and in repeated draws."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import fisher_exact
from statsmodels.stats.contingency_tables import StratifiedTable

from siyu.reports import strata
from siyu.reports.strata import share_difference_within
from siyu.stats.estimate import Estimate, Lack, NotEnough


def _one_stratum(a: int, n1: int, c: int, n0: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    success = np.repeat([True, False, True, False], [a, n1 - a, c, n0 - c])
    return success, np.arange(n1 + n0) < n1, np.zeros(n1 + n0, dtype=np.int64)


@pytest.mark.parametrize("table", [(3, 10, 1, 10), (0, 7, 5, 9), (20, 60, 31, 140), (1, 2, 1, 30)])
def test_one_stratum_is_fishers_test_and_walds_variance(table: tuple[int, int, int, int]) -> None:
    a, n1, c, n0 = table
    found = share_difference_within(*_one_stratum(*table))
    assert isinstance(found, Estimate)
    assert found.p == pytest.approx(fisher_exact([[a, n1 - a], [c, n0 - c]]).pvalue, rel=1e-9)
    assert found.value == pytest.approx(a / n1 - c / n0)
    # In one stratum Sato's variance is p1 q1 / n1 + p0 q0 / n0: RD P + Q over the squared weight, expanded by hand.
    spread = np.sqrt((a / n1) * (1 - a / n1) / n1 + (c / n0) * (1 - c / n0) / n0)
    assert found.value - found.low == pytest.approx(1.959963985 * spread, rel=1e-6)


def test_exact_p_over_two_strata_is_that_of_every_way_to_deal() -> None:
    # Stratum 0: people 0-3, two exposed; stratum 1: people 4-6, one exposed. 6 x 3 = 18 equally likely ways.
    success = np.array([True, True, False, False, True, False, False])
    codes = np.array([0, 0, 0, 0, 1, 1, 1])
    exposed = np.array([True, False, True, False, True, False, False])
    totals = [
        sum(success[i] for i in first) + success[4 + second]
        for first in {tuple(sorted(pick[:2])) for pick in permutations(range(4))}
        for second in range(3)
    ]
    chance = {total: totals.count(total) / 18 for total in set(totals)}
    observed = int(success[exposed].sum())
    expected = sum(p for p in chance.values() if p <= chance[observed] * (1 + 1e-9))
    found = share_difference_within(success, exposed, codes)
    assert isinstance(found, Estimate)
    assert found.p == pytest.approx(expected)
    # By hand: totals 0 to 3 in 2, 9, 6 and 1 of the 18 ways; 2 was seen, and 0 and 3 are no likelier.
    assert expected == pytest.approx(9 / 18)


def test_a_confounder_is_not_an_effect() -> None:
    # 80 % of the eager got the line, 20 % of the others; the eager click at 30 %, the others at 3 %, whatever they got.
    draw = np.random.default_rng(4)
    eager = draw.random(4_000) < 0.5
    exposed = draw.random(4_000) < np.where(eager, 0.8, 0.2)
    success = draw.random(4_000) < np.where(eager, 0.3, 0.03)
    plain = share_difference_within(success, exposed, np.zeros(4_000, dtype=np.int64))
    fair = share_difference_within(success, exposed, eager.astype(np.int64))
    assert isinstance(plain, Estimate)
    assert isinstance(fair, Estimate)
    assert plain.low > 0.1
    assert fair.low < 0 < fair.high


def test_large_tables_use_cochran_mantel_haenszel() -> None:
    draw = np.random.default_rng(8)
    codes = draw.integers(0, 3, 40_000)
    exposed = draw.random(40_000) < 0.4
    success = draw.random(40_000) < 0.2 + 0.1 * codes + 0.004 * exposed
    tables = strata._tables(success, exposed, codes)
    assert (np.minimum(tables.ours, tables.successes)).sum() > strata._MOST_EXACT
    judge = StratifiedTable(
        [
            np.array([[a, n1 - a], [c, n0 - c]])
            for a, n1, c, n0 in zip(
                tables.our_successes, tables.ours, tables.their_successes, tables.theirs, strict=True
            )
        ]
    )
    found = share_difference_within(success, exposed, codes)
    assert isinstance(found, Estimate)
    assert found.p == pytest.approx(judge.test_null_odds(correction=False).pvalue, rel=1e-9)


@pytest.mark.slow
def test_intervals_cover_and_false_alarms_keep_to_their_level_in_small_strata() -> None:
    draw = np.random.default_rng(12)
    codes = np.repeat(np.arange(60), 8)
    base = np.repeat(draw.uniform(0.05, 0.4, 60), 8)
    covered = alarms = 0
    for _ in range(400):
        exposed = draw.random(480) < 0.3
        found = share_difference_within(draw.random(480) < base + 0.1 * exposed, exposed, codes)
        nothing = share_difference_within(draw.random(480) < base, exposed, codes)
        assert isinstance(found, Estimate)
        assert isinstance(nothing, Estimate)
        covered += found.low <= 0.1 <= found.high
        alarms += (nothing.p or 0) <= 0.05
    assert covered >= 0.95 * 400 - 3 * np.sqrt(400 * 0.95 * 0.05)
    assert alarms <= 0.05 * 400 + 3 * np.sqrt(400 * 0.95 * 0.05)


@pytest.mark.parametrize(
    ("success", "exposed", "codes", "why"),
    [
        ([], [], [], Lack.EMPTY),
        ([True, False], [True, True], [0, 0], Lack.EMPTY),
        ([True, False, True], [True, True, False], [0, 0, 1], Lack.EMPTY),
        ([True, False], [True, False], [0, 0], Lack.SINGLE),
        ([False] * 6, [True, False] * 3, [0] * 6, Lack.NO_VARIANCE),
    ],
)
def test_nothing_to_compare(success: list[bool], exposed: list[bool], codes: list[int], why: Lack) -> None:
    arrays = np.array(success, np.bool_), np.array(exposed, np.bool_), np.array(codes, np.int64)
    assert share_difference_within(*arrays) == NotEnough(why)

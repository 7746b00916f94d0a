"""Bootstrap over people: against theory, against SciPy's own, and its laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from siyu.recommendations.evaluation.intervals import resampled
from siyu.stats.estimate import Estimate, NotEnough


def ones(values: np.ndarray) -> np.ndarray:
    return np.ones_like(values)


def test_the_interval_of_a_mean_is_scipys() -> None:
    values = np.random.default_rng(3).exponential(1.0, (400, 1))
    mine = resampled(values, ones(values), seed=1, resamples=4000).interval(0, level=0.95)
    theirs = stats.bootstrap(
        (values[:, 0],), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(2)
    ).confidence_interval
    assert isinstance(mine, Estimate)
    width = theirs.high - theirs.low
    assert (mine.low, mine.high) == pytest.approx((theirs.low, theirs.high), abs=0.05 * width)


def test_it_covers_the_truth_as_often_as_it_says() -> None:
    draw, hits = np.random.default_rng(7), 0
    for seed in range(300):
        values = (draw.random((150, 1)) < 0.3).astype(float)
        found = resampled(values, ones(values), seed=seed, resamples=300).interval(0, level=0.9)
        hits += isinstance(found, Estimate) and found.low <= 0.3 <= found.high
    assert 0.85 <= hits / 300 <= 0.95  # 90 % in 300 draws: two standard errors are .035


def test_a_paired_difference_is_narrower_than_two_intervals_apart() -> None:
    draw = np.random.default_rng(5)
    shared = draw.normal(0, 1, 500)
    both = np.column_stack([shared + 0.1 + draw.normal(0, 0.1, 500), shared])
    found = resampled(both, ones(both), seed=1, resamples=2000)
    gap, alone = found.difference(0, 1, level=0.95), found.interval(0, level=0.95)
    assert isinstance(gap, Estimate)
    assert isinstance(alone, Estimate)
    # standard errors: .1 / sqrt(500) = .0045 against 1 / sqrt(500) = .045
    assert (gap.high - gap.low) / 2 == pytest.approx(1.96 * 0.1 / np.sqrt(500), rel=0.15)
    assert (alone.high - alone.low) / 2 == pytest.approx(1.96 / np.sqrt(500), rel=0.15)
    assert gap.low > 0


def test_a_ratio_is_of_sums() -> None:
    above, below = np.array([[1.0], [9.0]]), np.array([[1.0], [3.0]])
    assert resampled(above, below, seed=1, resamples=10).value[0] == pytest.approx(2.5)  # 10 / 4, not the mean of 1, 3


@given(st.integers(1, 40), st.integers(2, 60), st.integers(0, 99))
@settings(max_examples=30)
def test_a_model_against_itself_differs_by_nothing(people: int, resamples: int, seed: int) -> None:
    values = np.random.default_rng(seed).random((people, 1))
    both = np.hstack([values, values])
    gap = resampled(both, ones(both), seed=seed, resamples=resamples).difference(0, 1, level=0.95)
    assert isinstance(gap, Estimate)
    assert (gap.value, gap.low, gap.high) == (0.0, 0.0, 0.0)


def test_one_resample_is_no_interval() -> None:
    values = np.ones((3, 1))
    assert isinstance(resampled(values, values, seed=1, resamples=1).interval(0, level=0.95), NotEnough)

"""Shares, sample ratio, ratio metrics and false discovery against statsmodels, scipy and published tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint, proportions_ztest

from siyu.stats.discoveries import benjamini_hochberg
from siyu.stats.estimate import Estimate, Lack, NotEnough
from siyu.stats.moments import CrossMoments
from siyu.stats.proportions import share, share_difference
from siyu.stats.ratios import ratio, ratio_difference
from siyu.stats.sample_ratio import SampleRatio, sample_ratio


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (1, 1), (37, 120), (120, 120), (4, 1_000_000)])
def test_wilson_agrees_with_statsmodels(successes: int, n: int) -> None:
    found = share(successes, n)
    assert isinstance(found, Estimate)
    assert (found.low, found.high) == pytest.approx(proportion_confint(successes, n, method="wilson"), abs=1e-12)


@pytest.mark.parametrize(("ours", "theirs"), [((56, 70), (48, 80)), ((9, 10), (3, 10)), ((5, 56), (0, 29))])
def test_newcombe_agrees_with_statsmodels(ours: tuple[int, int], theirs: tuple[int, int]) -> None:
    found = share_difference(ours, theirs)
    assert isinstance(found, Estimate)
    peer = confint_proportions_2indep(*ours, *theirs, method="newcomb", compare="diff")
    assert (found.low, found.high) == pytest.approx(peer, rel=1e-9)
    assert found.p == pytest.approx(proportions_ztest([ours[0], theirs[0]], [ours[1], theirs[1]])[1], rel=1e-9)


def test_newcombe_published_table() -> None:
    # Newcombe 1998, table II, method 10: (c) 6/7 - 2/7 and (e) 5/56 - 0/29.
    for ours, theirs, low, high in (((6, 7), (2, 7), 0.0582, 0.8062), ((5, 56), (0, 29), -0.0381, 0.1926)):
        found = share_difference(ours, theirs)
        assert isinstance(found, Estimate)
        assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_hillstrom_visit_rates(real_data: Path) -> None:
    table = csv.read_csv(real_data / "hillstrom" / "hillstrom.csv")
    rates = []
    for name in ("Mens E-Mail", "Womens E-Mail", "No E-Mail"):
        visits = table.filter(pc.equal(table["segment"], name))["visit"]
        found = share(pc.sum(visits).as_py(), len(visits))
        assert isinstance(found, Estimate)
        rates.append(round(100 * found.value, 2))
    assert rates == [18.28, 15.14, 10.62]


def test_shares_of_nothing_say_so() -> None:
    assert share(0, 0) == NotEnough(Lack.EMPTY)
    assert share_difference((0, 0), (1, 2)) == NotEnough(Lack.EMPTY)
    assert share_difference((1, 1), (1, 2)) == NotEnough(Lack.SINGLE)
    assert share_difference((0, 90), (0, 50)) == NotEnough(Lack.NO_VARIANCE)
    with pytest.raises(ValueError, match="share"):
        share(3, 2)


def test_sample_ratio_agrees_with_scipy() -> None:
    found = sample_ratio([9_480, 520], [0.95, 0.05])
    assert isinstance(found, SampleRatio)
    peer = stats.chisquare([9_480, 520], [9_500, 500])
    assert (found.statistic, found.p) == pytest.approx((peer.statistic, peer.pvalue), rel=1e-9)
    assert not found.alarm
    assert found.expected == (9_500, 500)


def test_sample_ratio_alarms_and_gives_up() -> None:
    broken = sample_ratio([10_000, 300], [0.95, 0.05])
    assert isinstance(broken, SampleRatio)
    assert broken.alarm
    unplanned = sample_ratio([100, 1], [1, 0])
    assert isinstance(unplanned, SampleRatio)
    assert unplanned.alarm
    assert sample_ratio([20, 1], [0.95, 0.05]) == NotEnough(Lack.TOO_FEW)
    assert sample_ratio([], []) == NotEnough(Lack.EMPTY)
    with pytest.raises(ValueError, match="as many"):
        sample_ratio([1, 2], [1])


def test_upworthy_known_randomisation_bug(real_data: Path) -> None:
    """The archive's authors confirm broken randomisation for June 2013 to January 2014, and for no other time."""
    table = pq.read_table(real_data / "upworthy" / "variants.parquet")
    groups = table.group_by("clickability_test_id").aggregate([("impressions", "list"), ("test_week", "min")])
    inside: list[bool] = []
    outside: list[bool] = []
    for counts, week in zip(groups["impressions_list"].to_pylist(), groups["test_week_min"].to_pylist(), strict=True):
        found = sample_ratio(counts, [1] * len(counts))
        if isinstance(found, SampleRatio):
            (inside if 201323 <= week <= 201404 else outside).append(found.alarm)
    assert np.mean(inside) > 0.5
    assert np.mean(outside) < 0.02


def test_ratio_by_hand() -> None:
    # Revenue an order of five people: 90/10 = 9. Deviations top - 9 * base: 1, 2, 15, -9, -9; squares sum 392.
    # variance = (392/4) / (5 * 2**2) = 4.9.
    found = ratio(CrossMoments.of([10.0, 20.0, 42.0, 0.0, 18.0], [1.0, 2.0, 3.0, 1.0, 3.0]))
    assert isinstance(found, Estimate)
    reach = stats.norm.ppf(0.975) * np.sqrt(4.9)
    assert (found.value, found.low, found.high) == pytest.approx((9.0, 9 - reach, 9 + reach), rel=1e-9)


def test_ratio_covers_the_truth() -> None:
    draw = np.random.default_rng(5)
    hits = 0
    for _ in range(400):
        base = draw.poisson(3.0, 500) + 1.0
        top = base * 2.0 + draw.normal(0, 3, 500)
        found = ratio(CrossMoments.of(top, base))
        assert isinstance(found, Estimate)
        hits += found.low <= 2.0 <= found.high
    assert 370 <= hits <= 394  # 95 % of 400 = 380; two and a half binomial deviations of 4.4


def test_ratio_difference_and_its_lacks() -> None:
    draw = np.random.default_rng(5)
    base = draw.poisson(3.0, 4_000) + 1.0
    cheap, dear = CrossMoments.of(base * 2.0 + draw.normal(0, 1, 4_000), base), CrossMoments.of(base * 2.5, base + 0.01)
    found = ratio_difference(dear, cheap)
    assert isinstance(found, Estimate)
    assert found.low > 0.4
    empty = CrossMoments.of([], [])
    assert ratio_difference(empty, cheap) == NotEnough(Lack.EMPTY)
    assert ratio(CrossMoments.of([1.0, 2.0], [0.0, 0.0])) == NotEnough(Lack.NO_BASE)
    assert ratio(CrossMoments.of([2.0] * 9, [1.0] * 9)) == NotEnough(Lack.NO_VARIANCE)


@given(st.lists(st.floats(0, 1), max_size=30))
def test_false_discovery_agrees_with_statsmodels(p: list[float]) -> None:
    found = benjamini_hochberg(p)
    peer = multipletests(p, method="fdr_bh")[1] if p else []
    assert found == pytest.approx(list(peer), rel=1e-9, abs=1e-12)

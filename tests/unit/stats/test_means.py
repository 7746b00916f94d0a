"""Means against scipy, statsmodels and the published figures of the Hillstrom experiment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.csv as csv
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from siyu.stats.estimate import Estimate, Lack, NotEnough
from siyu.stats.means import mean_difference, relative_lift
from siyu.stats.moments import CrossMoments, Moments
from siyu.stats.sequential import always_valid


def _arms(seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    return draw.lognormal(1.0, 1.0, 400), draw.lognormal(0.8, 1.4, 90)


def test_welch_agrees_with_scipy_and_statsmodels() -> None:
    a, b = _arms()
    found = mean_difference(Moments.of(a), Moments.of(b))
    assert isinstance(found, Estimate)
    peer = stats.ttest_ind(a, b, equal_var=False)
    low, high = CompareMeans(DescrStatsW(a), DescrStatsW(b)).tconfint_diff(usevar="unequal")
    assert found.p == pytest.approx(peer.pvalue, rel=1e-9)
    assert (found.value, found.low, found.high) == pytest.approx((a.mean() - b.mean(), low, high), rel=1e-9)


def test_hillstrom_published_figures(real_data: Path) -> None:
    table = csv.read_csv(real_data / "hillstrom" / "hillstrom.csv")
    arms = {
        name: Moments.of(table.filter(pc.equal(table["segment"], name))["spend"].to_numpy())
        for name in ("Mens E-Mail", "Womens E-Mail", "No E-Mail")
    }
    assert [round(arm.mean, 4) for arm in arms.values()] == [1.4226, 1.0772, 0.6528]
    found = mean_difference(arms["Mens E-Mail"], arms["No E-Mail"])
    assert isinstance(found, Estimate)
    assert [round(n, 4) for n in (found.value, found.low, found.high)] == [0.7698, 0.4851, 1.0545]
    sequence = always_valid(arms["Mens E-Mail"], arms["No E-Mail"])
    assert isinstance(sequence, Estimate)
    assert [round(n, 4) for n in (sequence.low, sequence.high)] == [0.3021, 1.2376]


def test_relative_lift_is_the_delta_method() -> None:
    # By hand: means 1.5 and 1.0, n 100 each, variance of the treated 0.25 * 100/99, of the control 0.25 * 100/99.
    # var = (v/100 + 1.5**2 * v/100) / 1**2 with v = 25/99.
    treated, control = Moments.of([1.0, 2.0] * 50), Moments.of([0.5, 1.5] * 50)
    found = relative_lift(treated, control)
    assert isinstance(found, Estimate)
    reach = stats.t.ppf(0.975, 198) * np.sqrt(25 / 99 / 100 * (1 + 2.25))
    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.5 - reach, 0.5 + reach), rel=1e-9)


@pytest.mark.parametrize(
    ("treated", "control", "why"),
    [
        ([], [1.0, 2.0], Lack.EMPTY),
        ([1.0, 2.0], [], Lack.EMPTY),
        ([1.0], [1.0, 2.0], Lack.SINGLE),
        ([1.0, 2.0], [0.1] * 30, Lack.NO_VARIANCE),
        ([1e200, 2e200], [1.0, 2.0], Lack.NOT_FINITE),
    ],
)
def test_too_little_says_why(treated: list[float], control: list[float], why: Lack) -> None:
    arms = Moments.of(treated), Moments.of(control)
    assert mean_difference(*arms) == NotEnough(why)
    assert relative_lift(*arms) == NotEnough(why)
    assert always_valid(*arms) == NotEnough(why)


def test_no_lift_on_a_control_that_bought_next_to_nothing() -> None:
    assert relative_lift(Moments.of([5.0, 0.0] * 20), Moments.of([1.0] + [0.0] * 50)) == NotEnough(Lack.NO_BASE)


_money = st.lists(st.floats(0, 1e6), min_size=2, max_size=40)


@given(_money, _money)
def test_difference_turns_its_sign_with_the_arms(a: list[float], b: list[float]) -> None:
    there, back = (mean_difference(Moments.of(x), Moments.of(y)) for x, y in ((a, b), (b, a)))
    if isinstance(there, Estimate) and isinstance(back, Estimate):
        assert there.scaled(-1).low == pytest.approx(back.low, rel=1e-9, abs=1e-9)
        assert there.p == pytest.approx(back.p, rel=1e-9, abs=1e-12)
    else:
        assert isinstance(there, NotEnough)
        assert isinstance(back, NotEnough)


@given(_money, _money)
def test_moments_of_parts_add_up(a: list[float], b: list[float]) -> None:
    whole, parts = Moments.of(a + b), Moments.of(a) + Moments.of(b)
    assert (whole.n, whole.total, whole.squares) == pytest.approx((parts.n, parts.total, parts.squares))


def test_covariance_agrees_with_numpy() -> None:
    a, b = _arms()
    cross = CrossMoments.of(a[:90], b)
    assert cross.covariance == pytest.approx(np.cov(a[:90], b)[0, 1], rel=1e-9)


def test_confidence_sequence_holds_at_every_look() -> None:
    # A/A: 300 experiments, 20 looks each. A fixed horizon stops wrongly in a fifth of them; the sequence in under 5 %.
    draw = np.random.default_rng(3)
    fixed = sequence = 0
    for _ in range(300):
        a, b = draw.exponential(1.0, (2, 4_000))
        looks = [(Moments.of(a[:n]), Moments.of(b[:n])) for n in range(200, 4_001, 200)]
        fixed += any(_excludes_zero(mean_difference(*look)) for look in looks)
        sequence += any(_excludes_zero(always_valid(*look)) for look in looks)
    assert fixed > 45
    assert sequence <= 15


def _excludes_zero(found: Estimate | NotEnough) -> bool:
    return isinstance(found, Estimate) and not found.low <= 0 <= found.high

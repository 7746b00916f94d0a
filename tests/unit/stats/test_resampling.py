"""Bootstrap, winsorising and power against scipy and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import NormalIndPower

from siyu.stats.bootstrap import bootstrap, bootstrap_difference
from siyu.stats.estimate import Estimate, Lack, NotEnough
from siyu.stats.moments import Values
from siyu.stats.power import detectable_effect, people_needed, power
from siyu.stats.winsorising import cap, winsorise


def _mean(rows: Values) -> Values:
    return np.asarray(rows.mean(axis=-1))


@pytest.mark.parametrize(("method", "peer"), [("bca", "BCa"), ("percentile", "percentile")])
def test_bootstrap_agrees_with_scipy(method: str, peer: str) -> None:
    values = np.random.default_rng(1).lognormal(0, 1, 80)
    found = bootstrap(values, _mean, seed=42, resamples=3_000, method=method)  # type: ignore[arg-type]
    assert isinstance(found, Estimate)
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=3_000, method=peer, rng=np.random.default_rng(42)
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), rel=1e-9)


def test_bootstrap_is_seeded_and_bounded_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(1).exponential(1, 500)
    whole = bootstrap(values, _mean, seed=1, method="percentile")
    monkeypatch.setattr("siyu.stats.bootstrap._CELLS", 5_000)  # ten rows at a time
    assert bootstrap(values, _mean, seed=1, method="percentile") == whole


def test_bootstrap_difference_covers_the_welch_interval_of_plain_data() -> None:
    draw = np.random.default_rng(2)
    a, b = draw.normal(3, 1, 900), draw.normal(2, 1, 900)
    found = bootstrap_difference(a, b, _mean, seed=1)
    assert isinstance(found, Estimate)
    welch = stats.ttest_ind(a, b, equal_var=False).confidence_interval()
    assert (found.low, found.high) == pytest.approx((welch.low, welch.high), abs=0.02)


def test_bootstrap_of_too_little() -> None:
    assert bootstrap(np.array([]), _mean, seed=1) == NotEnough(Lack.EMPTY)
    assert bootstrap(np.array([1.0]), _mean, seed=1) == NotEnough(Lack.SINGLE)
    assert bootstrap(np.ones(9), _mean, seed=1) == NotEnough(Lack.NO_VARIANCE)
    assert bootstrap_difference(np.ones(9), np.ones(9), _mean, seed=1) == NotEnough(Lack.NO_VARIANCE)
    assert bootstrap_difference(np.ones(9), np.array([]), _mean, seed=1) == NotEnough(Lack.EMPTY)


def test_cap_is_that_of_buyers() -> None:
    spend = np.concatenate([np.zeros(990), np.arange(1.0, 11.0)])
    assert cap(spend, quantile=0.9) == pytest.approx(9.1)  # numpy's linear rule over 1..10: 1 + 0.9 * 9
    assert cap(np.zeros(5)) is None
    assert winsorise(spend, 9.1).max() == 9.1
    assert winsorise(spend, None) is spend


@pytest.mark.parametrize(("treated", "control"), [(64, 64), (9_500, 500)])
def test_power_agrees_with_statsmodels(treated: int, control: int) -> None:
    peer = NormalIndPower()
    ours = power(0.1, deviation=2.0, treated=treated, control=control)
    assert ours == pytest.approx(peer.power(0.05, treated, 0.05, ratio=control / treated), rel=1e-9)
    effect = detectable_effect(deviation=2.0, treated=treated, control=control)
    assert isinstance(effect, float)
    # Their solution leaves the far tail out, ours does not: alike to 1e-5, and ours gives 0.8 back to 1e-9.
    assert effect / 2 == pytest.approx(peer.solve_power(None, treated, 0.05, 0.8, ratio=control / treated), rel=1e-5)
    assert power(effect, deviation=2.0, treated=treated, control=control) == pytest.approx(0.8, abs=1e-9)


def test_people_needed_reach_their_power() -> None:
    needed = people_needed(0.2, deviation=1.0, hold_out=0.1)
    assert isinstance(needed, int)
    control = round(needed * 0.1)
    assert power(0.2, deviation=1.0, treated=needed - control, control=control) == pytest.approx(0.8, abs=1e-3)


def test_power_of_nothing() -> None:
    assert power(1.0, deviation=0.0, treated=9, control=9) == 0
    assert detectable_effect(deviation=1.0, treated=9, control=0) == NotEnough(Lack.EMPTY)
    assert detectable_effect(deviation=1.0, treated=1, control=9) == NotEnough(Lack.SINGLE)
    assert detectable_effect(deviation=0.0, treated=9, control=9) == NotEnough(Lack.NO_VARIANCE)
    assert people_needed(0, deviation=1.0, hold_out=0.1) == NotEnough(Lack.NO_VARIANCE)
    assert people_needed(1, deviation=1.0, hold_out=0.0) == NotEnough(Lack.EMPTY)
    with pytest.raises(ValueError, match="power"):
        detectable_effect(deviation=1.0, treated=9, control=9, wanted=1.0)

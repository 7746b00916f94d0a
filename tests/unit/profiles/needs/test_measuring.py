"""Figures, curves and plans against answers by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from siyu.profiles.needs.calibration import Curve, calibrate, crossed
from siyu.profiles.needs.cuts import churn_window, plan
from siyu.profiles.needs.features import COLUMNS, Known, Scale
from siyu.profiles.needs.metrics import Judge, gains, intervals, judged, reliability, resamples
from siyu.profiles.value import Buying

FIRST = datetime(2026, 1, 1)  # noqa: DTZ001 - moments of events are UTC without a zone


def test_figures_are_those_of_another_library() -> None:
    draw = np.random.default_rng(1)
    chances = np.round(draw.random(500), 2)  # with ties
    happened = (draw.random(500) < chances).astype(float)
    auc, brier, _ = Judge(chances, happened)(np.ones(500))
    assert auc == pytest.approx(roc_auc_score(happened, chances))
    assert brier == pytest.approx(brier_score_loss(happened, chances))
    weights = draw.integers(0, 4, 500).astype(float)
    auc, brier, _ = Judge(chances, happened)(weights)
    assert auc == pytest.approx(roc_auc_score(happened, chances, sample_weight=weights))
    assert brier == pytest.approx(brier_score_loss(happened, chances, sample_weight=weights))


def test_lift_by_hand() -> None:
    """20 people, 4 bought; the top two (10 %) hold 1 of them: 1/2 over 4/20 = 2.5."""
    chances = np.linspace(1, 0, 20)
    happened = np.zeros(20)
    happened[[1, 5, 9, 15]] = 1
    assert Judge(chances, happened)(np.ones(20))[2] == pytest.approx(2.5)


def test_lift_shares_ties_at_the_border() -> None:
    """All equal: any tenth of them is like all of them."""
    assert Judge(np.full(50, 0.3), np.arange(50) % 5 / 4 // 1)(np.ones(50))[2] == pytest.approx(1)


def test_intervals_cover_what_they_should() -> None:
    """Over 40 draws of 400 people, the 90 % interval of AUC holds its true value in most (binomial: at least 30)."""
    hits = 0
    truth = 0.760  # of N(1, 1) against N(0, 1): Phi(1 / sqrt 2)
    for seed in range(40):
        draw = np.random.default_rng(seed)
        happened = (draw.random(400) < 0.4).astype(float)
        judge = Judge(draw.normal(happened, 1), happened)
        found = intervals(judge, 400, judged(judge, resamples(400, 100, seed)), 0.9)["auc"]
        hits += found.low <= truth <= found.high
    assert hits >= 30


def test_charts_by_hand() -> None:
    chances, happened = np.linspace(0, 1, 100), (np.arange(100) >= 80).astype(float)
    bins = reliability(chances, happened, bins=5)
    assert [one["share"] for one in bins] == [0, 0, 0, 0, 1]
    assert sum(one["people"] for one in bins) == 100
    assert [round(one["lift"], 3) for one in gains(chances, happened)][:4] == [5, 5, 3.333, 2.5]


def test_chances_are_found_again_by_both_curves() -> None:
    draw = np.random.default_rng(4)
    scores = draw.normal(size=20_000)
    happened = (draw.random(20_000) < 1 / (1 + np.exp(-(1.7 * scores - 0.5)))).astype(float)
    asked = np.array([-1.0, 0.0, 1.0])
    truth = 1 / (1 + np.exp(-(1.7 * asked - 0.5)))
    for kind in ("platt", "isotonic", "auto"):
        assert calibrate(scores, happened, kind)(asked) == pytest.approx(truth, abs=0.04)


def test_a_crooked_score_is_set_straight_by_steps() -> None:
    """Chance .1 below 0, .6 above: a sigmoid cannot say so."""
    draw = np.random.default_rng(4)
    scores = draw.uniform(-3, 3, 20_000)
    happened = (draw.random(20_000) < np.where(scores < 0, 0.1, 0.6)).astype(float)
    curve = calibrate(scores, happened)
    assert curve.kind == "isotonic"
    assert curve(np.array([-2.0, 2.0])) == pytest.approx([0.1, 0.6], abs=0.05)


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.booleans()), min_size=10, max_size=60),
    st.sampled_from(["platt", "isotonic"]),
)
def test_curves_rise_and_give_chances(pairs: list[tuple[float, bool]], kind: str) -> None:
    scores, happened = np.array([one for one, _ in pairs]), np.array([float(one) for _, one in pairs])
    curve = calibrate(scores, happened, kind)
    found = curve(np.linspace(-2e6, 2e6, 101))
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found) >= -1e-12).all()
    assert np.isfinite(crossed(scores, happened, kind)).all()


def test_a_score_that_misleads_is_no_score() -> None:
    scores = np.arange(100.0)
    curve = calibrate(scores, (scores < 50).astype(float), "platt")
    assert curve(np.array([0.0, 99.0])) == pytest.approx([0.5, 0.5])
    assert isinstance(curve, Curve)


@given(st.integers(1, 900), st.integers(1, 120), st.integers(1, 6))
def test_windows_never_overlap_and_lie_in_history(span: int, window: int, most: int) -> None:
    end = FIRST + timedelta(days=span)
    found = plan(FIRST, end, window, most)
    if found is None:
        assert span < 3 * window + window  # three windows and one of history always suffice
        return
    step = timedelta(days=window)
    assert found.report + step == end
    assert found.choose + step <= found.report
    assert all(at > FIRST for at in found.train)
    assert 1 <= len(found.train) <= most
    if not found.split:
        moments = [*reversed(found.train), found.choose, found.report]
        assert all(later - earlier >= step for earlier, later in pairwise(moments))
    served = found.later(most)
    assert max(served.train) + step <= end
    assert served.choose + step == end


@given(st.integers(0, 1000), st.integers(14, 200))
def test_a_churn_window_can_be_planned(span: int, wanted: int) -> None:
    found = churn_window(FIRST, FIRST + timedelta(days=span), wanted)
    assert found == 0 or 14 <= found <= wanted
    if found:
        assert plan(FIRST, FIRST + timedelta(days=span), found, 3) is not None


def known(**columns: list[float]) -> Known:
    size = len(next(iter(columns.values())))
    return Known({name: np.array(columns.get(name, [0.0] * size), float) for name in COLUMNS})


def test_silence_follows_the_own_rhythm() -> None:
    """Gaps of 10: lost after 30 days; of 2: not before 14; of 60: not after more than 90; one gap is no rhythm."""
    some = known(buys=[3, 3, 3, 2], gaps=[2, 2, 2, 1], gap_sum=[20, 4, 120, 10])
    assert some.silence(3, 90).tolist() == [30, 14, 90, 90]


def test_likely_is_what_the_model_says() -> None:
    """BG/NBD with r = 1, alpha = 10 and no dropout to speak of: no repeats in 10 days, 1 - (20 / 30) ** 1 within 10."""
    some = known(buys=[1, 0], tenure=[10, np.nan], recency=[10, np.nan])
    found = some.matrix(Buying(1.0, 10.0, 1e-9, 1.0, 0.0), np.array([10.0, 10.0]))
    assert found[0, -2:] == pytest.approx([1, 1 / 3])
    assert np.isnan(found[1, -2:]).all()


def test_a_scale_fills_gaps_with_what_is_usual_and_keeps_constants_silent() -> None:
    raw = np.tile(np.array([[0.0] * 23]), (50, 1))
    raw[:, 1] = [*range(49), np.nan]
    scale = Scale.fitted(raw)
    assert scale.usual[1] == 24
    rows = scale(raw)
    assert scale.varies.tolist() == [False, True, *[False] * 21]
    assert not rows[:, [0, *range(2, 23)]].any()
    assert rows[49, 1] == rows[24, 1]

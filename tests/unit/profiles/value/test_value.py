"""BG/NBD and gamma-gamma against another library on real purchases, and against people simulated from the models."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.profiles.value import Buying, Spending, fit_buying, fit_spending
from siyu.profiles.value.lack import NotFitted

CUT = "DATE '1997-09-30'"


@pytest.fixture(scope="module")
def cdnow(real_data: Path) -> dict[str, np.ndarray]:
    """Days with purchases of 23,570 customers, in weeks from each one's first to the cut; and what came after it."""
    file = real_data / "cdnow" / "CDNOW_master.txt"
    lines = [line.split() for line in file.read_text("utf-8").splitlines()[1:] if line.strip()]
    ids, days, _, money = zip(*lines, strict=True)
    table = pa.table({"id": ids, "day": days, "usd": [float(usd) for usd in money]})
    return (
        duckdb.arrow(table)
        .query(
            "raw",
            f"""
        WITH days AS (SELECT id, strptime(day, '%Y%m%d')::DATE AS day, sum(usd) AS usd FROM raw GROUP BY ALL),
        firsts AS (SELECT id, min(day) AS first FROM days GROUP BY id)
        SELECT count(*) FILTER (day <= {CUT}) - 1.0 AS repeats,
            date_diff('day', first, max(day) FILTER (day <= {CUT})) / 7 AS last,
            date_diff('day', first, {CUT}) / 7 AS age, count(*) FILTER (day > {CUT}) * 1.0 AS later,
            coalesce(avg(usd) FILTER (day <= {CUT} AND day > first), 0) AS mean
        FROM days JOIN firsts USING (id) WHERE first <= {CUT} GROUP BY id, first ORDER BY id
    """,
        )
        .fetchnumpy()
    )  # type: ignore[no-any-return]


# The right-hand sides are those of lifetimes 0.11.3 on the same rows.


def test_buying_agrees_with_another_library(cdnow: dict[str, np.ndarray]) -> None:
    repeats, last, age = (cdnow[name].astype(float) for name in ("repeats", "last", "age"))
    found = fit_buying(repeats, last, age)
    assert isinstance(found, Buying)
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx((0.251624, 4.788945, 0.723433, 2.161087), rel=1e-4)
    horizon = 273 / 7  # the data end on 30 June 1998
    expected = found.expected(repeats, last, age, horizon)
    assert expected.sum() == pytest.approx(16_873.74, rel=1e-4)
    assert expected[:5] == pytest.approx([0.200090, 0.206802, 0.617392, 1.232876, 4.645266], rel=1e-4)
    assert found.alive(repeats, last, age)[:5] == pytest.approx([1, 1, 0.364236, 0.729390, 0.886760], rel=1e-4)


def test_buying_foresees_later_weeks_better_than_past_rates(cdnow: dict[str, np.ndarray]) -> None:
    repeats, last, age, later = (cdnow[name].astype(float) for name in ("repeats", "last", "age", "later"))
    found = fit_buying(repeats, last, age)
    assert isinstance(found, Buying)
    expected = found.expected(repeats, last, age, 39)
    rate = repeats / age * 39
    assert np.abs(expected - later).mean() < 0.85 * np.abs(rate - later).mean()
    assert np.corrcoef(expected, later)[0, 1] > np.corrcoef(rate, later)[0, 1] + 0.01
    assert abs(expected.sum() / later.sum() - 1) < 0.2  # the papers' own sample: 13 % short at the end of the year


def test_spending_agrees_with_another_library(cdnow: dict[str, np.ndarray]) -> None:
    repeats, mean = cdnow["repeats"].astype(float), cdnow["mean"].astype(float)
    found = fit_spending(repeats, mean)
    assert isinstance(found, Spending)
    assert (found.p, found.q, found.v) == pytest.approx((6.275359, 3.624450, 14.983689), rel=1e-3)
    bought = (repeats > 0) & (mean > 0)
    values = found.expected(repeats[bought], mean[bought])
    assert values[:3] == pytest.approx([22.861361, 24.676749, 33.278044], rel=1e-4)


def simulated(people: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """People who buy at gamma(.5, 8) rates and stop with beta(.9, 2.4) chances, watched for 40 to 80 weeks."""
    draw = np.random.default_rng(seed)
    rates, stops, ages = draw.gamma(0.5, 1 / 8, people), draw.beta(0.9, 2.4, people), draw.uniform(40, 80, people)
    repeats, last = np.zeros(people), np.zeros(people)
    alive, now = np.ones(people, bool), np.zeros(people)
    while alive.any():
        now = now + draw.exponential(1 / rates)
        alive &= now <= ages
        repeats[alive] += 1
        last[alive] = now[alive]
        alive &= draw.random(people) >= stops
    return repeats, last, ages


def test_parameters_of_simulated_people_are_found_again() -> None:
    found = fit_buying(*simulated(40_000, 3))
    assert isinstance(found, Buying)
    assert (found.r, found.alpha) == pytest.approx((0.5, 8), rel=0.08)
    assert found.a / (found.a + found.b) == pytest.approx(0.9 / 3.3, rel=0.08)


def test_the_unit_of_time_changes_nothing_but_the_unit() -> None:
    repeats, last, ages = simulated(3_000, 4)
    weeks, days = fit_buying(repeats, last, ages), fit_buying(repeats, last * 7, ages * 7)
    assert isinstance(weeks, Buying)
    assert isinstance(days, Buying)
    assert (days.r, days.alpha / 7, days.a, days.b) == pytest.approx((weeks.r, weeks.alpha, weeks.a, weeks.b), rel=1e-3)
    expected = weeks.expected(repeats, last, ages, 10)
    assert days.expected(repeats, last * 7, ages * 7, 70) == pytest.approx(expected, rel=1e-4)


@given(st.floats(0, 50), st.floats(0, 1), st.floats(1, 500), st.floats(0.1, 300))
def test_expectations_grow_with_the_horizon_and_chances_are_chances(
    repeats: float, share: float, age: float, horizon: float
) -> None:
    model = Buying(0.25, 4.4, 0.79, 2.4, 0.0)
    count, ages = np.array([np.floor(repeats)]), np.array([age])
    last = np.where(count > 0, share * ages, 0.0)
    near, far = model.expected(count, last, ages, horizon), model.expected(count, last, ages, horizon * 2)
    assert 0 <= near[0] <= far[0] + 1e-9
    assert 0 <= model.alive(count, last, ages)[0] <= 1


@given(st.floats(0.01, 1e6), st.integers(1, 200))
def test_spends_are_drawn_towards_the_mean_less_the_more_is_known(mean: float, purchases: int) -> None:
    model = Spending(6.25, 3.74, 15.44, 0.0)
    everyone = model.expected(np.array([0.0]), np.array([0.0]))[0]
    one, more = (model.expected(np.array([n]), np.array([mean]))[0] for n in (purchases, purchases + 1))
    assert everyone == pytest.approx(6.25 * 15.44 / 2.74)
    assert min(mean, everyone) * 0.999999 <= one <= max(mean, everyone) * 1.000001
    assert abs(more - mean) <= abs(one - mean) + 1e-9 * mean


def test_what_cannot_be_fitted_says_why() -> None:
    nobody = np.empty(0)
    assert fit_buying(nobody, nobody, nobody) == NotFitted("few-people")
    once = np.zeros(100)
    assert fit_buying(once, once, once + 10) == NotFitted("no-repeats")
    assert fit_spending(nobody, nobody) == NotFitted("few-people")
    assert fit_spending(once + 2, once + 5) == NotFitted("no-variance")
    odd = np.array([np.nan, np.inf, -1.0])
    assert fit_buying(odd, odd, odd) == NotFitted("few-people")


def test_a_buyer_of_a_hundred_thousand_breaks_nothing() -> None:
    repeats, last, ages = simulated(500, 5)
    repeats[0], last[0] = 100_000, ages[0]
    found = fit_buying(repeats, last, ages)
    assert isinstance(found, Buying)
    assert np.isfinite(found.expected(repeats, last, ages, 52)).all()

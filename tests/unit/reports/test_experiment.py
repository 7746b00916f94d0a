"""What a campaign earned: against published figures, in worlds without an effect, and with too little data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pytest

from siyu.domain.errors import InputError
from siyu.reports.experiment import Verdict, experiment
from siyu.reports.settings import ReportSettings
from siyu.stats.estimate import Estimate, Lack, NotEnough
from siyu.stats.sample_ratio import SampleRatio

SETTINGS = ReportSettings(cost_per_message=0.1, margin=0.4)
QUICK = ReportSettings(draws=500)


def _table(treated: list[float], held: list[float], **more: list[object]) -> pa.Table:
    revenue = [*treated, *held]
    return pa.table(
        {
            "person": [str(n) for n in range(len(revenue))],
            "arm": ["treated"] * len(treated) + ["hold_out"] * len(held),
            "sent": [True] * len(treated) + [False] * len(held),
            "orders": [float(value > 0) for value in revenue],
            "revenue": revenue,
            **more,
        }
    )


def test_hillstrom_as_a_campaign(real_data: Path) -> None:
    table = csv.read_csv(real_data / "hillstrom" / "hillstrom.csv")
    spend = {
        name: table.filter(pc.equal(table["segment"], name))["spend"].to_pylist()
        for name in ("Mens E-Mail", "No E-Mail")
    }
    found = experiment(_table(spend["Mens E-Mail"], spend["No E-Mail"]), hold_out=0.5, settings=SETTINGS)
    assert isinstance(found.welch, Estimate)
    assert [round(n, 4) for n in (found.welch.value, found.welch.low, found.welch.high)] == [0.7698, 0.4851, 1.0545]
    assert found.verdict is Verdict.PROVEN
    assert isinstance(found.total_revenue, Estimate)
    assert found.total_revenue.value == pytest.approx(0.769827 * 21_307, rel=1e-5)
    # Profit: 40 % of 16,402.7 less 2,130.7 of messages; return over costs.
    assert found.money.cost == pytest.approx(2_130.7)
    assert isinstance(found.money.profit, Estimate)
    assert found.money.profit.value == pytest.approx(0.4 * found.total_revenue.value - 2_130.7)
    assert isinstance(found.money.ret, Estimate)
    assert found.money.ret.value == pytest.approx(found.money.profit.value / 2_130.7)
    assert found.ceiling == 499.0  # the published data end there, so that a cap at the 99th per cent changes nothing
    tighter = experiment(
        _table(spend["Mens E-Mail"], spend["No E-Mail"]), hold_out=0.5, settings=ReportSettings(winsorise=0.8)
    )
    assert isinstance(tighter.capped, Estimate)
    assert 0 < tighter.capped.low < tighter.capped.value < found.welch.value


def test_everybody_randomised_counts_not_only_those_written_to() -> None:
    # Half of the treated got nothing and bought nothing: a head over all four hundred treated, 5 - 4, not 10 - 4.
    treated = [9.0, 11.0] * 100 + [0.0] * 200
    rows = _table(treated, [3.0, 5.0] * 200)
    sent = pa.array([True] * 200 + [False] * 600)
    found = experiment(rows.set_column(2, "sent", sent), hold_out=0.5, settings=SETTINGS)
    assert isinstance(found.revenue, Estimate)
    assert found.revenue.value == pytest.approx(1.0)
    assert found.money.cost == pytest.approx(20.0)
    assert found.treated.sent == 200


@pytest.mark.slow
@pytest.mark.parametrize("hold_out", [0.05, 0.1, 0.5])
def test_null_world(make_outcomes: Callable[..., pa.Table], hold_out: float) -> None:
    # 300 campaigns without any effect: 5 % of false verdicts would be 15, and 15 + 3 * 3.8 = 26 is the bound.
    verdicts = [
        experiment(make_outcomes(2_500, lift=0.0, hold_out=hold_out, seed=seed), hold_out=hold_out, settings=QUICK)
        for seed in range(300)
    ]
    false = sum(found.verdict in (Verdict.PROVEN, Verdict.LOSS) for found in verdicts)
    assert false <= 26
    hidden = sum(found.verdict is Verdict.HIDDEN for found in verdicts)
    assert hidden <= 3  # the sample-ratio alarm at .001


def test_planted_effect_is_proven(make_outcomes: Callable[..., pa.Table]) -> None:
    found = [
        experiment(make_outcomes(8_000, lift=1.5, hold_out=0.2, seed=seed), hold_out=0.2, settings=QUICK)
        for seed in range(20)
    ]
    assert sum(one.verdict is Verdict.PROVEN for one in found) >= 18


def test_sample_ratio_alarm_hides_the_verdict(make_outcomes: Callable[..., pa.Table]) -> None:
    found = experiment(make_outcomes(8_000, lift=3.0, hold_out=0.2), hold_out=0.1, settings=QUICK)
    assert isinstance(found.check, SampleRatio)
    assert found.check.alarm
    assert found.verdict is Verdict.HIDDEN


def test_no_verdict_before_the_window_is_over(make_outcomes: Callable[..., pa.Table]) -> None:
    rows = make_outcomes(8_000, lift=3.0, hold_out=0.2)
    assert experiment(rows, hold_out=0.2, settings=QUICK, final=False).verdict is Verdict.EARLY
    assert experiment(rows, hold_out=0.2, settings=QUICK).verdict is Verdict.PROVEN


@pytest.mark.parametrize(
    ("treated", "held", "verdict", "why"),
    [
        ([], [], Verdict.NO_HOLD_OUT, Lack.EMPTY),
        ([1.0, 2.0] * 60, [], Verdict.NO_HOLD_OUT, Lack.EMPTY),
        ([1.0, 2.0] * 60, [3.0], Verdict.HIDDEN, Lack.SINGLE),
        ([0.0] * 100, [0.0] * 100, Verdict.NOT_ENOUGH, Lack.NO_VARIANCE),
        ([5.0, 0.0] * 50, [0.0] * 100, Verdict.NOT_ENOUGH, Lack.NO_VARIANCE),
        ([1e300, 1e301] * 60, [1e300, 0.0] * 60, Verdict.NOT_ENOUGH, Lack.NOT_FINITE),
    ],
)
def test_too_little_is_a_verdict_of_its_own(
    treated: list[float], held: list[float], verdict: Verdict, why: Lack
) -> None:
    found = experiment(_table(treated, held), hold_out=0.5, settings=QUICK)
    assert found.verdict is verdict
    assert found.revenue == NotEnough(why)
    assert found.money.profit == NotEnough(why)


def test_small_arms_get_an_interval_but_no_verdict() -> None:
    found = experiment(_table([50.0, 51.0] * 20, [1.0, 2.0] * 20), hold_out=0.5, settings=QUICK)
    assert isinstance(found.revenue, Estimate)
    assert found.verdict is Verdict.NOT_ENOUGH


def test_dirty_outcomes_are_no_money() -> None:
    rows = pa.table(
        {
            "person": ["a", "b", "c"],
            "arm": ["treated", "treated", None],
            "revenue": [float("nan"), None, 5.0],
        }
    )
    found = experiment(rows, hold_out=0.1, settings=QUICK)
    assert (found.treated.people, found.treated.revenue, found.treated.sent) == (2, 0.0, 0)


def test_a_person_counted_twice_is_refused() -> None:
    rows = pa.table({"person": ["a", "a"], "arm": ["treated", "treated"], "revenue": [1.0, 2.0]})
    with pytest.raises(InputError, match="more than once"):
        experiment(rows, hold_out=0.1, settings=QUICK)
    with pytest.raises(InputError, match="no column 'arm'"):
        experiment(rows.drop_columns(["arm"]), hold_out=0.1, settings=QUICK)


def test_interval_of_the_total_is_that_of_a_head(make_outcomes: Callable[..., pa.Table]) -> None:
    found = experiment(make_outcomes(), hold_out=0.1, settings=QUICK)
    assert isinstance(found.revenue, Estimate)
    assert isinstance(found.total_revenue, Estimate)
    heads = found.treated.people
    ours = np.array([found.total_revenue.low, found.total_revenue.high])
    assert ours == pytest.approx(heads * np.array([found.revenue.low, found.revenue.high]))

"""What the campaign earned that would not have come by itself: intention to treat, against the hold-out.

Everybody who was randomised counts in the arm they were put in, written to or not; dropping those without a message
would compare people who could be written to with people who could not. What last touch *attributes* is shown beside it
and is never the verdict: on the Hillstrom experiment it claims 1.9 and 2.5 times what the e-mails earned.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa

from siyu.reports.outcomes import HOLD_OUT, TREATED, Arm, arm
from siyu.reports.settings import ReportSettings
from siyu.stats.estimate import Estimate, Lack, NotEnough, Reading
from siyu.stats.means import mean_difference, relative_lift
from siyu.stats.moments import Moments
from siyu.stats.power import detectable_effect
from siyu.stats.proportions import share_difference
from siyu.stats.rerandomising import rerandomised_difference
from siyu.stats.sample_ratio import SampleRatio, sample_ratio
from siyu.stats.winsorising import cap, winsorise


class Verdict(StrEnum):
    """What may be said about the campaign."""

    PROVEN = "proven"  # the interval lies above zero
    LOSS = "loss"  # it lies below zero
    NOT_PROVEN = "not-proven"  # it holds zero
    NOT_ENOUGH = "not-enough"  # there is no interval, or an arm is too small
    NO_HOLD_OUT = "no-hold-out"  # nobody was held out: nothing to compare with
    EARLY = "early"  # people may still buy within the window; looking early finds too much
    HIDDEN = "hidden"  # the arms are not what chance should have made them


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """Plain counts of one arm."""

    people: int
    sent: int
    buyers: int
    orders: float
    revenue: float
    attributed_orders: float
    attributed_revenue: float


@dataclass(frozen=True, slots=True)
class Money:
    """Cost and return; ``profit`` is margin on the incremental revenue less all costs, ``ret`` profit over costs."""

    cost: float
    profit: Reading
    ret: Reading


@dataclass(frozen=True, slots=True)
class Experiment:
    """Treated against hold-out. Readings are a head unless named ``total``.

    Attributes:
        revenue: the headline: rerandomised interval of the raw difference (:mod:`siyu.stats.rerandomising`).
        welch: the same difference by Welch's test, as most tools print it.
        capped, ceiling: Welch on revenue capped at ``ceiling``.
        buyers: difference of the shares of people who bought.
        detectable: smallest difference a head that this size finds in 80 % of cases.
    """

    treated: ArmFigures
    hold_out: ArmFigures
    check: SampleRatio | NotEnough
    revenue: Reading
    welch: Reading
    capped: Reading
    ceiling: float | None
    lift: Reading
    orders: Reading
    buyers: Reading
    total_revenue: Reading
    total_orders: Reading
    money: Money
    detectable: float | NotEnough
    verdict: Verdict


def figures(one: Arm) -> ArmFigures:
    """Counts of one arm."""
    return ArmFigures(
        people=one.people,
        sent=int(one.sent.sum()),
        buyers=int((one.orders > 0).sum()),
        orders=float(one.orders.sum()),
        revenue=float(one.revenue.sum()),
        attributed_orders=float(one.attributed_orders.sum()),
        attributed_revenue=float(one.attributed_revenue.sum()),
    )


def experiment(outcomes: pa.Table, *, hold_out: float, settings: ReportSettings, final: bool = True) -> Experiment:
    """Measure a campaign.

    Args:
        outcomes: see :func:`siyu.reports.outcomes.arm`; arms other than ``treated`` and ``hold_out`` are left out.
        hold_out: share of the audience that was to be held out.
        final: whether the window in which purchases count is over for everybody.

    Raises:
        InputError: the outcomes have no arms, or several rows for a person.
    """
    treated, held = arm(outcomes, TREATED), arm(outcomes, HOLD_OUT)
    ours, theirs = Moments.of(treated.revenue), Moments.of(held.revenue)
    ceiling = cap(np.concatenate([treated.revenue, held.revenue]), quantile=settings.winsorise)
    capped = [Moments.of(winsorise(one.revenue, ceiling)) for one in (treated, held)]
    revenue = _difference(treated.revenue, held.revenue, settings)
    orders = _difference(treated.orders, held.orders, settings)
    check = sample_ratio((treated.people, held.people), (1 - hold_out, hold_out), alarm=settings.sample_ratio_alarm)
    return Experiment(
        treated=figures(treated),
        hold_out=figures(held),
        check=check,
        revenue=revenue,
        welch=mean_difference(ours, theirs, level=settings.level),
        capped=mean_difference(*capped, level=settings.level),
        ceiling=ceiling,
        lift=relative_lift(ours, theirs, level=settings.level),
        orders=orders,
        buyers=share_difference(_bought(treated), _bought(held), level=settings.level),
        total_revenue=_scaled(revenue, treated.people),
        total_orders=_scaled(orders, treated.people),
        money=_money(_scaled(revenue, treated.people), int(treated.sent.sum()), settings),
        detectable=detectable_effect(
            deviation=float(np.sqrt((ours + theirs).variance)), treated=ours.n, control=theirs.n, level=settings.level
        ),
        verdict=_verdict(revenue, (treated.people, held.people), check, final=final, least=settings.least_people),
    )


def _difference(treated: np.ndarray, held: np.ndarray, settings: ReportSettings) -> Reading:
    return rerandomised_difference(treated, held, seed=settings.seed, level=settings.level, draws=settings.draws)


def _bought(one: Arm) -> tuple[int, int]:
    return int((one.orders > 0).sum()), one.people


def _scaled(found: Reading, factor: float) -> Reading:
    return found.scaled(factor) if isinstance(found, Estimate) else found


def _money(total: Reading, sent: int, settings: ReportSettings) -> Money:
    cost = sent * settings.cost_per_message + settings.fixed_cost
    if isinstance(total, NotEnough):
        return Money(cost, total, total)
    gain = total.scaled(settings.margin)
    profit = Estimate(gain.value - cost, gain.low - cost, gain.high - cost, gain.level)
    return Money(cost, profit, profit.scaled(1 / cost) if cost > 0 else NotEnough(Lack.NO_BASE))


def _verdict(
    revenue: Reading, people: tuple[int, int], check: SampleRatio | NotEnough, *, final: bool, least: int
) -> Verdict:
    if people[1] == 0:
        return Verdict.NO_HOLD_OUT
    if isinstance(check, SampleRatio) and check.alarm:
        return Verdict.HIDDEN
    if not final:
        return Verdict.EARLY
    if isinstance(revenue, NotEnough) or min(people) < least:
        return Verdict.NOT_ENOUGH
    if revenue.low > 0:
        return Verdict.PROVEN
    return Verdict.LOSS if revenue.high < 0 else Verdict.NOT_PROVEN

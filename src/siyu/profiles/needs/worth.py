"""What people will be worth: BG/NBD times gamma-gamma, and how near that came when it was tried on the past."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from siyu.profiles.needs.cuts import SHORTEST
from siyu.profiles.needs.features import Floats, Known
from siyu.profiles.needs.findings import Finding
from siyu.profiles.needs.seen import Cut
from siyu.profiles.value import Buying, Spending, fit_buying, fit_spending
from siyu.profiles.value.lack import LEAST_PEOPLE

_UNUSUAL = 0.995
"""Means of spends beyond this quantile count as that much when spending is fitted: one wholesaler is no rule."""


@dataclass(frozen=True, slots=True)
class Worth:
    """Both models, in days and in the project's currency."""

    buying: Buying
    spending: Spending

    def purchases(self, known: Known, days: float) -> Floats:
        """Purchases to expect; not a number of people who never bought."""
        found = self.buying.expected(*known.history(), days)
        return np.where(known["buys"] > 0, found, np.nan)

    def value(self, known: Known, days: float) -> Floats:
        """Money to expect within ``days``."""
        buys = np.maximum(known["buys"], 1)
        return self.purchases(known, days) * self.spending.expected(buys, known["spend"] / buys)


@dataclass(frozen=True, slots=True)
class Measured:
    """How near it came: of the buyers known at ``at``, what was foreseen for ``days`` and what came.

    Attributes:
        foreseen, came: sums of purchases, and of money.
        error: mean absolute error a buyer, in money; ``naive``: of going on as before (own past rate and spend).
        correlation: of foreseen and real money by rank, with ``naive_correlation`` beside it.
        tenths: mean money foreseen and real, by tenth of what was foreseen.
    """

    at: datetime
    days: int
    people: int
    foreseen: tuple[float, float]
    came: tuple[float, float]
    error: float
    naive: float
    correlation: float
    naive_correlation: float
    tenths: list[dict[str, float]]


def fit(known: Known) -> Worth | Finding:
    """Both models of these people, or why there are none."""
    buyers = known["buys"] > 0
    if not buyers.any():
        return Finding("value", "no-buyers")
    buying = fit_buying(*(part[buyers] for part in known.history()))
    if not isinstance(buying, Buying):
        return Finding("value", _WHY[buying.why], {"people": float(buyers.sum()), "least": LEAST_PEOPLE})
    paid = known["buys"] * (known["spend"] > 0)
    again = paid >= 2 if (paid >= 2).sum() >= 20 else paid >= 1
    means = known["spend"][again] / known["buys"][again]
    if not means.size:
        return Finding("value", "no-variance", {"people": float(buyers.sum())})
    spending = fit_spending(known["buys"][again], np.minimum(means, np.quantile(means, _UNUSUAL)))
    if not isinstance(spending, Spending):
        return Finding("value", _WHY[spending.why], {"people": float(again.sum()), "least": LEAST_PEOPLE})
    return Worth(buying, spending)


_WHY = {"few-people": "too-few-people", "no-repeats": "no-repeats", "no-variance": "no-variance"}


def measure(first: datetime, end: datetime, days: int, look: Callable[[datetime, float], Cut]) -> Measured | None:
    """Fit at a moment of the past and compare with what came; half the history, and not more than ``days`` of it."""
    end = end.replace(hour=0, minute=0, second=0, microsecond=0)
    ahead = min(days, (end - first).days // 2)
    if ahead < SHORTEST:
        return None
    cut = look(end - timedelta(days=ahead), float(ahead))
    worth = fit(cut.known)
    if isinstance(worth, Finding):
        return None
    buyers = cut.known["buys"] > 0
    value = worth.value(cut.known, ahead)[buyers]
    real = cut.after.amount[buyers]
    age = np.maximum(cut.known["tenure"][buyers], 1)
    naive = cut.known["spend"][buyers] / age * ahead
    return Measured(
        at=cut.at,
        days=ahead,
        people=int(buyers.sum()),
        foreseen=(float(worth.purchases(cut.known, ahead)[buyers].sum()), float(value.sum())),
        came=(float(cut.after.buys[buyers].sum()), float(real.sum())),
        error=float(np.abs(value - real).mean()),
        naive=float(np.abs(naive - real).mean()),
        correlation=_correlation(value, real),
        naive_correlation=_correlation(naive, real),
        tenths=_tenths(value, real),
    )


def _correlation(one: Floats, other: Floats) -> float:
    """Spearman's, ties sharing their mean rank."""
    if len(one) < 3 or not np.ptp(one) or not np.ptp(other):
        return float("nan")
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def _ranks(values: Floats) -> Floats:
    _, where, count = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2)[where]


def _tenths(value: Floats, real: Floats) -> list[dict[str, float]]:
    order = np.argsort(value, kind="stable")
    return [
        {"foreseen": float(value[some].mean()), "came": float(real[some].mean()), "people": len(some)}
        for some in np.array_split(order, min(10, max(1, len(order) // 20)))
        if len(some)
    ]

"""Two means: their difference (Welch) and their ratio (delta method)."""

from __future__ import annotations

from math import sqrt

from scipy.special import stdtr, stdtrit

from siyu.stats.estimate import Lack, NotEnough, Reading, reading
from siyu.stats.moments import Moments

_BASE_ERRORS = 3.0
"""A control mean nearer to zero than so many of its standard errors cannot be divided by."""


def _welch(treated: Moments, control: Moments) -> tuple[float, float]:
    """Standard error of the difference and Welch-Satterthwaite degrees of freedom."""
    a, b = treated.variance / treated.n, control.variance / control.n
    return sqrt(a + b), (a + b) ** 2 / (a * a / (treated.n - 1) + b * b / (control.n - 1))


def mean_difference(treated: Moments, control: Moments, *, level: float = 0.95) -> Reading:
    """Treated minus control, with interval and p-value by Welch's test (Welch 1947): no equal variances assumed.

    Example:
        >>> found = mean_difference(Moments.of([3.0, 4.0, 5.0]), Moments.of([1.0, 2.0, 3.0]))
        >>> found.value, round(found.p, 4)
        (2.0, 0.0705)
    """
    lack = treated.lack() or control.lack()
    if lack:
        return NotEnough(lack)
    error, freedom = _welch(treated, control)
    value = treated.mean - control.mean
    reach = float(stdtrit(freedom, (1 + level) / 2)) * error
    p = 2.0 * float(stdtr(freedom, -abs(value) / error))
    return reading(value, value - reach, value + reach, level, p)


def relative_lift(treated: Moments, control: Moments, *, level: float = 0.95) -> Reading:
    """Treated over control minus one, by the delta method for two independent means (Deng and others 2018).

    There is no lift on a control mean that cannot be told from zero (under three standard errors): ``NO_BASE``.
    """
    lack = treated.lack() or control.lack()
    if lack:
        return NotEnough(lack)
    error, freedom = _welch(treated, control)
    base_error = sqrt(control.variance / control.n)
    if abs(control.mean) <= _BASE_ERRORS * base_error:
        return NotEnough(Lack.NO_BASE)
    ratio = treated.mean / control.mean
    spread = sqrt(treated.variance / treated.n + ratio * ratio * base_error * base_error) / abs(control.mean)
    reach = float(stdtrit(freedom, (1 + level) / 2)) * spread
    p = 2.0 * float(stdtr(freedom, -abs(treated.mean - control.mean) / error))
    return reading(ratio - 1, ratio - 1 - reach, ratio - 1 + reach, level, p)

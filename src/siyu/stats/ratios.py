"""Ratio metrics (revenue an order, clicks an open): both parts vary by person, so the delta method is needed."""

from __future__ import annotations

from math import sqrt

from scipy.special import ndtr, ndtri

from siyu.stats.estimate import Lack, NotEnough, Reading, reading
from siyu.stats.moments import CrossMoments

_BASE_ERRORS = 3.0


def _parts(cross: CrossMoments) -> tuple[float, float] | Lack:
    """The ratio and the variance of it, or what is lacking."""
    n = cross.top.n
    if n < 2:
        return Lack.SINGLE if n else Lack.EMPTY
    base = cross.base.mean
    if base == 0 or abs(base) <= _BASE_ERRORS * sqrt(cross.base.variance / n):
        return Lack.NO_BASE
    ratio = cross.top.mean / base
    spread = cross.top.variance - 2 * ratio * cross.covariance + ratio * ratio * cross.base.variance
    if spread <= 0:
        return Lack.NO_VARIANCE
    return ratio, spread / (n * base * base)


def ratio(cross: CrossMoments, *, level: float = 0.95) -> Reading:
    """Sum of the numerator over sum of the denominator, with its delta-method interval (Deng and others 2018).

    Example:
        >>> found = ratio(CrossMoments.of([10.0, 20.0, 42.0, 0.0, 18.0], [1.0, 2.0, 3.0, 1.0, 3.0]))
        >>> found.value
        9.0
    """
    parts = _parts(cross)
    if isinstance(parts, Lack):
        return NotEnough(parts)
    value, variance = parts
    reach = float(ndtri((1 + level) / 2)) * sqrt(variance)
    return reading(value, value - reach, value + reach, level)


def ratio_difference(treated: CrossMoments, control: CrossMoments, *, level: float = 0.95) -> Reading:
    """Treated ratio minus control ratio, with interval and p-value from the normal law."""
    ours, theirs = _parts(treated), _parts(control)
    if isinstance(ours, Lack):
        return NotEnough(ours)
    if isinstance(theirs, Lack):
        return NotEnough(theirs)
    value, error = ours[0] - theirs[0], sqrt(ours[1] + theirs[1])
    reach = float(ndtri((1 + level) / 2)) * error
    return reading(value, value - reach, value + reach, level, 2.0 * float(ndtr(-abs(value) / error)))

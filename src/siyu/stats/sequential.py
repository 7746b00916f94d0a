"""A confidence sequence: an interval that may be looked at every day, and acted on whenever one likes.

A fixed-horizon interval read at twenty looks "finds" something in 22 to 24 % of experiments where there is nothing.
"""

from __future__ import annotations

from math import log, sqrt

from siyu.stats.estimate import NotEnough, Reading, reading
from siyu.stats.moments import Moments


def always_valid(treated: Moments, control: Moments, *, level: float = 0.95, tuned_at: int = 5_000) -> Reading:
    """Treated minus control with an asymptotic confidence sequence (Waudby-Smith and others 2021, arXiv 2103.06476).

    Args:
        tuned_at: people in both arms at which the interval is meant to be narrowest. Choose it before the first look.

    Example:
        >>> few = Moments.of([3.0, 4.0, 5.0] * 50), Moments.of([1.0, 2.0, 3.0] * 50)
        >>> found = always_valid(*few)
        >>> round(found.value, 9), found.low > 0
        (2.0, True)
    """
    lack = treated.lack() or control.lack()
    if lack:
        return NotEnough(lack)
    alpha = 1 - level
    rho_squared = (-2 * log(alpha) + log(-2 * log(alpha) + 1)) / tuned_at
    seen = (treated.n + control.n) * rho_squared
    error = sqrt(treated.variance / treated.n + control.variance / control.n)
    reach = error * sqrt(2 * (seen + 1) / seen * log(sqrt(seen + 1) / alpha))
    value = treated.mean - control.mean
    return reading(value, value - reach, value + reach, level)

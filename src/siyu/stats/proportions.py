"""Shares: Wilson's interval for one, Newcombe's for the difference of two."""

from __future__ import annotations

from math import sqrt

from scipy.special import ndtr, ndtri

from siyu.stats.estimate import Lack, NotEnough, Reading, reading


def _check(successes: int, n: int) -> None:
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n} is not a share")


def _wilson(successes: int, n: int, level: float) -> tuple[float, float]:
    z = float(ndtri((1 + level) / 2))
    share, square = successes / n, z * z / n
    centre = (share + square / 2) / (1 + square)
    reach = sqrt(max(share * (1 - share) * square + square * square / 4, 0.0)) / (1 + square)
    return max(centre - reach, 0.0), min(centre + reach, 1.0)


def share(successes: int, n: int, *, level: float = 0.95) -> Reading:
    """A share with Wilson's score interval (Wilson 1927); good at 0 and at 1 too, where the usual one collapses.

    Example:
        >>> found = share(0, 10)
        >>> found.value, found.low, round(found.high, 4)
        (0.0, 0.0, 0.2775)

    Raises:
        ValueError: there are more successes than trials, or fewer than none.
    """
    _check(successes, n)
    if n == 0:
        return NotEnough(Lack.EMPTY)
    low, high = _wilson(successes, n, level)
    return reading(successes / n, low, high, level)


def share_difference(treated: tuple[int, int], control: tuple[int, int], *, level: float = 0.95) -> Reading:
    """Share of treated minus share of control; each given as (successes, people).

    Interval: Newcombe's hybrid score (Newcombe 1998, method 10). p-value: pooled z-test.

    Example:
        >>> found = share_difference((56, 70), (48, 80))  # Newcombe's table II, row a
        >>> round(found.value, 4), round(found.low, 4), round(found.high, 4)
        (0.2, 0.0524, 0.3339)

    Raises:
        ValueError: there are more successes than trials, or fewer than none.
    """
    (a, n), (b, m) = treated, control
    _check(a, n)
    _check(b, m)
    if not n or not m:
        return NotEnough(Lack.EMPTY)
    if n == 1 or m == 1:
        return NotEnough(Lack.SINGLE)
    pooled = (a + b) / (n + m)
    if pooled in (0.0, 1.0):
        return NotEnough(Lack.NO_VARIANCE)
    value = a / n - b / m
    (a_low, a_high), (b_low, b_high) = _wilson(a, n, level), _wilson(b, m, level)
    low = value - sqrt((a / n - a_low) ** 2 + (b_high - b / m) ** 2)
    high = value + sqrt((a_high - a / n) ** 2 + (b / m - b_low) ** 2)
    z = abs(value) / sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return reading(value, low, high, level, 2.0 * float(ndtr(-z)))

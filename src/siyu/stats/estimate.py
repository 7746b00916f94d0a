"""What a computation may answer: an estimate with its interval, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import TypeAlias


class Lack(StrEnum):
    """Why there is no estimate."""

    EMPTY = "empty"  # an arm without anybody
    SINGLE = "single"  # one observation has no spread
    NO_VARIANCE = "no-variance"  # all values of an arm are equal, so its spread is unknown
    NO_BASE = "no-base"  # the denominator is zero or cannot be told from zero
    TOO_FEW = "too-few"  # fewer than the method can be trusted with
    NOT_FINITE = "not-finite"  # values so large that their squares overflow


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its two-sided interval; every number is finite.

    Attributes:
        level: confidence of the interval (0.95).
        p: two-sided p-value against "no difference"; ``None`` where nothing is tested.
    """

    value: float
    low: float
    high: float
    level: float
    p: float | None = None

    def scaled(self, factor: float) -> Estimate:
        """The same reading in another unit: a head to all heads, revenue to margin.

        Example:
            >>> Estimate(2.0, 1.0, 3.0, 0.95).scaled(-10).low
            -30.0
        """
        ends = sorted((self.low * factor, self.high * factor))
        return Estimate(self.value * factor, ends[0], ends[1], self.level, self.p)


@dataclass(frozen=True, slots=True)
class NotEnough:
    """Not enough data, and what is lacking."""

    why: Lack


Reading: TypeAlias = Estimate | NotEnough


def reading(value: float, low: float, high: float, level: float, p: float | None = None) -> Reading:
    """An estimate, unless one of its numbers is not finite.

    Example:
        >>> reading(1.0, float("nan"), 2.0, 0.95)
        NotEnough(why=<Lack.NOT_FINITE: 'not-finite'>)
    """
    numbers = (value, low, high, 0.0 if p is None else p)
    if not all(isfinite(number) for number in numbers):
        return NotEnough(Lack.NOT_FINITE)
    return Estimate(float(value), float(low), float(high), level, None if p is None else float(p))

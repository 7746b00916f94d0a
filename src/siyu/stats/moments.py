"""Sufficient statistics: all that the tests need, addable across files, days and machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from siyu.stats.estimate import Lack

Values: TypeAlias = npt.NDArray[np.float64]

_NOISE = 1e-13
"""Relative size under which a variance is rounding error of the subtraction that made it."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, sum and sum of squares of one variable.

    The variance is exact to about ``1e-16 * mean**2 / variance`` relative: ample for money a head.

    Example:
        >>> week = Moments.of([1.0, 2.0]) + Moments.of([3.0])
        >>> week.mean, week.variance
        (2.0, 1.0)
    """

    n: int
    total: float
    squares: float

    @classmethod
    def of(cls, values: npt.ArrayLike) -> Moments:
        """Moments of finite values; NaN and infinities must be dealt with before."""
        array = np.asarray(values, dtype=np.float64)
        with np.errstate(over="ignore"):
            return cls(array.size, float(array.sum()), float(np.square(array).sum()))

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.n + other.n, self.total + other.total, self.squares + other.squares)

    @property
    def mean(self) -> float:
        """Arithmetic mean; 0 of nobody."""
        return self.total / self.n if self.n else 0.0

    @property
    def variance(self) -> float:
        """Unbiased variance; 0 for fewer than two values and where only rounding error is left."""
        if self.n < 2:
            return 0.0
        spread = self.squares - self.total * self.mean
        return spread / (self.n - 1) if spread > _NOISE * self.squares else 0.0

    def lack(self) -> Lack | None:
        """Why this arm cannot carry an interval; ``None`` if it can."""
        if self.n == 0:
            return Lack.EMPTY
        if self.n == 1:
            return Lack.SINGLE
        if not np.isfinite(self.squares):
            return Lack.NOT_FINITE
        return Lack.NO_VARIANCE if self.variance == 0 else None


@dataclass(frozen=True, slots=True)
class CrossMoments:
    """Moments of a numerator and a denominator of the same people, with their cross product."""

    top: Moments
    base: Moments
    products: float

    @classmethod
    def of(cls, top: npt.ArrayLike, base: npt.ArrayLike) -> CrossMoments:
        """Moments of two arrays of equal length, one entry a person."""
        tops, bases = np.asarray(top, dtype=np.float64), np.asarray(base, dtype=np.float64)
        return cls(Moments.of(tops), Moments.of(bases), float((tops * bases).sum()))

    def __add__(self, other: CrossMoments) -> CrossMoments:
        return CrossMoments(self.top + other.top, self.base + other.base, self.products + other.products)

    @property
    def covariance(self) -> float:
        """Unbiased covariance; 0 for fewer than two people."""
        n = self.top.n
        return (self.products - self.top.total * self.base.mean) / (n - 1) if n > 1 else 0.0

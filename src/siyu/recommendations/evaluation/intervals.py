"""Bootstrap over people: one set of resamples for all measures of all models, so that differences are paired.

Efron and Tibshirani, "An introduction to the bootstrap", 1993: percentile intervals. Every resample draws as many
people as there are, with replacement; a measure of it is a sum of values over a sum of weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from siyu.stats.estimate import Lack, NotEnough, Reading, reading

Values: TypeAlias = NDArray[np.float64]
_CELLS = 8_000_000


@dataclass(frozen=True, slots=True)
class Resampled:
    """Measures (columns) of everybody, and of each resample (rows)."""

    value: Values
    drawn: Values

    def interval(self, column: int, *, level: float) -> Reading:
        """The measure with its interval."""
        return _reading(float(self.value[column]), self.drawn[:, column], level)

    def difference(self, column: int, other: int, *, level: float) -> Reading:
        """One measure less another, both of the same people in every resample."""
        gap = self.drawn[:, column] - self.drawn[:, other]
        return _reading(float(self.value[column] - self.value[other]), gap, level)


def resampled(above: Values, below: Values, *, seed: int, resamples: int) -> Resampled:
    """Sums of ``above`` over sums of ``below`` (people by measures, 1 everywhere for a mean), whole and resampled.

    Example:
        >>> found = resampled(np.array([[0.0], [1.0], [1.0], [0.0]]), np.ones((4, 1)), seed=1, resamples=400)
        >>> found.value.tolist(), found.drawn.shape
        ([0.5], (400, 1))
    """
    people = above.shape[0]
    draw = np.random.default_rng(seed)
    both = np.hstack([above, below])
    rows = max(1, _CELLS // max(people, 1))
    sums = []
    for first in range(0, resamples, rows):
        count = min(rows, resamples - first)
        chosen = draw.integers(0, people, (count, people), dtype=np.int64)
        chosen += np.arange(count)[:, None] * people
        times = np.bincount(chosen.ravel(), minlength=count * people).reshape(count, people)
        sums.append(times.astype(np.float64) @ both)
    drawn = np.concatenate(sums) if sums else np.zeros((0, both.shape[1]))
    width = above.shape[1]
    return Resampled(_over(above.sum(axis=0), below.sum(axis=0)), _over(drawn[:, :width], drawn[:, width:]))


def _over(above: Values, below: Values) -> Values:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _reading(value: float, drawn: Values, level: float) -> Reading:
    if drawn.size < 2:
        return NotEnough(Lack.SINGLE)
    low, high = np.quantile(drawn, ((1 - level) / 2, (1 + level) / 2))
    return reading(value, float(low), float(high), level)

"""Bootstrap intervals: percentile and bias-corrected accelerated (Efron 1987), vectorised and seeded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np
from scipy.special import ndtr, ndtri

from siyu.stats.estimate import Lack, NotEnough, Reading, reading
from siyu.stats.moments import Values

Statistic: TypeAlias = Callable[[Values], Values]
"""Maps samples, one a row (the last axis), to one number each: ``lambda rows: rows.mean(axis=-1)``."""

_CELLS = 4_000_000
"""Values drawn at once: 32 MB, whatever the size of the sample."""


def _replicates(values: Values, statistic: Statistic, resamples: int, draw: np.random.Generator) -> Values:
    rows = max(1, _CELLS // values.size)
    found = [
        np.asarray(statistic(values[draw.integers(0, values.size, (min(rows, resamples - done), values.size))]))
        for done in range(0, resamples, rows)
    ]
    return np.concatenate(found)


def _jackknife(values: Values, statistic: Statistic) -> Values:
    rows = max(1, _CELLS // values.size)
    columns = np.arange(values.size - 1)
    found = []
    for start in range(0, values.size, rows):
        left_out = np.arange(start, min(start + rows, values.size))[:, None]
        found.append(np.asarray(statistic(values[columns + (columns >= left_out)])))
    return np.concatenate(found)


def _bca_tails(replicates: Values, value: float, jackknife: Values, level: float) -> tuple[float, float]:
    below = ((replicates < value).sum() + (replicates <= value).sum()) / (2 * replicates.size)
    bias = float(ndtri(below))
    pull = jackknife.mean() - jackknife
    acceleration = float((pull**3).sum() / (6 * (pull**2).sum() ** 1.5))
    ends = []
    for tail in ((1 - level) / 2, (1 + level) / 2):
        moved = bias + float(ndtri(tail))
        ends.append(float(ndtr(bias + moved / (1 - acceleration * moved))))
    return ends[0], ends[1]


def bootstrap(
    values: Values,
    statistic: Statistic,
    *,
    seed: int,
    level: float = 0.95,
    resamples: int = 2_000,
    method: Literal["bca", "percentile"] = "bca",
) -> Reading:
    """Interval of any statistic of one sample.

    ``bca`` costs one statistic more per value (its jackknife): keep it under some ten thousand values.

    Example:
        >>> found = bootstrap(np.arange(30.0), lambda rows: rows.mean(axis=-1), seed=1)
        >>> found.value, found.low < 14.5 < found.high
        (14.5, True)
    """
    if values.size < 2:
        return NotEnough(Lack.SINGLE if values.size else Lack.EMPTY)
    value = float(np.asarray(statistic(values[None, :]))[0])
    replicates = _replicates(values, statistic, resamples, np.random.default_rng(seed))
    if not np.isfinite(replicates).all():
        return NotEnough(Lack.NOT_FINITE)
    if np.ptp(replicates) == 0:
        return NotEnough(Lack.NO_VARIANCE)
    tails = ((1 - level) / 2, (1 + level) / 2)
    if method == "bca":
        jackknife = _jackknife(values, statistic)
        if np.ptp(jackknife) == 0:
            return NotEnough(Lack.NO_VARIANCE)
        tails = _bca_tails(replicates, value, jackknife, level)
    low, high = np.quantile(replicates, tails)
    return reading(value, float(low), float(high), level)


def bootstrap_difference(
    treated: Values, control: Values, statistic: Statistic, *, seed: int, level: float = 0.95, resamples: int = 2_000
) -> Reading:
    """Percentile interval of a statistic of ``treated`` minus that of ``control``, each arm drawn by itself."""
    if min(treated.size, control.size) < 2:
        return NotEnough(Lack.SINGLE if min(treated.size, control.size) else Lack.EMPTY)
    draw = np.random.default_rng(seed)
    replicates = _replicates(treated, statistic, resamples, draw) - _replicates(control, statistic, resamples, draw)
    if np.isfinite(replicates).all() and np.ptp(replicates) == 0:
        return NotEnough(Lack.NO_VARIANCE)
    value = float(np.asarray(statistic(treated[None, :]))[0] - np.asarray(statistic(control[None, :]))[0])
    low, high = np.quantile(replicates, ((1 - level) / 2, (1 + level) / 2))
    return reading(value, float(low), float(high), level)

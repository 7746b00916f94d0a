"""Sample-ratio check: did chance split the people as it was told to? If not, no comparison of the arms can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from siyu.stats.estimate import Lack, NotEnough

ALARM = 0.001
"""p-value below which the arms are not what they should be (Fabijan and others 2019)."""

_LEAST_EXPECTED = 5.0


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Outcome of the check: expected people per arm, chi-square statistic, p-value, and whether to raise the alarm."""

    expected: tuple[float, ...]
    statistic: float
    p: float
    alarm: bool


def sample_ratio(counts: Sequence[int], weights: Sequence[float], *, alarm: float = ALARM) -> SampleRatio | NotEnough:
    """Chi-square test of ``counts`` against shares in proportion to ``weights``.

    An arm that should have nobody but has somebody raises the alarm at once. Fewer than five expected people in an
    arm is too few for the chi-square law.

    Example:
        >>> sample_ratio([821_588, 815_482], [1, 1]).alarm  # the example of Kohavi, Tang and Xu 2020, chapter 3
        True
    """
    observed, shares = np.asarray(counts, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if observed.shape != shares.shape or (shares < 0).any() or (observed < 0).any():
        raise ValueError("counts and weights must be as many as each other and not negative")
    if observed.sum() == 0 or shares.sum() == 0 or observed.size < 2:
        return NotEnough(Lack.EMPTY)
    expected = observed.sum() * shares / shares.sum()
    planned = tuple(float(number) for number in expected)
    if (observed[expected == 0] > 0).any():
        return SampleRatio(planned, 0.0, 0.0, True)
    used = expected > 0
    if (expected[used] < _LEAST_EXPECTED).any() or used.sum() < 2:
        return NotEnough(Lack.TOO_FEW)
    statistic = float((np.square(observed - expected)[used] / expected[used]).sum())
    p = float(chdtrc(used.sum() - 1, statistic))
    return SampleRatio(planned, statistic, p, p < alarm)

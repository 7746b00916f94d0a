"""Two shares compared within strata: like is set against like, and the strata are added up.

Some lines can only be written to some readers (a line about what was looked at needs somebody who looked), and those
readers click more, whatever they are sent. Within a stratum every reader could have got either, and chance chose.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, ndtr, ndtri

from siyu.stats.estimate import Lack, NotEnough, Reading, reading

Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

_MOST_EXACT = 2_000
"""Possible totals up to which the p-value is exact; beyond them a normal distribution fits to many digits."""
_TIE = 1 + 1e-7


@dataclass(frozen=True, slots=True)
class Tables:
    """One 2 x 2 table a stratum: people and successes of both sides, as arrays over the strata."""

    ours: Counts
    theirs: Counts
    our_successes: Counts
    their_successes: Counts

    @property
    def people(self) -> Counts:
        """Both sides together."""
        return self.ours + self.theirs

    @property
    def successes(self) -> Counts:
        """Of both sides together."""
        return self.our_successes + self.their_successes


def share_difference_within(success: Flags, exposed: Flags, strata: Codes, *, level: float = 0.95) -> Reading:
    """Share of successes of the exposed minus that of the others, each stratum by itself, then weighted together.

    Estimate: Mantel and Haenszel's risk difference; interval: Sato's variance (Sato, Greenland and Robins 1989), good
    for few large strata and for many small ones. p-value: exact, from the distribution of the exposed's successes over
    all ways in which chance could have dealt them within the strata (Fisher's test where there is one stratum).

    Args:
        success, exposed: one entry a person.
        strata: the person's stratum, 0 or more. Strata that hold one side only tell nothing and are left out.

    Example:
        >>> import numpy as np
        >>> success = np.repeat([True, False, True, False], [3, 7, 1, 9])
        >>> found = share_difference_within(success, np.arange(20) < 10, np.zeros(20, np.int64))
        >>> round(found.value, 9), round(found.p, 4)  # Fisher's exact test of 3 of 10 against 1 of 10
        (0.2, 0.582)
    """
    tables = _tables(success, exposed, strata)
    if not tables.ours.size:
        return NotEnough(Lack.EMPTY)
    if tables.people.sum() < 3:
        return NotEnough(Lack.SINGLE)
    if not ((tables.successes > 0) & (tables.successes < tables.people)).any():
        return NotEnough(Lack.NO_VARIANCE)
    value, variance = _risk_difference(tables)
    if variance <= 0:
        return NotEnough(Lack.NO_VARIANCE)
    reach = float(ndtri((1 + level) / 2)) * sqrt(variance)
    return reading(value, max(value - reach, -1.0), min(value + reach, 1.0), level, _p_value(tables))


def _tables(success: Flags, exposed: Flags, strata: Codes) -> Tables:
    size = int(strata.max()) + 1 if strata.size else 0

    def count(mask: Flags) -> Counts:
        return np.bincount(strata[mask], minlength=size).astype(np.float64)

    ours, theirs = count(exposed), count(~exposed)
    both = (ours > 0) & (theirs > 0)
    successes = (count(exposed & success)[both], count(~exposed & success)[both])
    return Tables(ours[both], theirs[both], *successes)


def _risk_difference(tables: Tables) -> tuple[float, float]:
    n1, n0, a, c, n = tables.ours, tables.theirs, tables.our_successes, tables.their_successes, tables.people
    weight = float((n1 * n0 / n).sum())
    value = float(((a * n0 - c * n1) / n).sum()) / weight
    slope = float(((n1 * n1 * c - n0 * n0 * a + n1 * n0 * (n0 - n1) / 2) / (n * n)).sum())
    spread = float(((a * (n0 - c) + c * (n1 - a)) / (2 * n)).sum())
    return value, (value * slope + spread) / (weight * weight)


def _p_value(tables: Tables) -> float:
    lowest = np.maximum(tables.successes - tables.theirs, 0)
    highest = np.minimum(tables.ours, tables.successes)
    if float((highest - lowest).sum()) > _MOST_EXACT:
        return _normal_p(tables)
    chances = np.ones(1)
    for stratum in np.flatnonzero(highest > lowest):
        values = np.arange(lowest[stratum], highest[stratum] + 1)
        chances = np.convolve(chances, _hypergeometric(values, tables, stratum))
    at = round(float((tables.our_successes - lowest).sum()))
    return float(min(chances[chances <= chances[at] * _TIE].sum(), 1.0))


def _hypergeometric(values: Counts, tables: Tables, stratum: np.intp) -> Counts:
    """Chance of each number of successes among the exposed of a stratum, its totals given."""
    n1, n0, m = tables.ours[stratum], tables.theirs[stratum], tables.successes[stratum]
    log = -(gammaln(values + 1) + gammaln(n1 - values + 1) + gammaln(m - values + 1) + gammaln(n0 - m + values + 1))
    weights: Counts = np.exp(log - log.max())
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _normal_p(tables: Tables) -> float:
    """Cochran, Mantel and Haenszel's test without a correction."""
    n1, n0, m, n = tables.ours, tables.theirs, tables.successes, tables.people
    expected = n1 * m / n
    variance = float((n1 * n0 * m * (n - m) / (n * n * np.maximum(n - 1, 1))).sum())
    z = abs(float((tables.our_successes - expected).sum())) / sqrt(variance)
    return 2.0 * float(ndtr(-z))

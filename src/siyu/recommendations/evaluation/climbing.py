"""Climbing: one step at a time from settings to better ones, keeping what helps, judged on the same people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from siyu.recommendations.evaluation.accuracy import Values

T = TypeVar("T")
_LEAST_GAIN: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Rating:
    """The measure of everyone, by task; tasks count alike."""

    values: Sequence[Values]

    @property
    def value(self) -> float:
        """The mean over tasks of the mean over people; 0 where nobody is asked for anything."""
        means = [values.mean() for values in self.values if values.size]
        return float(np.mean(means)) if means else 0.0

    def error(self, other: Rating) -> float:
        """The standard error of the difference to ``other``, person by person."""
        gaps = [mine - theirs for mine, theirs in zip(self.values, other.values, strict=True) if mine.size]
        return float(np.sqrt(sum(gap.var() / gap.size for gap in gaps)) / max(len(gaps), 1))

    def beats(self, other: Rating) -> bool:
        """Whether it is better by more than the standard error of the difference.

        Example:
            >>> plain, better = Rating([np.array([0.1, 0.2, 0.3])]), Rating([np.array([0.2, 0.3, 0.4])])
            >>> better.beats(plain), plain.beats(better), plain.beats(plain)
            (True, False, False)
        """
        return self.value - other.value > max(self.error(other), _LEAST_GAIN)


def climb(
    here: T,
    rating: Rating,
    *,
    rate: Callable[[T], Rating],
    steps: Callable[[T], Iterable[Callable[[T], T | None]]],
    more: Callable[[], bool],
) -> tuple[T, Rating, bool]:
    """Where steps that each :meth:`Rating.beats` the place before lead to from ``here``.

    Args:
        steps: ways to go on from a place; each answers with the next place, or ``None`` where it leads nowhere. One
            that helped is taken again.
        more: whether another trial may begin.

    Returns:
        The place, its rating, and whether no step was left that could have helped.
    """
    helped = True
    while helped:
        helped = False
        for step in list(steps(here)):
            while more():
                other = step(here)
                found = rate(other) if other is not None else None
                if other is None or found is None or not found.beats(rating):
                    break
                here, rating, helped = other, found, True
            else:
                return here, rating, False
    return here, rating, True

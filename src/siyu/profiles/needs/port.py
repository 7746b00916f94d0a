"""What a learner is: it learns a chance from rows of features, and leaves what it learnt as plain arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from siyu.profiles.needs.features import PLACE

Floats = npt.NDArray[np.float64]
Parts = Mapping[str, npt.NDArray[Any]]
"""What was learnt: numbers by name, of any shape. Nothing else is stored, so that loading runs no code."""


class NoOptions(BaseModel):
    """Options of a learner that has none."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What to learn from.

    Attributes:
        rows: people x :data:`~siyu.profiles.needs.features.NAMES`, on one scale, without gaps.
        happened: 1 where it happened, else 0; both occur.
        seed: of whatever is drawn.
    """

    rows: Floats
    happened: Floats
    seed: int

    def column(self, name: str) -> Floats:
        """One feature by name."""
        return self.rows[:, PLACE[name]]


class Learnt(Protocol):
    """What a learner learnt. Holds plain arrays, travels to workers."""

    def scores(self, rows: Floats) -> Floats:
        """The higher, the likelier; not a chance yet. Depends on a person's own row alone."""
        ...

    def contributions(self, rows: Floats) -> Floats:
        """What each feature adds to each score, compared with someone usual (a row of zeros is the mean person)."""
        ...

    def parts(self) -> Parts:
        """As plain arrays."""
        ...


class Learner(Protocol):
    """A way to learn. Its constructor takes ``options``, an instance of its own ``Options``.

    Attributes:
        plainness: of two that are equally good, the one with the lower number is taken.
        baseline: whether it is there to be beaten.
    """

    Options: ClassVar[type[BaseModel]]
    plainness: ClassVar[int]
    baseline: ClassVar[bool]

    def __init__(self, options: Any) -> None: ...

    def learn(self, lesson: Lesson) -> Learnt:
        """Learn from the past."""
        ...

    def recall(self, parts: Parts) -> Learnt:
        """What :meth:`Learnt.parts` wrote."""
        ...


def what_if(learnt: Learnt, rows: Floats) -> Floats:
    """Contributions of any learner: the score as it is, less the score with one feature made usual (0)."""
    now = learnt.scores(rows)
    found = np.zeros_like(rows)
    changed = rows.copy()
    for place in range(rows.shape[1]):
        if not rows[:, place].any():
            continue
        changed[:, place] = 0
        found[:, place] = now - learnt.scores(changed)
        changed[:, place] = rows[:, place]
    return found

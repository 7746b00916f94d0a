"""Baseline: who bought lately and often buys again. Shares in cells of recency and frequency, as in RFM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from siyu.profiles.needs.features import PLACE
from siyu.profiles.needs.port import Floats, Lesson, Parts, what_if


class RecencyFrequencyOptions(BaseModel):
    """Cells."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cells: int = Field(5, ge=2, le=20, description="Parts into which recency, and frequency, are cut.")


@dataclass(frozen=True, slots=True)
class Cells:
    """Log-odds by cell, and of people who never bought."""

    recency: Floats
    frequency: Floats
    odds: Floats
    never: float
    bought: float

    def scores(self, rows: Floats) -> Floats:
        """The cell of each."""
        return np.where(rows[:, PLACE["never"]] > self.bought, self.never, self.odds[self._cells(rows)])

    def _cells(self, rows: Floats) -> tuple[Any, Any]:
        return (
            np.searchsorted(self.recency, rows[:, PLACE["recency"]]),
            np.searchsorted(self.frequency, rows[:, PLACE["buys"]]),
        )

    def contributions(self, rows: Floats) -> Floats:
        """By asking what would be if."""
        return what_if(self, rows)

    def parts(self) -> Parts:
        """As plain arrays."""
        rest = np.array([self.never, self.bought])
        return {"recency": self.recency, "frequency": self.frequency, "odds": self.odds, "rest": rest}


class RecencyFrequency:
    """Shares of buyers in cells, drawn towards the share of all."""

    Options: ClassVar[type[BaseModel]] = RecencyFrequencyOptions
    plainness: ClassVar[int] = 0
    baseline: ClassVar[bool] = True

    def __init__(self, options: RecencyFrequencyOptions) -> None:
        self._cells = options.cells

    def learn(self, lesson: Lesson) -> Cells:
        """Count."""
        never = lesson.column("never")
        border = float(never.min() + never.max()) / 2 if np.ptp(never) else np.inf
        buyers = never <= border
        mean = float(lesson.happened.mean())
        if not buyers.any():
            return Cells(np.empty(0), np.empty(0), np.full((1, 1), _odds(mean)), float(_odds(mean)), border)
        steps = np.linspace(0, 1, self._cells + 1)[1:-1]
        recency = np.unique(np.quantile(lesson.column("recency")[buyers], steps))
        frequency = np.unique(np.quantile(lesson.column("buys")[buyers], steps))
        rows, columns = (
            np.searchsorted(edges, lesson.column(name)[buyers])
            for edges, name in ((recency, "recency"), (frequency, "buys"))
        )
        shape = (len(recency) + 1, len(frequency) + 1)
        cell = np.ravel_multi_index((rows, columns), shape)
        people = np.bincount(cell, minlength=shape[0] * shape[1])
        happened = np.bincount(cell, lesson.happened[buyers], minlength=people.size)
        odds = _odds((happened + 5 * mean) / (people + 5)).reshape(shape)
        others = lesson.happened[~buyers]
        return Cells(recency, frequency, odds, float(_odds((others.sum() + 5 * mean) / (others.size + 5))), border)

    def recall(self, parts: Parts) -> Cells:
        """What was learnt."""
        never, bought = (float(one) for one in parts["rest"])
        return Cells(parts["recency"], parts["frequency"], parts["odds"], never, bought)


def _odds(share: Floats | float) -> Floats:
    inside = np.clip(share, 1e-4, 1 - 1e-4)
    found: Floats = np.log(inside / (1 - inside))
    return found

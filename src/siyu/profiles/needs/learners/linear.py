"""What linear learners leave: a weight for each feature. Their contributions are exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siyu.profiles.needs.port import Floats, Parts


@dataclass(frozen=True, slots=True)
class Weights:
    """A weighted sum."""

    weights: Floats
    start: float

    def scores(self, rows: Floats) -> Floats:
        """The sum of each row."""
        return rows @ self.weights + self.start

    def contributions(self, rows: Floats) -> Floats:
        """Each summand: the mean person has none."""
        return rows * self.weights

    def parts(self) -> Parts:
        """As plain arrays."""
        return {"weights": self.weights, "start": np.array([self.start])}

    @classmethod
    def of(cls, parts: Parts) -> Weights:
        """What :meth:`parts` wrote."""
        return cls(np.asarray(parts["weights"], float), float(parts["start"][0]))

"""A small neural net: one layer of rectified sums between the features and the log-odds."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from siyu.profiles.needs.port import Floats, Lesson, Parts, what_if


class NetOptions(BaseModel):
    """Its size."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    units: int = Field(16, ge=1, le=512, description="Units of the layer.")
    penalty: float = Field(0.01, ge=0, description="Penalty on squared weights.")
    rounds: int = Field(30, ge=1, le=1000, description="Passes over the data, at most; fewer where nothing is gained.")


@dataclass(frozen=True, slots=True)
class Net:
    """Weights of both layers."""

    first: Floats
    first_start: Floats
    second: Floats
    second_start: Floats

    def scores(self, rows: Floats) -> Floats:
        """Log-odds."""
        found: Floats = (np.maximum(rows @ self.first + self.first_start, 0) @ self.second + self.second_start)[:, 0]
        return found

    def contributions(self, rows: Floats) -> Floats:
        """By asking what would be if."""
        return what_if(self, rows)

    def parts(self) -> Parts:
        """As plain arrays."""
        return {"first": self.first, "first_start": self.first_start, "second": self.second,
                "second_start": self.second_start}  # fmt: skip


class NeuralNet:
    """By scikit-learn (Adam; it stops when people kept apart are not foreseen better any more)."""

    Options: ClassVar[type[BaseModel]] = NetOptions
    plainness: ClassVar[int] = 7
    baseline: ClassVar[bool] = False

    def __init__(self, options: NetOptions) -> None:
        self._options = options

    def learn(self, lesson: Lesson) -> Net:
        """Descend."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier

        wanted = self._options
        net = MLPClassifier(
            (wanted.units,), alpha=wanted.penalty, max_iter=wanted.rounds,
            batch_size=max(1, min(256, len(lesson.rows) * 9 // 10)),
            learning_rate_init=0.003, early_stopping=True, n_iter_no_change=4, random_state=lesson.seed,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the number of passes is a choice
            net.fit(lesson.rows, lesson.happened)
        first, second = net.coefs_
        return Net(first, net.intercepts_[0], second, net.intercepts_[1])

    def recall(self, parts: Parts) -> Net:
        """What was learnt."""
        return Net(parts["first"], parts["first_start"], parts["second"], parts["second_start"])

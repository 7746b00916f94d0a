"""Baseline: what BG/NBD foresees from the dates of purchases alone, and one share for people who never bought."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import BaseModel

from siyu.profiles.needs.features import NAMES, PLACE
from siyu.profiles.needs.learners.linear import Weights
from siyu.profiles.needs.port import Lesson, NoOptions, Parts


class BgNbd:
    """The chance that BG/NBD gives (feature ``likely``); only its direction and the share of strangers are learnt."""

    Options: ClassVar[type[BaseModel]] = NoOptions
    plainness: ClassVar[int] = 1
    baseline: ClassVar[bool] = True

    def __init__(self, options: NoOptions) -> None:
        del options

    def learn(self, lesson: Lesson) -> Weights:
        """Two weights."""
        from sklearn.linear_model import LogisticRegression

        places = [PLACE["likely"], PLACE["never"]]
        fitted = LogisticRegression(C=1e3, max_iter=1000).fit(lesson.rows[:, places], lesson.happened)
        weights = np.zeros(len(NAMES))
        weights[places] = fitted.coef_[0]
        return Weights(weights, float(fitted.intercept_[0]))

    def recall(self, parts: Parts) -> Weights:
        """What was learnt."""
        return Weights.of(parts)

"""Logistic regression: a weighted sum of the features is the log-odds."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from siyu.profiles.needs.learners.linear import Weights
from siyu.profiles.needs.port import Lesson, Parts


class LogisticOptions(BaseModel):
    """How freely it learns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    freedom: float = Field(0.1, gt=0, le=1e6, description="Inverse of the penalty on weights.")


class Logistic:
    """By scikit-learn, with a penalty on squares."""

    Options: ClassVar[type[BaseModel]] = LogisticOptions
    plainness: ClassVar[int] = 2
    baseline: ClassVar[bool] = False

    def __init__(self, options: LogisticOptions) -> None:
        self._freedom = options.freedom

    def learn(self, lesson: Lesson) -> Weights:
        """Maximum likelihood with a penalty."""
        from sklearn.linear_model import LogisticRegression

        fitted = LogisticRegression(C=self._freedom, max_iter=1000).fit(lesson.rows, lesson.happened)
        return Weights(fitted.coef_[0].astype(float), float(fitted.intercept_[0]))

    def recall(self, parts: Parts) -> Weights:
        """What was learnt."""
        return Weights.of(parts)

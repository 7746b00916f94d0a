"""Linear support vector machine: the plane with the widest margin between those who did and those who did not."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from siyu.profiles.needs.learners.linear import Weights
from siyu.profiles.needs.port import Lesson, Parts


class SvmOptions(BaseModel):
    """How freely it learns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    freedom: float = Field(0.01, gt=0, le=1e6, description="Inverse of the penalty on weights.")


class LinearSvm:
    """By scikit-learn (squared hinge, primal)."""

    Options: ClassVar[type[BaseModel]] = SvmOptions
    plainness: ClassVar[int] = 3
    baseline: ClassVar[bool] = False

    def __init__(self, options: SvmOptions) -> None:
        self._freedom = options.freedom

    def learn(self, lesson: Lesson) -> Weights:
        """Find the plane."""
        from sklearn.svm import LinearSVC

        fitted = LinearSVC(C=self._freedom, dual=False, max_iter=5000, random_state=lesson.seed)
        fitted.fit(lesson.rows, lesson.happened)
        return Weights(fitted.coef_[0].astype(float), float(fitted.intercept_[0]))

    def recall(self, parts: Parts) -> Weights:
        """What was learnt."""
        return Weights.of(parts)

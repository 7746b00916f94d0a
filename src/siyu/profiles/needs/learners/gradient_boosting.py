"""Gradient boosting: trees that each mend what those before them got wrong."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field
from threadpoolctl import threadpool_limits

from siyu.profiles.needs.learners.trees import Tree, Trees, joined
from siyu.profiles.needs.port import Lesson, Parts


class BoostingOptions(BaseModel):
    """How many trees, and how far they grow."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    trees: int = Field(80, ge=1, le=1000, description="Trees.")
    rate: float = Field(0.06, gt=0, le=1, description="Share of the error that a tree mends.")
    leaves: int = Field(12, ge=2, le=256, description="Leaves of a tree, at most.")
    depth: int = Field(5, ge=1, le=20, description="Questions in a tree, at most.")
    leaf: int = Field(40, ge=1, description="People in a leaf, at least; a fiftieth of them all where those are few.")


class GradientBoosting:
    """By scikit-learn (histograms)."""

    Options: ClassVar[type[BaseModel]] = BoostingOptions
    plainness: ClassVar[int] = 5
    baseline: ClassVar[bool] = False

    def __init__(self, options: BoostingOptions) -> None:
        self._options = options

    def learn(self, lesson: Lesson) -> Trees:
        """Grow one after the other."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        wanted = self._options
        booster = HistGradientBoostingClassifier(
            max_iter=wanted.trees, learning_rate=wanted.rate, max_leaf_nodes=wanted.leaves, max_depth=wanted.depth,
            min_samples_leaf=max(1, min(wanted.leaf, len(lesson.rows) // 50)), l2_regularization=1.0,
            early_stopping=False, random_state=lesson.seed,
        )  # fmt: skip
        with threadpool_limits(1):  # on so few rows, threads mostly wait for each other
            fitted = booster.fit(lesson.rows, lesson.happened)
        # scikit-learn shows its grown trees under these names only; the contract suite compares scores with its own
        grown = [stage[0].nodes for stage in fitted._predictors]
        trees = [
            Tree(
                nodes["feature_idx"],
                nodes["num_threshold"],
                nodes["left"].astype(int),
                nodes["right"].astype(int),
                nodes["value"],
                nodes["count"],
            )
            for nodes in grown
        ]
        return joined(trees, start=float(fitted._baseline_prediction.ravel()[0]), shares=False)

    def recall(self, parts: Parts) -> Trees:
        """What was learnt."""
        return Trees.of(parts)

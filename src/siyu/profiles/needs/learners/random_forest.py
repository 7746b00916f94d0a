"""A random forest: the mean of many trees, each grown from other people and other questions."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from siyu.profiles.needs.learners.trees import Tree, Trees, joined
from siyu.profiles.needs.port import Lesson, Parts


class ForestOptions(BaseModel):
    """How many trees, and how far they grow."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    trees: int = Field(60, ge=1, le=1000, description="Trees.")
    depth: int = Field(8, ge=1, le=20, description="Questions in a tree, at most.")
    leaf: int = Field(40, ge=1, description="People in a leaf, at least; a fiftieth of them all where those are few.")


class RandomForest:
    """By scikit-learn."""

    Options: ClassVar[type[BaseModel]] = ForestOptions
    plainness: ClassVar[int] = 6
    baseline: ClassVar[bool] = False

    def __init__(self, options: ForestOptions) -> None:
        self._options = options

    def learn(self, lesson: Lesson) -> Trees:
        """Grow them."""
        from sklearn.ensemble import RandomForestClassifier

        leaf = max(1, min(self._options.leaf, len(lesson.rows) // 50))
        forest = RandomForestClassifier(
            self._options.trees, max_depth=self._options.depth, min_samples_leaf=leaf, random_state=lesson.seed
        ).fit(lesson.rows, lesson.happened)
        trees = [Tree.grown(tree.tree_) for tree in forest.estimators_]
        return joined(trees, start=0.0, shares=True, weight=1 / len(trees))

    def recall(self, parts: Parts) -> Trees:
        """What was learnt."""
        return Trees.of(parts)

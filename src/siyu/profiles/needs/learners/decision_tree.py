"""A decision tree: a few questions, then a share."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from siyu.profiles.needs.learners.trees import Tree, Trees, joined
from siyu.profiles.needs.port import Lesson, Parts


class TreeOptions(BaseModel):
    """How far it grows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    depth: int = Field(6, ge=1, le=20, description="Questions, at most.")
    leaf: int = Field(100, ge=1, description="People in a leaf, at least; a fiftieth of them all where those are few.")


class DecisionTree:
    """By scikit-learn (CART)."""

    Options: ClassVar[type[BaseModel]] = TreeOptions
    plainness: ClassVar[int] = 4
    baseline: ClassVar[bool] = False

    def __init__(self, options: TreeOptions) -> None:
        self._options = options

    def learn(self, lesson: Lesson) -> Trees:
        """Grow it."""
        from sklearn.tree import DecisionTreeClassifier

        leaf = max(1, min(self._options.leaf, len(lesson.rows) // 50))
        tree = DecisionTreeClassifier(max_depth=self._options.depth, min_samples_leaf=leaf, random_state=lesson.seed)
        return joined([Tree.grown(tree.fit(lesson.rows, lesson.happened).tree_)], start=0.0, shares=True)

    def recall(self, parts: Parts) -> Trees:
        """What was learnt."""
        return Trees.of(parts)

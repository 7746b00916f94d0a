"""What learners of trees leave: nodes as arrays, walked for many people and all trees at once.

Contributions follow Saabas: on its way down a person's value changes at every split; the change belongs to the feature
that was asked there. They add up to the score exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from siyu.profiles.needs.port import Floats, Parts

Ints = npt.NDArray[np.int64]
_AT_ONCE = 2_048
_FIELDS = ("feature", "threshold", "left", "right", "value", "roots")


@dataclass(frozen=True, slots=True)
class Trees:
    """Trees whose values are added up.

    Attributes:
        feature: asked at each node; ``threshold``: up to it ``left``, beyond it ``right``. A leaf leads to itself.
        value: of each node: a leaf's own, a split's mean of what lies below it by the people who went there.
        roots: first node of each tree. ``depth``: of the deepest.
        start: added to every score.
        shares: values are chances, and scores their log-odds.
    """

    feature: Ints
    threshold: Floats
    left: Ints
    right: Ints
    value: Floats
    roots: Ints
    depth: int
    start: float
    shares: bool

    def scores(self, rows: Floats) -> Floats:
        """Values of the leaves reached, added up."""
        found = np.empty(len(rows))
        for first in range(0, len(rows), _AT_ONCE):
            some = rows[first : first + _AT_ONCE]
            nodes = np.broadcast_to(self.roots, (len(some), len(self.roots)))
            for _ in range(self.depth):
                nodes = self._below(some, nodes)
            found[first : first + len(some)] = self.value[nodes].sum(axis=1)
        return _odds(found + self.start) if self.shares else found + self.start

    def contributions(self, rows: Floats) -> Floats:
        """Changes of value by feature, of the summed values themselves (chances, where they are)."""
        wide = rows.shape[1]
        found = np.empty_like(rows)
        for first in range(0, len(rows), _AT_ONCE):
            some = rows[first : first + _AT_ONCE]
            nodes = np.broadcast_to(self.roots, (len(some), len(self.roots)))
            own = np.arange(len(some))[:, None] * wide
            total = np.zeros(len(some) * wide)
            for _ in range(self.depth):
                below = self._below(some, nodes)
                change = self.value[below] - self.value[nodes]
                total += np.bincount((own + self.feature[nodes]).ravel(), change.ravel(), total.size)
                nodes = below
            found[first : first + len(some)] = total.reshape(len(some), wide)
        return found * self._steepness() if self.shares else found

    def _steepness(self) -> float:
        """Log-odds a chance, where the mean person is."""
        mean = float(np.clip(self.value[self.roots].sum() + self.start, 1e-3, 1 - 1e-3))
        return 1 / (mean * (1 - mean))

    def _below(self, rows: Floats, nodes: Ints) -> Ints:
        asked = np.take_along_axis(rows, self.feature[nodes], axis=1)
        return np.where(asked <= self.threshold[nodes], self.left[nodes], self.right[nodes])

    def parts(self) -> Parts:
        """As plain arrays."""
        found: dict[str, npt.NDArray[Any]] = {name: getattr(self, name) for name in _FIELDS}
        return found | {"rest": np.array([self.depth, self.start, float(self.shares)])}

    @classmethod
    def of(cls, parts: Parts) -> Trees:
        """What :meth:`parts` wrote."""
        whole = ("feature", "left", "right", "roots")
        arrays = {name: np.asarray(parts[name], np.int64 if name in whole else float) for name in _FIELDS}
        depth, start, shares = (float(one) for one in parts["rest"])
        return cls(**arrays, depth=int(depth), start=start, shares=bool(shares))


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree as scikit-learn holds it: ``left`` is negative or 0 at a leaf; ``people``: how many went there."""

    feature: npt.NDArray[Any]
    threshold: npt.NDArray[Any]
    left: npt.NDArray[Any]
    right: npt.NDArray[Any]
    value: Floats
    people: npt.NDArray[Any]

    @classmethod
    def grown(cls, tree: Any) -> Tree:
        """Of ``DecisionTreeClassifier.tree_``; values are shares of those to whom it happened."""
        counts = tree.value[:, 0, :]
        share = counts[:, 1] / counts.sum(axis=1)
        return cls(tree.feature, tree.threshold, tree.children_left, tree.children_right, share,
                   tree.weighted_n_node_samples)  # fmt: skip


def joined(trees: list[Tree], *, start: float, shares: bool, weight: float = 1.0) -> Trees:
    """Several trees as one table of nodes; values are multiplied by ``weight``."""
    sizes = np.cumsum([0, *(len(tree.value) for tree in trees)])
    columns: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in _FIELDS[:-1]}
    depth = 0
    for tree, base in zip(trees, sizes, strict=False):
        own = np.arange(len(tree.value))
        leaf = tree.left <= 0
        columns["feature"].append(np.where(leaf, 0, tree.feature).astype(np.int64))
        columns["threshold"].append(np.where(leaf, np.inf, tree.threshold))
        columns["left"].append(np.where(leaf, own, tree.left).astype(np.int64) + base)
        columns["right"].append(np.where(leaf, own, tree.right).astype(np.int64) + base)
        values, deep = _settled(tree, leaf)
        columns["value"].append(values * weight)
        depth = max(depth, deep)
    arrays = {name: np.concatenate(found) for name, found in columns.items()}
    return Trees(**arrays, roots=sizes[:-1].astype(np.int64), depth=depth, start=start, shares=shares)


def _settled(tree: Tree, leaf: npt.NDArray[np.bool_]) -> tuple[Floats, int]:
    """Values of splits from those below them, and the depth. Children come after their parents."""
    value, people = tree.value.astype(float).copy(), np.maximum(tree.people.astype(float), 1e-12)
    depth = np.zeros(len(value), int)
    for node in np.flatnonzero(~leaf)[::-1]:
        left, right = tree.left[node], tree.right[node]
        value[node] = (value[left] * people[left] + value[right] * people[right]) / (people[left] + people[right])
        depth[node] = 1 + max(depth[left], depth[right])
    return value, int(depth[0])


def _odds(shares: Floats) -> Floats:
    inside = np.clip(shares, 1e-4, 1 - 1e-4)
    found: Floats = np.log(inside / (1 - inside))
    return found

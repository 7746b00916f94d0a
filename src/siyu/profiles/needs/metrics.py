"""How good chances are: AUC, Brier score and lift, with intervals by resampling people.

All figures of a resample are taken with the same weights, so that learners are compared on the same people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
TOP = 0.1
NAMES = ("auc", "brier", "lift")
_AT_ONCE = 500_000
"""Numbers looked at at once."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and its interval."""

    value: float
    low: float
    high: float


class Judge:
    """Judges chances of people of whom it is known what happened.

    Example:
        >>> judge = Judge(np.array([.9, .8, .3, .1]), np.array([1., 0., 1., 0.]))
        >>> [round(value, 4) for value in judge(np.ones(4))]
        [0.75, 0.2875, 2.0]
    """

    def __init__(self, chances: Floats, happened: Floats) -> None:
        order = np.argsort(-chances, kind="stable")
        ranked = chances[order]
        self._order = order
        self._ties = np.flatnonzero(np.append(True, np.diff(ranked) != 0)) if len(ranked) else np.empty(0, int)
        self._happened = happened[order]
        self._squares = (ranked - self._happened) ** 2

    def __call__(self, weights: Floats) -> tuple[float, float, float]:
        """AUC, Brier score and lift among the top tenth; ``weights``: how often each person counts."""
        auc, brier, lift = self.each(np.asarray(weights, float)[None, :])[0]
        return float(auc), float(brier), float(lift)

    def each(self, weights: npt.NDArray[np.floating[Any]]) -> Floats:
        """The same for several weightings at once: times x :data:`NAMES`; AUC and lift are not a number where all
        did, or none.
        """
        own = weights[:, self._order].astype(float)
        total = own.sum(axis=1)
        yes = np.add.reduceat(own * self._happened, self._ties, axis=1)
        everyone = np.add.reduceat(own, self._ties, axis=1)
        no = everyone - yes
        positives, negatives = yes.sum(axis=1), no.sum(axis=1)
        brier = own @ self._squares / total
        below = negatives[:, None] - np.cumsum(no, axis=1)
        before = np.cumsum(everyone, axis=1) - everyone
        taken = np.clip((TOP * total[:, None] - before) / np.maximum(everyone, 1e-12), 0, 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            auc = (yes * (below + no / 2)).sum(axis=1) / (positives * negatives)
            lift = (yes * taken).sum(axis=1) / TOP / positives
        told = (positives > 0) & (negatives > 0)
        return np.column_stack([np.where(told, auc, np.nan), brier, np.where(told, lift, np.nan)])


def resamples(people: int, times: int, seed: int) -> npt.NDArray[np.float32]:
    """How often each person is drawn in each resample: ``times`` x ``people``."""
    draw = np.random.default_rng(seed)
    return np.stack([
        np.bincount(draw.integers(0, people, people), minlength=people).astype(np.float32) for _ in range(times)
    ])  # fmt: skip


def judged(judge: Judge, drawn: npt.NDArray[np.float32]) -> Floats:
    """Figures of each resample: times x :data:`NAMES`."""
    at_once = max(1, _AT_ONCE // max(1, drawn.shape[1]))
    parts = [judge.each(drawn[first : first + at_once]) for first in range(0, len(drawn), at_once)]
    return np.concatenate(parts) if parts else np.empty((0, len(NAMES)))


def intervals(judge: Judge, people: int, found: Floats, level: float) -> dict[str, Figure]:
    """Each figure with its percentile interval."""
    values = judge(np.ones(people))
    tails = [(1 - level) / 2, (1 + level) / 2]
    ends = np.nanquantile(found, tails, axis=0) if np.isfinite(found).any() else np.full((2, 3), np.nan)
    return {
        name: Figure(float(value), float(low), float(high))
        for name, value, low, high in zip(NAMES, values, *ends, strict=True)
    }


def reliability(chances: Floats, happened: Floats, bins: int = 10) -> list[dict[str, float]]:
    """People in bins of equal size by chance: mean chance, share of those who did, people; for the chart."""
    order = np.argsort(chances, kind="stable")
    return [
        {"chance": float(chances[some].mean()), "share": float(happened[some].mean()), "people": len(some)}
        for some in np.array_split(order, min(bins, max(1, len(order) // 20)))
        if len(some)
    ]


def gains(chances: Floats, happened: Floats, parts: int = 10) -> list[dict[str, float]]:
    """Share of those who did among the likeliest tenth, fifth ..., over the share among all."""
    order = np.argsort(-chances, kind="stable")
    mean = float(happened.mean())
    reached = np.cumsum(happened[order])
    found = []
    for part in range(1, parts + 1):
        people = max(1, round(len(order) * part / parts))
        found.append({"top": part / parts, "lift": float(reached[people - 1]) / people / mean if mean else 0.0})
    return found

"""How good chances are: AUC, Brier score and lift, with intervals by resampling people.

All figures of a resample are taken with the same weights, so that learners are compared on the same people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
TOP = 0.1
NAMES = ("auc", "brier", "lift")


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
        own = weights[self._order]
        total = float(own.sum())
        yes = np.add.reduceat(own * self._happened, self._ties)
        everyone = np.add.reduceat(own, self._ties)
        no = everyone - yes
        positives, negatives = float(yes.sum()), float(no.sum())
        brier = float((own * self._squares).sum()) / total
        if positives == 0 or negatives == 0:
            return float("nan"), brier, float("nan")
        below = negatives - np.cumsum(no)
        auc = float((yes * (below + no / 2)).sum()) / (positives * negatives)
        before = np.cumsum(everyone) - everyone
        taken = np.clip((TOP * total - before) / np.maximum(everyone, 1e-12), 0, 1)
        lift = float((yes * taken).sum()) / (TOP * total) / (positives / total)
        return auc, brier, lift


def resamples(people: int, times: int, seed: int) -> npt.NDArray[np.float32]:
    """How often each person is drawn in each resample: ``times`` x ``people``."""
    draw = np.random.default_rng(seed)
    return np.stack([
        np.bincount(draw.integers(0, people, people), minlength=people).astype(np.float32) for _ in range(times)
    ])  # fmt: skip


def judged(judge: Judge, drawn: npt.NDArray[np.float32]) -> Floats:
    """Figures of each resample: times x :data:`NAMES`."""
    return np.array([judge(weights) for weights in drawn])


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

"""How firmly people fall into segments: the division is made again on people drawn anew, and compared.

Hennig, "Cluster-wise assessment of cluster stability", Computational Statistics and Data Analysis 52 (2007): bootstrap
and Jaccard coefficients for each cluster. Hubert and Arabie, "Comparing partitions", Journal of Classification 2
(1985): the adjusted Rand index for the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

_DRAWS = 20
_PEOPLE = 4_000

Labels = npt.NDArray[np.int64]
Rows = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Steadiness:
    """Of a division, over 20 bootstrap draws.

    Attributes:
        agreement: mean adjusted Rand index with the division made again, 1 for the same, 0 for chance; ``None`` where
            nothing was divided.
        low: its 5 % quantile over the draws.
        high: its 95 % quantile.
        segments: mean Jaccard coefficient of each segment with the most similar one of every draw, first segment first.
    """

    agreement: float | None = None
    low: float | None = None
    high: float | None = None
    segments: tuple[float, ...] = ()

    def kept(self) -> dict[str, object]:
        """As JSON values."""
        return {"agreement": self.agreement, "low": self.low, "high": self.high, "segments": list(self.segments)}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Steadiness:
        """What :meth:`kept` wrote."""
        return cls(**{**kept, "segments": tuple(kept["segments"])}) if kept else cls()


def steadiness(scaled: Rows, labels: Labels, divide: Callable[[Rows, int], Callable[[Rows], Labels]]) -> Steadiness:
    """How firm the division ``labels`` of the people ``scaled`` is.

    Args:
        scaled: people x standardised features.
        labels: their segments, from 0.
        divide: divides rows anew with a seed, and returns what puts others into those segments.
    """
    scaled, labels = scaled[:_PEOPLE], labels[:_PEOPLE]
    segments = int(labels.max(initial=-1)) + 1
    if segments < 2:
        return Steadiness()
    from sklearn.metrics import adjusted_rand_score  # deferred: only a refit needs it

    agreements, overlaps = [], []
    for draw in range(_DRAWS):
        rows = np.random.default_rng(draw).integers(len(scaled), size=len(scaled))
        again = divide(scaled[rows], draw)(scaled)
        agreements.append(adjusted_rand_score(labels, again))
        overlaps.append(_overlaps(labels, again, segments))
    low, high = np.quantile(agreements, (0.05, 0.95))
    each = np.mean(overlaps, axis=0)
    return Steadiness(float(np.mean(agreements)), float(low), float(high), tuple(each.tolist()))


def _overlaps(labels: Labels, again: Labels, segments: int) -> npt.NDArray[np.float64]:
    """For each segment, its largest Jaccard coefficient with a segment of the other division; 0 without people."""
    both = np.zeros((segments, int(again.max()) + 1))
    np.add.at(both, (labels, again), 1)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    largest: npt.NDArray[np.float64] = (both / np.maximum(either, 1)).max(axis=1)
    return largest

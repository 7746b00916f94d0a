"""What people did after the cut: the items that a list should have named."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Truth:
    """Items by query, without repetition; queries and items are numbered from 0.

    Attributes:
        starts: where each query's items begin in ``items``; one longer than there are queries.
        items: item codes, ascending within a query.
    """

    starts: NDArray[np.int64]
    items: NDArray[np.int64]

    @classmethod
    def of(cls, queries: Codes, items: Codes, count: int) -> Truth:
        """From pairs in any order, repetitions included.

        Example:
            >>> found = Truth.of(np.array([1, 0, 1, 1]), np.array([7, 3, 5, 7]), count=3)
            >>> found.starts.tolist(), found.items.tolist()
            ([0, 1, 3, 3], [3, 5, 7])
        """
        span = int(items.max(initial=0)) + 1
        keys = np.unique(queries.astype(np.int64) * span + items)
        starts = np.searchsorted(keys, np.arange(count + 1, dtype=np.int64) * span)
        return cls(starts.astype(np.int64), keys % span)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Items of each query."""
        return np.diff(self.starts)

    def hits(self, ranked: Codes) -> NDArray[np.bool_]:
        """Which places of ``ranked`` (queries x places, -1 where a list is short) name an item of the truth.

        Example:
            >>> Truth.of(np.array([0, 0]), np.array([4, 9]), count=1).hits(np.array([[9, 2, -1, 4]])).tolist()
            [[True, False, False, True]]
        """
        span = int(max(self.items.max(initial=0), ranked.max(initial=0))) + 1
        queries = np.repeat(np.arange(self.sizes.size, dtype=np.int64), self.sizes)
        known = queries * span + self.items  # ascending, since queries and their items are
        asked = np.arange(ranked.shape[0], dtype=np.int64)[:, None] * span + ranked
        places = np.searchsorted(known, asked)
        found = np.zeros(ranked.shape, dtype=np.bool_)
        inside = places < known.size
        found[inside] = known[places[inside]] == asked[inside]
        return found & (ranked >= 0)

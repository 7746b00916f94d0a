"""Baskets as two flat arrays, frequent items only, the rarest first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Baskets:
    """Baskets of frequent items.

    Attributes:
        count: baskets there are, those without a frequent item included.
        items: the frequent items' own codes, rarest first; everything below speaks of places in this array.
        counts: in how many baskets each is.
        starts: where each basket begins in ``content``; one longer than there are baskets.
        content: places in ``items``, ascending within a basket.
    """

    count: int
    items: NDArray[np.int64]
    counts: NDArray[np.int64]
    starts: NDArray[np.int64]
    content: Codes

    @classmethod
    def of(cls, baskets: NDArray[np.integer], items: NDArray[np.integer], *, count: int, least: int) -> Baskets:
        """From pairs in any order, repetitions included; keeps items of at least ``least`` of the ``count`` baskets.

        Example:
            >>> found = Baskets.of(np.array([0, 0, 1, 1, 1]), np.array([9, 5, 9, 9, 7]), count=3, least=2)
            >>> found.items.tolist(), found.counts.tolist(), found.starts.tolist(), found.content.tolist()
            ([9], [2], [0, 1, 2, 2], [0, 0])
        """
        span = int(items.max(initial=0)) + 1
        keys = baskets.astype(np.int64) * span + items
        keys.sort()  # several times faster than np.unique on integers
        keys = keys[np.flatnonzero(np.diff(keys, prepend=-1))]
        baskets, items = keys // span, keys % span
        counts = np.bincount(items, minlength=span)
        good = np.flatnonzero(counts >= max(least, 1))
        good = good[np.argsort(counts[good], kind="stable")]
        places = np.full(span, -1, dtype=np.int32)
        places[good] = np.arange(good.size, dtype=np.int32)
        content = places[items]
        kept = content >= 0
        baskets, content = baskets[kept], content[kept]
        starts = np.searchsorted(baskets, np.arange(count + 1))
        keys = baskets * good.size + content
        keys.sort()
        return cls(count, good, counts[good], starts, (keys - baskets * good.size).astype(np.int32))


def spans(starts: NDArray[np.integer], lengths: NDArray[np.integer]) -> NDArray[np.int64]:
    """The numbers from each start on, ``lengths`` of them, one after another.

    Example:
        >>> spans(np.array([5, 0]), np.array([2, 3])).tolist()
        [5, 6, 0, 1, 2]
    """
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if ends.size else 0
    shifts: NDArray[np.int64] = np.repeat(starts - (ends - lengths), lengths).astype(np.int64)
    return shifts + np.arange(total)


def chunks(lengths: NDArray[np.integer], most: int) -> list[slice]:
    """Rows in slices whose lengths add up to about ``most``, and to no more than one row beyond it.

    Example:
        >>> chunks(np.array([2, 2, 0, 9, 1]), most=4)
        [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    groups = (np.cumsum(lengths) - lengths) // most
    cuts = np.flatnonzero(np.diff(groups, prepend=-1)).tolist()
    return [slice(start, end) for start, end in zip(cuts, [*cuts[1:], groups.size], strict=False)]

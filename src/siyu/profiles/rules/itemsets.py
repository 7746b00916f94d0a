"""Frequent itemsets: pairs by counting, larger ones by Eclat over packed bits, level by level.

Eclat: Zaki, "Scalable algorithms for association mining", IEEE TKDE 2000. Each item is taken with the baskets that hold
it and the items that follow it (rarest first), so that bit rows are as short as the item is rare; all joins of a level
are one AND and one count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siyu.profiles.rules.baskets import Baskets, chunks, spans

_ENTRIES = 4_000_000
"""Pairs counted at once: 32 MB."""
_WORDS = 4_000_000
"""Words of bits joined at once: 32 MB."""
_SMALL = 2_000
"""Up to so many items the counts of all pairs are one array of at most 32 MB; beyond, they are sorted and merged."""

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Itemsets:
    """Itemsets of one size: rows of item codes, ascending, in no order; and in how many baskets each is."""

    items: NDArray[np.int64]
    counts: Counts


def frequent_itemsets(baskets: Baskets, *, least: int, most_items: int = 8) -> list[Itemsets]:
    """Every set of up to ``most_items`` items that at least ``least`` baskets hold, by size from 1 on.

    Example:
        >>> held = Baskets.of(np.array([0, 0, 1, 1, 2]), np.array([3, 4, 3, 4, 3]), count=3, least=2)
        >>> [(sets.items.tolist(), sets.counts.tolist()) for sets in frequent_itemsets(held, least=2)]
        [([[4], [3]], [2, 3]), ([[3, 4]], [2])]
    """
    found = [Itemsets(baskets.items[:, None], baskets.counts)]
    if most_items < 2 or baskets.items.size < 2:
        return found
    pairs = _pairs(baskets, least)
    levels: dict[int, list[tuple[NDArray[np.int64], Counts]]] = {2: [(pairs.places, pairs.counts)]}
    if most_items > 2:
        for places, counts in _larger(baskets, pairs, least, most_items):
            levels.setdefault(places.shape[1], []).append((places, counts))
    for size in sorted(levels):
        places = np.concatenate([part for part, _ in levels[size]])
        if places.size:
            items = np.sort(baskets.items[places], axis=1)
            found.append(Itemsets(items, np.concatenate([counts for _, counts in levels[size]])))
    return found


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Frequent pairs (first < second), ordered; ``starts`` says where each first item's begin."""

    places: NDArray[np.int64]
    counts: Counts
    starts: NDArray[np.int64]


def _pairs(baskets: Baskets, least: int) -> _Pairs:
    size = baskets.items.size
    keys, counts = _counted(_pair_keys(baskets), size)
    kept = counts >= least
    keys, counts = keys[kept], counts[kept]
    places = np.stack((keys // size, keys % size), axis=1)
    return _Pairs(places, counts, np.searchsorted(places[:, 0], np.arange(size + 1)))


def _pair_keys(baskets: Baskets) -> Iterator[NDArray[np.int64]]:
    """first * items + second of every pair in every basket, in chunks."""
    ends = np.repeat(baskets.starts[1:], np.diff(baskets.starts))
    at = np.arange(baskets.content.size)
    later = ends - at - 1
    for part in chunks(later, _ENTRIES):
        first = np.repeat(baskets.content[part].astype(np.int64), later[part])
        yield first * baskets.items.size + baskets.content[spans(at[part] + 1, later[part])]


def _counted(chunks: Iterator[NDArray[np.int64]], size: int) -> tuple[NDArray[np.int64], Counts]:
    """Distinct keys, ascending, and how often each came."""
    if size <= _SMALL:
        total = np.zeros(size * size, dtype=np.int64)
        for chunk in chunks:
            total += np.bincount(chunk, minlength=size * size)
        keys = np.flatnonzero(total)
        return keys, total[keys]
    keys, counts = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    for chunk in chunks:
        chunk.sort()
        firsts = np.flatnonzero(np.diff(chunk, prepend=-1))
        keys, counts = _merged(keys, counts, chunk[firsts], np.diff(np.append(firsts, chunk.size)))
    return keys, counts


def _merged(
    keys: NDArray[np.int64], counts: Counts, more: NDArray[np.int64], times: Counts
) -> tuple[NDArray[np.int64], Counts]:
    both = np.concatenate((keys, more))
    order = np.argsort(both, kind="stable")  # two ascending runs: a merge
    both = both[order]
    firsts = np.flatnonzero(np.diff(both, prepend=-1))
    return both[firsts], np.add.reduceat(np.concatenate((counts, times))[order], firsts) if firsts.size else counts


def _larger(baskets: Baskets, pairs: _Pairs, least: int, most_items: int) -> Iterator[tuple[NDArray[np.int64], Counts]]:
    """Sets of three and more: for each first item, joins of the sets that begin with it."""
    holders = _Holders(baskets)
    for first in np.flatnonzero(np.diff(pairs.starts) > 1):
        partners = pairs.places[pairs.starts[first] : pairs.starts[first + 1], 1]
        bits = holders.bits(int(first), partners)
        groups = np.array([partners.size])
        places = np.stack((np.full(partners.size, first), partners), axis=1)
        while groups.size and places.shape[1] < most_items:
            left, right, bits, counts = _joined(bits, groups, least)
            if not left.size:
                break
            places = np.concatenate((places[left], places[right, -1:]), axis=1)
            yield places, counts
            groups = np.diff(np.append(np.flatnonzero(np.diff(left, prepend=-1)), left.size))
            alone = np.repeat(groups == 1, groups)  # a set that shares its beginning with none joins with none
            places, bits, groups = places[~alone], bits[~alone], groups[groups > 1]


def _joined(
    bits: NDArray[np.uint64], groups: NDArray[np.integer], least: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint64], Counts]:
    """Joins each row with the later ones of its group; rows, partners, bits and counts of those that are frequent."""
    ends = np.repeat(np.cumsum(groups), groups)
    at = np.arange(ends.size)
    later = ends - at - 1
    found = []
    for part in chunks(later * bits.shape[1], _WORDS):
        left = np.repeat(at[part], later[part])
        right = spans(at[part] + 1, later[part])
        both = bits[left] & bits[right]
        counts = np.bitwise_count(both).sum(axis=1, dtype=np.int64)
        kept = np.flatnonzero(counts >= least)
        found.append((left[kept], right[kept], both[kept], counts[kept]))
    lefts, rights, joins, counted = zip(*found, strict=True)
    return np.concatenate(lefts), np.concatenate(rights), np.concatenate(joins), np.concatenate(counted)


class _Holders:
    """Which baskets hold an item, and where in each it stands."""

    def __init__(self, baskets: Baskets) -> None:
        self._baskets = baskets
        self._order = np.argsort(baskets.content, kind="stable")
        self._starts = np.concatenate(([0], np.cumsum(baskets.counts)))
        self._ends = np.repeat(baskets.starts[1:], np.diff(baskets.starts))
        self._rows = np.full(baskets.items.size, -1, dtype=np.int32)

    def bits(self, item: int, partners: NDArray[np.int64]) -> NDArray[np.uint64]:
        """For each of ``partners`` (all later than ``item``) a row of bits: which of the item's baskets hold it too."""
        entries = self._order[self._starts[item] : self._starts[item + 1]]
        later = self._ends[entries] - entries - 1
        self._rows[partners] = np.arange(partners.size, dtype=np.int32)
        rows = self._rows[self._baskets.content[spans(entries + 1, later)]]
        self._rows[partners] = -1
        columns = np.repeat(np.arange(entries.size), later)
        wanted = rows >= 0
        held = np.zeros((partners.size, -(-entries.size // 64) * 64), dtype=np.bool_)
        held[rows[wanted], columns[wanted]] = True
        return np.packbits(held, axis=1).view(np.uint64)

"""Ranking: the best products of each person out of sparse scores, in one total order, with diversity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from siyu.recommendations.people import Floats, Ints

_CELLS = 250_000
"""Cells of the padded arrays that are sorted at a time: they must fit the processor's cache, roughly."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Products recommended: the person's row, the product, the rank from 1 and the score; by row, then rank."""

    row: Ints
    item: Ints
    rank: Ints
    score: Floats


def row_maxima(values: Floats, ends: Ints) -> Floats:
    """The greatest value of each row, values in the order of rows; 0 where there is none above."""
    found = np.zeros(len(ends) - 1)
    filled = np.flatnonzero(np.diff(ends))
    if len(filled):
        found[filled] = np.maximum.reduceat(values, ends[filled])
    return np.maximum(found, 0.0)


@dataclass(frozen=True, slots=True)
class Order:
    """One total order of scores: at nine digits (fewer where ``most``, the greatest, leaves no room), then by product.

    A key is ``score * 10^digits << bits | (last code - code)``, 0 for none, so that sorting plain integers is the whole
    order, and the same on every machine.
    """

    items: int
    most: float

    @property
    def bits(self) -> int:
        """Bits of a product's code."""
        return max(self.items - 1, 1).bit_length()

    @property
    def scale(self) -> float:
        """What a score is multiplied by."""
        return float(10.0 ** min(9, np.floor(np.log10(2.0 ** (62 - self.bits) / max(self.most, 1.0)))))

    def keys(self, score: Floats, item: Ints) -> Ints:
        """Keys; 0 where the score is."""
        scaled = score * self.scale
        keys = np.rint(scaled, out=scaled).astype(np.int64)
        nothing = keys <= 0
        keys <<= self.bits
        keys |= (1 << self.bits) - 1 - item
        keys[nothing] = 0
        return keys

    def item(self, keys: Ints) -> Ints:
        """Products of keys."""
        last = (1 << self.bits) - 1
        return last - (keys & last)

    def score(self, keys: Ints) -> Floats:
        """Scores of keys."""
        return np.asarray(keys >> self.bits) / self.scale


def best(keys: Ints, ends: Ints, *, kept: int) -> Ints:
    """The greatest ``kept`` keys of each row, falling, as rows by places; 0 where a row has fewer.

    ``ends`` as in :func:`row_maxima`.
    """
    sizes = np.diff(ends)
    found = np.zeros((len(sizes), kept), np.int64)
    first = 0
    while first < len(sizes):
        rows = slice(first, first + _fitting(sizes[first:]))
        width = max(int(sizes[rows].max()), 1)
        # falling gaps, no two alike: selecting among thousands of equal zeros takes ten times as long
        padded = np.tile(-np.arange(1, width + 1), (len(sizes[rows]), 1))
        padded[np.arange(width) < sizes[rows, None]] = keys[ends[first] : ends[first + len(padded)]]
        if width > kept:
            padded.partition(width - kept, axis=1)
            padded = padded[:, width - kept :]
        padded.sort(axis=1)
        found[rows, : padded.shape[1]] = np.maximum(padded[:, ::-1], 0)
        first += len(padded)
    return found


def _fitting(sizes: Ints) -> int:
    """How many of the first rows, padded to the widest of them, fit into the cells at hand; at least one."""
    cells = np.maximum.accumulate(np.maximum(sizes[:_CELLS], 1)) * np.arange(1, len(sizes[:_CELLS]) + 1)
    return max(1, int(np.searchsorted(cells, _CELLS, side="right")))


def joined(stretches: Sequence[Ranked]) -> Ranked:
    """Winners of stretches one after the other."""
    names = ("row", "item", "rank", "score")
    return Ranked(*(np.concatenate([getattr(one, name) for one in stretches]) for name in names))


def varied(category: Ints, *, per_category: int, top: int) -> Ints:
    """Places of the ``top`` products of each row when those beyond ``per_category`` of one category step behind.

    Args:
        category: rows by places, best first: the category's number, -1 for none, -2 where there is no product.

    Returns:
        Rows by ``top``: places in order; -1 where there are no more.

    Example:
        >>> varied(np.array([[7, 7, 7, 3, -2]]), per_category=1, top=4)
        array([[0, 3, 1, 2]])
    """
    rows, places = category.shape
    bits = places.bit_length()
    place = np.arange(places)
    shelved = np.sort(((category.astype(np.int64) + 2) << bits) | place, axis=1)  # by category, then by place
    shelf = shelved >> bits
    begins = np.zeros((rows, places), bool)
    begins[:, 1:] = shelf[:, 1:] != shelf[:, :-1]
    before = place - np.maximum.accumulate(np.where(begins, place, 0), axis=1)
    behind = np.zeros((rows, places), bool)
    np.put_along_axis(behind, shelved & ((1 << bits) - 1), (before >= per_category) & (shelf >= 2), axis=1)
    order = np.sort(np.where(category == -2, 2 * places, place + places * behind), axis=1)[:, :top]
    found = np.full((rows, top), -1)
    found[:, : order.shape[1]] = np.where(order < 2 * places, order % places, -1)
    return found

"""Ranking: the best products of each person out of sparse scores, in one total order, with diversity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from siyu.recommendations.people import Floats, Ints, Mask

_CELLS = 250_000
"""Cells of the padded arrays that are sorted at a time: they must fit the processor's cache, roughly."""

_FEW = 3
"""Times the length of a list: how many products are looked at first."""


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


def chosen(keys: Ints, ends: Ints, shelves: Shelves, *, kept: int, top: int) -> tuple[Ints, int]:
    """The list of each row out of its best ``kept`` keys, as rows by ``top``; 0 where there are no more.

    Most rows need to look at far fewer than ``kept``: the others are looked at a second time.

    Returns:
        The keys, and how many were passed over because better ones of their group are on the list.
    """
    few = min(kept, _FEW * top)
    found, settled, passed = shelves.listed(best(keys, ends, kept=few), top)
    again = np.flatnonzero(~settled & (np.diff(ends) > few)) if few < kept else ()
    if len(again):
        sizes = np.diff(ends)
        unsettled = np.zeros(len(sizes), bool)
        unsettled[again] = True
        deeper = best(keys[np.repeat(unsettled, sizes)], np.concatenate(([0], np.cumsum(sizes[again]))), kept=kept)
        found[again], _, passed[again] = shelves.listed(deeper, top)
    return found, int(passed.sum())


@dataclass(frozen=True, slots=True)
class Shelves:
    """How many products alike a list may hold.

    Attributes:
        order: reads the products of keys. ``category``, ``group``: of each product, -1 for none.
        per_category: more of one category step behind all others; ``None`` for no limit.
        per_group: more of one group are passed over; ``None`` for no limit.
    """

    order: Order
    category: Ints
    group: Ints
    per_category: int | None
    per_group: int | None

    def listed(self, keys: Ints, top: int) -> tuple[Ints, Mask, Ints]:
        """Of keys, best first: the list; whether more keys could not change it; how many were passed over."""
        none = keys == 0
        item = np.where(none, 0, self.order.item(keys))
        rows, places = keys.shape
        twin = np.zeros((rows, places), bool)
        if self.per_group is not None:
            group = np.where(none, -1, self.group[item])
            twin = (earlier(group) >= self.per_group) & (group >= 0)
        category = np.where(none | twin, -2, self.category[item] if self.per_category is not None else -1)
        found, settled = varied(category, per_category=self.per_category or places, top=top)
        listed = np.where(found >= 0, np.take_along_axis(keys, np.maximum(found, 0), axis=1), 0)
        last = found.max(axis=1, initial=-1)
        return listed, settled, np.count_nonzero(twin & (np.arange(places) < last[:, None]), axis=1)


def earlier(values: Ints) -> Ints:
    """How many places before it in its row hold the same value.

    Example:
        >>> earlier(np.array([[7, 3, 7, 7]]))
        array([[0, 0, 1, 2]])
    """
    rows, places = values.shape
    bits = places.bit_length()
    place = np.arange(places)
    shelved = np.sort(((values.astype(np.int64) + 2) << bits) | place, axis=1)  # by value, then by place
    begins = np.zeros((rows, places), bool)
    begins[:, 1:] = (shelved[:, 1:] >> bits) != (shelved[:, :-1] >> bits)
    before = place - np.maximum.accumulate(np.where(begins, place, 0), axis=1)
    found = np.empty_like(before)
    np.put_along_axis(found, shelved & ((1 << bits) - 1), before, axis=1)
    return found


def varied(category: Ints, *, per_category: int, top: int) -> tuple[Ints, Mask]:
    """Places of the ``top`` products of each row when those beyond ``per_category`` of one category step behind.

    Args:
        category: rows by places, best first: the category's number, -1 for none, -2 where there is no product.

    Returns:
        Rows by ``top``: places in order, -1 where there are no more; and the rows in which none had to step forward.

    Example:
        >>> varied(np.array([[7, 7, 7, 3, -2]]), per_category=1, top=4)
        (array([[0, 3, 1, 2]]), array([False]))
    """
    rows, places = category.shape
    place = np.arange(places)
    shelved = per_category < places and bool((category >= 0).any())
    behind = (earlier(category) >= per_category) & (category >= 0) if shelved else np.zeros((rows, places), bool)
    order = np.sort(np.where(category == -2, 2 * places, place + places * behind), axis=1)[:, :top]
    found = np.full((rows, top), -1)
    found[:, : order.shape[1]] = np.where(order < 2 * places, order % places, -1)
    settled: Mask = (order < places).sum(axis=1) >= top
    return found, settled

"""Windowed item-to-item: products are close that the same person dealt with one soon after the other, either first.

Pairs within a window of places of a person's history count, the nearer the more, the older the less, and a person with
a long history less. Undirected: the order of two products does not matter, so it also suits data in which acts of one
day are in no order. Linden, Smith and York, 2003; windows as in Item2Vec (Barkan and Koenigstein, 2016).
"""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import ClassVar, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, Field
from scipy import sparse

from siyu.domain.kinds import Lane
from siyu.engine.port import Engine
from siyu.recommendations.models import neighbours
from siyu.recommendations.models.interactions import Acts, Numbers, chosen, interactions
from siyu.recommendations.models.past import PastOptions, decayed
from siyu.recommendations.people import Ints, People
from siyu.recommendations.port import Blocks, Capability, Links

_PAIRS: Final = 24_000_000
"""Pairs worked out at a time."""


class WindowedOptions(PastOptions):
    """Options of :class:`Windowed`."""

    fade: float = Field(1.0, ge=0, le=10, description="Power by which products asked by lose weight with later ones.")
    acts: Acts = Field("auto", description="bought: purchases; any: looks too; auto: purchases where there are any.")
    half_life: float = Field(180.0, gt=0, le=36_500, description="Days after which a pair counts half.")
    window: int = Field(20, ge=1, le=200, description="Places between two acts of a person that still belong together.")
    nearness: float = Field(0.5, ge=0, le=3, description="Power by which a pair loses weight with its distance.")
    normal: float = Field(0.4, ge=0, le=2, description="Power of a person's count of acts that divides their say.")
    history: int = Field(100, ge=2, le=2000, description="Acts of one person that are learnt from, the latest.")
    of_asked: float = Field(0.4, ge=0, le=1, description="Power of the asking product's people that divides.")
    of_found: float = Field(0.2, ge=0, le=1, description="Power of the found product's people that divides.")
    shrink: float = Field(5.0, ge=0, le=1000, description="Added to both counts of people.")
    neighbours: int = Field(200, ge=1, le=1000, description="Neighbours kept for each product.")


class Windowed:
    """Neighbours over stretches of histories; reasons as of :class:`.neighbours.NeighbourScorer`."""

    Options: ClassVar[type[BaseModel]] = WindowedOptions
    lane: ClassVar[Lane] = Lane.DISCOVER
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.SEQUENCE})
    interests = 0

    def __init__(self, options: WindowedOptions) -> None:
        self.options = options

    def fit(self, engine: Engine, people: Blocks, now: datetime) -> None:
        """Measure neighbours, as ``rec_windowed`` (about products only)."""
        wanted = self.options
        size = neighbours.item_count(engine)
        known = interactions(people, size, acts=wanted.acts, half_life=36_500, history=wanted.history)
        row, item, weight = _acts(people, wanted, bought=known.bought)
        support = np.bincount(known.weights.indices, minlength=size) + wanted.shrink
        left, right = (np.maximum(support, 1.0) ** -power for power in (wanted.of_asked, wanted.of_found))
        found = []
        for products in _ranges(item, size, wanted.window):
            close = _close(row, item, weight, (products, wanted.window, wanted.nearness), size)
            close = neighbours.scaled(close, left[products], right)
            found.append(neighbours.strongest(close, wanted.neighbours, first=products.start))
        neighbours.publish(engine, "rec_windowed", known, neighbours.joined(found))

    def scorer(self, engine: Engine, now: datetime) -> neighbours.NeighbourScorer:
        """Neighbours as one table of links."""
        return neighbours.learnt(engine, "rec_windowed", self.options)


def _acts(people: Blocks, options: WindowedOptions, *, bought: bool) -> tuple[Ints, Ints, Numbers]:
    """Acts of everyone, by person (in order of pseudonyms), moment and product: row, product, weight."""
    ids, rows, items, weights, before = [], [], [], [], 0
    for block in people():
        row, item, weight = _of(block, options, bought=bought)
        ids.append(block.ids)
        rows.append(row + before)
        items.append(item.astype(np.int32))
        weights.append(weight.astype(np.float32))
        before += block.size
    if not ids:
        return np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32)
    place = np.empty(before, np.int64)
    place[pc.array_sort_indices(pa.chunked_array(ids).combine_chunks()).to_numpy()] = np.arange(before)
    row = place[np.concatenate(rows)]
    order = np.argsort(row, kind="stable")
    return row[order], np.concatenate(items)[order], np.concatenate(weights)[order]


def _of(people: People, options: WindowedOptions, *, bought: bool) -> tuple[Ints, Ints, Numbers]:
    at = np.flatnonzero(chosen(people, bought=bought))
    at = at[np.lexsort((people.item[at], people.second[at], people.row[at]))]
    counts = np.bincount(people.row[at], minlength=people.size)
    from_last = np.repeat(np.cumsum(counts), counts) - 1 - np.arange(len(at))
    at = at[from_last < options.history]
    row = people.row[at]
    say = np.maximum(np.minimum(counts, options.history), 1.0) ** -options.normal
    return row, people.item[at], decayed(people.age[at], options.half_life) * say[row]


def _ranges(item: Ints, items: int, window: int) -> list[slice]:
    """Ranges of products, such that the pairs of each fit in memory."""
    number = np.cumsum(np.bincount(item, minlength=items)) * 2 * window // _PAIRS
    bounds = np.r_[0, np.flatnonzero(np.diff(number)) + 1, len(number)] if items else np.array([0, 0])
    return [slice(int(first), int(last)) for first, last in pairwise(bounds)]


def _close(row: Ints, item: Ints, weight: Numbers, what: tuple[slice, int, float], items: int) -> Links:
    """Sums of weights of pairs, from the products of a range to all."""
    products, window, nearness = what
    nothing: Ints = np.zeros(0, np.int32)
    ones, others, parts = [nothing], [nothing], [np.zeros(0, np.float32)]
    mine = (item >= products.start) & (item < products.stop)
    for apart in range(1, window + 1):
        first, second = slice(None, -apart), slice(apart, None)
        pair = (row[first] == row[second]) & (item[first] != item[second])
        if not pair.any():
            break
        part = np.minimum(weight[first], weight[second]) * np.float32(apart**-nearness)
        for one, other in ((first, second), (second, first)):
            at = np.flatnonzero(pair & mine[one])
            ones.append(item[one][at] - np.int32(products.start))
            others.append(item[other][at])
            parts.append(part[at])
    shape = (products.stop - products.start, items)
    sums = sparse.coo_array((np.concatenate(parts), (np.concatenate(ones), np.concatenate(others))), shape=shape)
    return sums.tocsr()

"""Who had to do with what: people by products as one sparse matrix, the same whatever the order of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from siyu.recommendations.models.past import decayed, places
from siyu.recommendations.people import Act, Ints, Mask, People
from siyu.recommendations.port import Blocks, Links

Numbers: TypeAlias = np.ndarray[Any, np.dtype[np.floating[Any]]]
"""Of 32 bits or 64."""
Acts: TypeAlias = Literal["auto", "bought", "any"]


@dataclass(frozen=True)
class Interactions:
    """People by products.

    Attributes:
        weights: people (in order of their pseudonyms) by products, float32, 0 to 1: what age leaves of the acts.
        bought: whether only purchases count; else looks, carts, clicks and reviews do too.
    """

    weights: Links
    bought: bool

    @property
    def items(self) -> int:
        """How many products."""
        return int(self.weights.shape[1])

    @property
    def ones(self) -> Links:
        """The same with ones."""
        found = self.weights
        return sparse.csr_array((np.ones(found.nnz, np.float32), found.indices, found.indptr), shape=found.shape)


def interactions(people: Blocks, items: int, *, acts: Acts, half_life: float, history: int) -> Interactions:
    """Of each person the latest ``history`` products; several acts with a product add up to 1 at most.

    ``acts``: ``auto`` takes purchases where there are any, else everything that says something.
    """
    if acts != "any":
        found = _gathered(people, items, half_life, history, bought=True)
        if acts == "bought" or found.nnz:
            return Interactions(found, bought=True)
    return Interactions(_gathered(people, items, half_life, history, bought=False), bought=False)


def chosen(people: People, *, bought: bool) -> Mask:
    """The acts that count."""
    return np.asarray(people.kind == Act.PURCHASE if bought else people.weight > 0, bool)


def _gathered(people: Blocks, items: int, half_life: float, history: int, *, bought: bool) -> Links:
    ids, sizes, codes, weights = [], [], [], []
    for block in people():
        told = chosen(block, bought=bought)
        pairs = block.pairs
        value = np.minimum(pairs.sums(np.where(told, decayed(block.age, half_life), 0.0)), 1.0)
        at = np.flatnonzero(pairs.any(told))
        if not len(at):
            continue
        last = np.maximum.reduceat(np.where(told, block.second, np.iinfo(np.int64).min), pairs.start)[at]
        at = at[_latest(pairs.row[at], last, history)]
        ids.append(block.ids)
        sizes.append(np.bincount(pairs.row[at], minlength=block.size))
        codes.append(pairs.item[at].astype(np.int32))
        weights.append(value[at].astype(np.float32))
    return _ordered(ids, sizes, codes, weights, items)


def _ordered(
    ids: list[pa.Array], sizes: Sequence[Ints], codes: Sequence[Ints], weights: Sequence[Numbers], items: int
) -> Links:
    """Rows in order of the people's pseudonyms; people without any are left out."""
    if not ids:
        return sparse.csr_array((0, items), dtype=np.float32)
    size = np.concatenate(sizes)
    ends = np.concatenate(([0], np.cumsum(size)))
    whole = sparse.csr_array((np.concatenate(weights), np.concatenate(codes), ends), shape=(len(size), items))
    order = pc.array_sort_indices(pa.chunked_array(ids).combine_chunks()).to_numpy()
    return whole[order[size[order] > 0]]


def _latest(row: Ints, moment: Ints, history: int) -> Mask:
    """Which pairs are among the ``history`` latest of their row; those of one moment stay or go together."""
    if np.bincount(row).max(initial=0) <= history:
        return np.ones(len(row), bool)
    stays: Mask = places(row, moment) < history
    return stays

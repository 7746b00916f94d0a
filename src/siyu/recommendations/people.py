"""People as arrays: what a block of people did with products, cleaned, ready for models and filters.

One row of the engine's query is one person with a list of acts; here the lists of a block become flat arrays, in the
order of person, product, kind and time, so that sums over a person and product are sums over neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.recommendations.settings import SignalWeights

Ints: TypeAlias = np.ndarray[Any, np.dtype[np.integer[Any]]]
Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
Mask: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]

DAY: Final = 86_400
ACT: Final = pa.struct([("item", pa.int32()), ("kind", pa.int8()), ("second", pa.int64()), ("unit", pa.int32())])
HISTORY: Final = pa.schema([("person", pa.string()), ("acts", pa.list_(ACT))])
"""Dataset of cleaned histories: ``second`` since 1970 UTC; ``unit`` is the same for acts of one basket or session."""


class Act(IntEnum):
    """Kinds of acts by number; ``sql/history.sql`` writes the same numbers."""

    BROWSE = 0
    CART = 1
    CLICK = 2
    REVIEW = 3
    RATING = 4
    DISLIKE = 5
    PURCHASE = 6
    RETURN = 7


def signals(weights: SignalWeights) -> tuple[float, ...]:
    """What one act of each kind says about wanting the product, by number."""
    return (weights.browse, weights.cart, weights.click, weights.review, weights.review, 0.0, weights.purchase, 0.0)


@dataclass(frozen=True)
class Pairs:
    """Distinct (person, product) of a block. ``start`` is the place of the first of their acts."""

    row: Ints
    item: Ints
    start: Ints

    def sums(self, values: Floats) -> Floats:
        """One value an act, summed."""
        return np.add.reduceat(values, self.start) if len(self.start) else np.zeros(0)

    def any(self, found: Mask) -> Mask:
        """Whether any act of the pair is marked."""
        return np.logical_or.reduceat(found, self.start) if len(self.start) else np.zeros(0, bool)


@dataclass(frozen=True)
class People:
    """A block of people. Arrays of acts are of one length, in the order of row, item, kind, second.

    Attributes:
        ids: pseudonyms, by row.
        row, item, kind, second, unit: of each act; rows count from 0 in the block, items are codes of ``rec_items``.
        now: the moment of the run, in whole seconds since 1970 UTC.
        signal: what an act of each kind says, by its number.
        interest_row, interest, interest_rank, interest_weight: interests, by row and code of ``rec_values``.
        spared_row, spared: products a person is to be spared.
    """

    ids: pa.Array
    row: Ints
    item: Ints
    kind: Ints
    second: Ints
    unit: Ints
    now: int
    signal: tuple[float, ...]
    interest_row: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    interest: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    interest_rank: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    interest_weight: Floats = field(default_factory=lambda: np.zeros(0))
    spared_row: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    spared: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def size(self) -> int:
        """How many people."""
        return len(self.ids)

    @cached_property
    def age(self) -> Floats:
        """Days before now, of each act."""
        return np.asarray(self.now - self.second, np.float64) / DAY

    @cached_property
    def weight(self) -> Floats:
        """What each act says about wanting the product."""
        return np.asarray(self.signal)[self.kind]

    @cached_property
    def pairs(self) -> Pairs:
        """Distinct (person, product)."""
        return pairs_of(self.row, self.item)

    @cached_property
    def bought(self) -> Mask:
        """Pairs with a purchase that was not returned."""
        return self.pairs.any(self.kind == Act.PURCHASE)

    @cached_property
    def returned(self) -> Mask:
        """Pairs of which everything was returned; a later purchase outweighs an earlier return."""
        return self.pairs.any(self.kind == Act.RETURN) & ~self.bought

    @cached_property
    def disliked(self) -> Mask:
        """Pairs rated 2 or less."""
        return self.pairs.any(self.kind == Act.DISLIKE)


def pairs_of(row: Ints, item: Ints) -> Pairs:
    """Distinct pairs of two arrays in which equal pairs are neighbours."""
    if not len(row):
        none = np.zeros(0, np.int64)
        return Pairs(none, none, none)
    start = np.flatnonzero(np.r_[True, (row[1:] != row[:-1]) | (item[1:] != item[:-1])])
    return Pairs(row[start], item[start], start)


def block(batch: pa.RecordBatch, now: int, signal: tuple[float, ...]) -> People:
    """People of a batch of :data:`HISTORY`, with the columns ``interests`` and ``spared`` where it has them."""
    row, acts = unfold(batch.column("acts"))
    fields = {name: acts.field(name).to_numpy(zero_copy_only=False) for name in ("item", "kind", "second", "unit")}
    more: dict[str, Any] = {}
    if "interests" in batch.schema.names:
        more |= _interests(batch.column("interests"))
    if "spared" in batch.schema.names:
        spared_row, spared = unfold(batch.column("spared"))
        more |= {"spared_row": spared_row, "spared": spared.to_numpy(zero_copy_only=False)}
    return People(batch.column("person"), row, **fields, now=now, signal=signal, **more)


def unfold(lists: pa.Array) -> tuple[Ints, pa.Array]:
    """The values of all lists, and for each the row it belongs to."""
    sizes = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    return np.repeat(np.arange(len(lists)), sizes), lists.flatten()


def _interests(lists: pa.Array) -> dict[str, Any]:
    row, found = unfold(lists)
    code, rank, weight = (found.field(name).to_numpy(zero_copy_only=False) for name in ("value", "rank", "weight"))
    order = np.argsort(row * (code.max(initial=0) + 1) + code)
    return {
        "interest_row": row[order],
        "interest": code[order],
        "interest_rank": rank[order],
        "interest_weight": weight[order],
    }

"""Units that are like a person's past: sessions, or people. Which are the nearest, and by which product they meet.

A unit is a row of products in order, without any name: nothing says whose it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa
from scipy import sparse

from siyu.engine.port import Engine
from siyu.recommendations.links import narrow
from siyu.recommendations.people import Floats, Ints
from siyu.recommendations.port import Asked, Links, Reasons, Told
from siyu.recommendations.ranking import Order, best, row_maxima
from siyu.recommendations.tables import columns, keep

UNITS = pa.schema(
    [
        ("unit", pa.int32()),
        ("place", pa.int32()),
        ("item", pa.int32()),
        ("weight", pa.float32()),
        ("vote", pa.float32()),
    ]
)
_CELLS: Final = 8_000_000
"""Pairs of a person and a unit worked out at a time."""
_ROOM: Final = 500_000
"""Cells of a matrix that are laid open at a time."""
_MOST: Final = 1000.0
"""Likeness is not told apart above."""


@dataclass(frozen=True)
class Units:
    """Units by products, in order.

    Attributes:
        ends: where the products of each unit end, after a 0.
        item: products, each once in a unit.
        weight: how much each counts when units are compared. ``vote``: how much it is recommended.
        items: products in the catalogue.
    """

    ends: Ints
    item: Ints
    weight: Floats
    vote: Floats
    items: int

    @property
    def sizes(self) -> Ints:
        """Products of each unit."""
        return np.diff(self.ends)

    @cached_property
    def support(self) -> Ints:
        """Units that hold each product."""
        return np.bincount(self.item, minlength=self.items)

    @cached_property
    def idf(self) -> Floats:
        """How much a product says: ln(1 + units / units with it)."""
        return np.asarray(np.log1p(len(self.sizes) / np.maximum(self.support, 1)), np.float64)

    @cached_property
    def matrix(self) -> Links:
        """Units by products."""
        return narrow(sparse.csr_array((self.weight, self.item, self.ends), shape=(len(self.sizes), self.items)))

    @cached_property
    def by_product(self) -> Links:
        """Products by units."""
        return narrow(self.matrix.T.tocsr())


@dataclass(frozen=True, slots=True)
class Met:
    """Nearest units of a block of people, by row.

    Attributes:
        row, unit: which.
        alike: how much, > 0.
        place: of the product by which they meet, the weightiest of the person's, in the arrays of :class:`Units`.
    """

    row: Ints
    unit: Ints
    alike: Floats
    place: Ints


def publish(engine: Engine, dataset: str, units: Units) -> None:
    """Leave units as ``dataset``."""
    sizes = units.sizes
    unit = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    place = np.arange(len(unit)) - np.repeat(units.ends[:-1], sizes)
    arrays = [unit, place.astype(np.int32), units.item.astype(np.int32), units.weight.astype(np.float32)]
    arrays.append(units.vote.astype(np.float32))
    keep(engine, dataset, pa.table([pa.array(one) for one in arrays], schema=UNITS))


def learnt(engine: Engine, dataset: str, items: int) -> Units:
    """Read :func:`publish` back."""
    engine.table(dataset, dataset)
    table = columns(engine, f"SELECT unit, place, item, weight, vote FROM {dataset}", UNITS)
    table = table.sort_by([("unit", "ascending"), ("place", "ascending")])
    unit, item = table.column("unit").to_numpy(), table.column("item").to_numpy()
    ends = np.searchsorted(unit, np.arange(int(unit.max(initial=-1)) + 2))
    weight, vote = (table.column(name).to_numpy() for name in ("weight", "vote"))
    return Units(ends, item, weight, vote, items)


def nearest(wanted: Links, units: Units, *, kept: int) -> Met:
    """The ``kept`` units most like each row of ``wanted`` (people by products); of equals the first."""
    step = max(1, _CELLS // max(len(units.sizes), 1))
    found = [_nearest(wanted[first : first + step], units, kept, first) for first in range(0, wanted.shape[0], step)]
    if not found:
        none = np.zeros(0, np.int64)
        return Met(none, none, np.zeros(0), none)
    return Met(*(np.concatenate([getattr(one, name) for one in found]) for name in Met.__slots__))


def _nearest(wanted: Links, units: Units, kept: int, first: int) -> Met:
    alike = (wanted @ units.by_product).tocsr()
    order = Order(len(units.sizes), _MOST)
    keys = order.keys(np.minimum(alike.data.astype(np.float64), _MOST), alike.indices.astype(np.int64))
    taken = best(keys, alike.indptr.astype(np.int64), kept=kept)
    row, at = np.nonzero(taken)
    key = taken[row, at]
    unit = order.item(key)
    inner = np.lexsort((unit, row))
    row, unit, value = row[inner], unit[inner], order.score(key[inner])
    return Met(row + first, unit, value, _meeting(wanted, units, row, unit))


def _meeting(wanted: Links, units: Units, row: Ints, unit: Ints) -> Ints:
    """For each pair the place of the unit's product that weighs most with the person; of equals the last."""
    sizes = units.sizes[unit]
    begins = np.cumsum(sizes) - sizes
    pair = np.repeat(np.arange(len(unit)), sizes)
    place = np.arange(len(pair)) - begins[pair] + units.ends[unit][pair]
    weight = _looked_up(wanted, row[pair], units.item[place])
    if not len(pair):
        return place
    greatest = np.maximum.reduceat(weight, begins)
    return np.asarray(np.maximum.reduceat(np.where(weight == greatest[pair], place, -1), begins), np.int64)


def _looked_up(matrix: Links, row: Ints, column: Ints) -> Floats:
    """Values of cells, ``row`` ascending; 0 where there is none.

    A room for a few rows is filled, read and emptied again, so that it stays in the processor's cache.
    """
    rows, width = matrix.shape
    step = max(1, _ROOM // max(width, 1))
    room = np.zeros(min(step, max(rows, 1)) * width, matrix.dtype)
    found = np.zeros(len(row), matrix.dtype)
    for first in range(0, rows, step):
        last = min(first + step, rows)
        begin, end = (int(matrix.indptr[at]) for at in (first, last))
        cells = np.repeat(np.arange(last - first) * width, np.diff(matrix.indptr[first : last + 1]))
        cells += matrix.indices[begin:end]
        room[cells] = matrix.data[begin:end]
        here = slice(*np.searchsorted(row, [first, last]))
        found[here] = room.take((row[here] - first) * width + column[here])
        room[cells] = 0
    return found


def counted(asked: Asked, told: Told, leads: Links, rows: int) -> Ints:
    """For each recommendation told: how many of the units that were asked lead to it.

    Args:
        leads: keys by products. ``rows``: people in the block.
    """
    row = asked.row[told.ask]
    some, place = np.unique(row, return_inverse=True)
    number = np.full(rows, -1, np.int64)
    number[some] = np.arange(len(some))
    at = np.flatnonzero(number[asked.row] >= 0)
    shape = (len(some), leads.shape[0])
    wanted = sparse.csr_array((np.ones(len(at), np.float32), (number[asked.row[at]], asked.key[at])), shape=shape)
    ones = sparse.csr_array((np.ones(leads.nnz, np.float32), leads.indices, leads.indptr), shape=leads.shape)
    order = np.argsort(place, kind="stable")
    count = np.empty(len(place), np.int64)
    count[order] = _looked_up((wanted @ ones).tocsr(), place[order], told.item[order])
    return count


def scaled(wanted: Links) -> Links:
    """Each row divided by its greatest value, so that likeness is of one scale; float32."""
    if wanted.nnz:
        most = np.maximum(row_maxima(wanted.data, wanted.indptr), 1e-300)
        wanted.data = (wanted.data / np.repeat(most, np.diff(wanted.indptr))).astype(np.float32)
    return wanted


def reasons(asked: Asked, told: Told, leads: Links) -> Reasons:
    """The product shared with the nearest of the units, and how many of them lead to what is recommended."""
    if not len(told.ask):
        return Reasons.of(0)
    count = counted(asked, told, leads, int(asked.notes["rows"][0]))
    return Reasons.of(len(told.ask), kind=0, value=1, past=asked.notes["shared"][told.ask], count=count)

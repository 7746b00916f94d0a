"""What people did, as arrays: rows of dataset ``profile_histories`` of some people, in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain import columns as c
from siyu.domain.kinds import EventKind

Numbers: TypeAlias = npt.NDArray[np.int64]
Amounts: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]

KINDS = tuple(kind.value for kind in EventKind)
BROWSE, CART, PURCHASE, RETURN = (
    KINDS.index(kind) for kind in (EventKind.BROWSE, EventKind.CART, EventKind.PURCHASE, EventKind.RETURN)
)
_LARGEST = 1e12
"""Quantities and prices beyond it are slips of the keyboard; sums must stay finite."""


@dataclass(frozen=True, slots=True)
class Acts:
    """Events of some people, by person and moment. Arrays have one place an event, but for ``starts``.

    Attributes:
        rows: the events as they were read, in any order; ``order`` says where each place lies in them.
        people: their numbers, ascending.
        starts: where each person's events start, and the end.
        person: place of the event's person in ``people``.
        ts: microseconds since 1970.
        counted: the moment it counts from: for a return, that of the purchase it undoes.
        kind: place in ``KINDS``, -1 for others.
        item: code of the item among the items of these rows, -1 without one.
        items: the items of the codes.
        quantity: 1 where it has no meaning, never negative.
        valence: of opinions, -1 to 1; 0 where unknown.
    """

    rows: pa.Table
    order: Numbers
    people: Numbers
    starts: Numbers
    person: Numbers
    ts: Numbers
    counted: Numbers
    kind: Numbers
    item: Numbers
    items: pa.Array
    quantity: Amounts
    valence: Amounts

    def __len__(self) -> int:
        return len(self.order)

    def column(self, name: str) -> pa.Array:
        """A column as it was read; ``order`` says where a place lies in it."""
        return whole(self.rows.column(name))


def ordered(rows: pa.Table, person_of: npt.NDArray[np.int32]) -> Acts:
    """Rows of ``sql/rows.sql`` as arrays.

    Args:
        person_of: the number of the person each stored number stands for now.
    """
    person = person_of[rows.column("no").to_numpy()].astype(np.int64)
    ts = _moments(rows.column(c.TS))
    order = _order(person, ts)
    person, ts = person[order], ts[order]
    people, starts, place = _groups(person)
    items = whole(rows.column(c.ITEM)).dictionary_encode()
    counted = _moments(rows.column(c.EFFECTIVE_TS).fill_null(0))[order]
    return Acts(
        rows=rows,
        order=order,
        people=people,
        starts=starts,
        person=place,
        ts=ts,
        counted=np.where(counted == 0, ts, counted),
        kind=codes(rows.column(c.KIND), pa.array(KINDS))[order],
        item=items.indices.fill_null(-1).to_numpy().astype(np.int64)[order],
        items=items.dictionary.cast(pa.string()),
        quantity=_amounts(rows.column(c.QUANTITY), 1.0)[order],
        valence=np.nan_to_num(rows.column("valence").fill_null(0.0).to_numpy())[order],
    )


def prices(acts: Acts) -> Amounts:
    """Unit price of every event, 0 where there is none."""
    return _amounts(acts.rows.column(c.UNIT_PRICE), 0.0)[acts.order]


def table(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    """Batches as one table of just these types: engines differ in how wide a text is."""
    exact = (batch if batch.schema.equals(schema) else batch.cast(schema) for batch in batches)
    return pa.Table.from_batches(exact, schema=schema)


def whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column in one piece."""
    if isinstance(column, pa.Array):
        return column
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks or [pa.array([], column.type)])


def codes(values: pa.ChunkedArray | pa.Array, among: pa.Array) -> Numbers:
    """Place of each value in ``among``, -1 where it is not there."""
    found = pc.index_in(whole(values), value_set=among).fill_null(-1)
    return np.asarray(found.to_numpy(zero_copy_only=False)).astype(np.int64)


def runs(*keys: Numbers) -> Numbers:
    """Where each run of equal keys starts, and the end; keys of equal length, sorted."""
    length = len(keys[0])
    if not length:
        return np.zeros(1, np.int64)
    new = np.zeros(length, bool)
    new[0] = True
    for key in keys:
        new[1:] |= key[1:] != key[:-1]
    return np.append(np.flatnonzero(new), length)


def compact(places: Numbers) -> tuple[Numbers, Numbers]:
    """Distinct places, ascending, and which of them each is: for places that lie close together."""
    if not len(places):
        return places, places
    low = int(places.min())
    seen = np.zeros(int(places.max()) - low + 1, bool)
    seen[places - low] = True
    code = np.cumsum(seen) - 1
    return np.flatnonzero(seen) + low, code[places - low]


def packed(parts: Sequence[tuple[Numbers, int]]) -> Numbers | None:
    """Keys in one number, first the most significant; ``None`` where they do not fit.

    Args:
        parts: keys from 0, each with a number that it stays below.
    """
    bits = [max(int(bound - 1).bit_length(), 1) for _, bound in parts]
    if sum(bits) > 63:
        return None
    key = np.zeros(len(parts[0][0]), np.int64)
    for (part, _), width in zip(parts, bits, strict=True):
        key <<= width
        key |= part
    return key


def sorted_by(parts: Sequence[tuple[Numbers, int]]) -> Numbers:
    """The order that sorts by the keys, first the most significant; equal ones in any order."""
    key = packed(parts)
    return np.lexsort([part for part, _ in reversed(parts)]) if key is None else np.argsort(key)


def _order(person: Numbers, ts: Numbers) -> Numbers:
    if not len(person):
        return np.empty(0, np.int64)
    first, early = int(person.min()), int(ts.min())
    return sorted_by([(person - first, int(person.max()) - first + 1), (ts - early, int(ts.max()) - early + 1)])


def _groups(person: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    starts = runs(person)
    people = person[starts[:-1]]
    return people, starts, np.repeat(np.arange(len(people)), np.diff(starts))


def _moments(column: pa.ChunkedArray) -> Numbers:
    return np.asarray(whole(column).cast(pa.timestamp("us")).view(pa.int64()).to_numpy())


def _amounts(column: pa.ChunkedArray, missing: float) -> Amounts:
    found = column.fill_null(missing).to_numpy()
    amounts: Amounts = np.clip(np.nan_to_num(found, nan=missing, posinf=_LARGEST, neginf=0.0), 0.0, _LARGEST)
    return amounts

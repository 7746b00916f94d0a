"""Facts a message claims, with provenance: those of the catalogue are taken, those about a reader are made here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from siyu.copywriting.columns import Ints
from siyu.copywriting.exactly import exact
from siyu.copywriting.filled import WORD, flat
from siyu.copywriting.shelf import Shelf
from siyu.engine.schemas import FACTS

_STRUCT = pa.struct(list(FACTS))
CLAIMED = pa.list_(pa.struct([(f.name, WORD if pa.types.is_string(f.type) else f.type) for f in FACTS]))
"""Facts of a message, each distinct text once."""


class Claims:
    """Collects the facts claimed by the messages of one batch."""

    def __init__(self, shelf: Shelf, now: datetime) -> None:
        self._shelf = shelf
        self._now = now.astimezone(UTC).replace(tzinfo=None)
        self._extra: list[Mapping[str, Any]] = []  # with `row`: that fact of the shelf under another slot
        self._places: dict[tuple[object, ...], int] = {}
        self._order: list[int] = []
        self._first_extra = shelf.table.num_rows

    def past(self, item: str, slot: str, language: str) -> int:
        """The title of a past product, claimed as ``slot`` (``past.bought``)."""
        row = self._shelf.card(item, language)["title"].row
        key = (row, slot)
        if key not in self._places:
            self._add(key, {"row": row, "slot": slot})
        return self._places[key]

    def count(self, item: str, slot: str, past: str, number: int) -> int:
        """How often a product and a past one were chosen together (or it alone, where ``past`` is empty)."""
        key = (item, slot, past, str(number))
        if key not in self._places:
            self._add(key, self._made(item, slot, str(number), f"recommendations:{past or item}", float(number)))
        return self._places[key]

    def interest(self, item: str, slot: str, angle: tuple[str, str]) -> int:
        """That the reader's interest in what the angle names is of the strength that ``slot`` takes."""
        key = (item, slot, *angle)
        if key not in self._places:
            self._add(key, self._made(item, slot, angle[1], f"interests:{angle[0]}", None))
        return self._places[key]

    def _made(self, item: str, slot: str, value: str, source: str, number: float | None) -> Mapping[str, Any]:
        return {
            "item": item, "slot": slot, "value": value, "number": number, "unit": "", "language": "", "source": source,
            "observed_at": self._now, "valid_from": None, "valid_until": None,
        }  # fmt: skip

    def _add(self, key: tuple[object, ...], fact: Mapping[str, Any]) -> None:
        self._places[key] = self._first_extra + len(self._extra)
        self._extra.append(fact)

    def array(self, claimed: Sequence[frozenset[int]], lines: Ints, offsets: Ints) -> tuple[pa.ListArray, pa.Array]:
        """Facts of every message, those of the catalogue first and the others by slot; and the same flat, as bytes.

        Args:
            claimed: facts by line.
            lines: lines of one message after another.
            offsets: where those of each message begin; one more than messages.
        """
        facts, begins = flat([sorted(rows) for rows in claimed])
        size = np.diff(begins)[lines]
        message = np.repeat(np.repeat(np.arange(len(offsets) - 1), np.diff(offsets)), size)
        first = np.repeat(begins[lines] - np.concatenate([[0], np.cumsum(size)[:-1]]), size) if len(lines) else size
        every = self._places_in_order()[facts[first + np.arange(len(first))]]
        most = self._first_extra + len(self._extra) + 1
        message, places = np.divmod(np.unique(message * most + every), most)
        distinct, codes = np.unique(places, return_inverse=True)
        values = self._values(distinct)
        ends = np.searchsorted(message, np.arange(len(offsets)))
        at = pa.array(codes.reshape(-1), pa.int32())
        fields = [_words(values.field(field.name)).take(at) for field in FACTS]
        structs = pa.StructArray.from_arrays(fields, fields=list(CLAIMED.value_type))
        return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), structs), exact(values).take(at)

    def _places_in_order(self) -> Ints:
        """By fact, its place among all: rows of the catalogue as they are, the others by slot."""
        order = sorted(range(len(self._extra)), key=lambda at: (self._extra[at]["slot"], at))
        places = np.arange(self._first_extra + len(order))
        places[self._first_extra + np.array(order, np.int64)] = self._first_extra + np.arange(len(order))
        self._order = order
        return places

    def _values(self, places: Ints) -> pa.StructArray:
        """Facts by their places."""
        stored = places[places < self._first_extra]
        extra = [self._order[place - self._first_extra] for place in places[len(stored) :].tolist()]
        made = self._made_up([self._extra[at] for at in extra])
        return pa.concat_arrays([self._shelf.taken(stored), made])

    def _made_up(self, extra: Sequence[Mapping[str, Any]]) -> pa.StructArray:
        """Facts that the catalogue does not hold in this form: those made here, and titles under another slot."""
        renamed = [fact for fact in extra if "row" in fact]
        titles = self._shelf.taken(np.asarray([fact["row"] for fact in renamed], dtype=np.int64))
        fields = [titles.field(name) for name in FACTS.names]
        fields[FACTS.names.index("slot")] = pa.array([fact["slot"] for fact in renamed], pa.string())
        made = pa.array([fact for fact in extra if "row" not in fact], _STRUCT)
        together = pa.concat_arrays([pa.StructArray.from_arrays(fields, fields=list(FACTS)), made])
        is_made = np.asarray(["row" not in fact for fact in extra], dtype=bool)
        order = np.where(is_made, len(renamed) + np.cumsum(is_made) - 1, np.cumsum(~is_made) - 1)
        return together.take(pa.array(order, pa.int64()))


def _words(column: pa.Array) -> pa.Array:
    return column.dictionary_encode() if pa.types.is_string(column.type) else column

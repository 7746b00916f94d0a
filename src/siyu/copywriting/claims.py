"""Facts a message claims, with provenance: those of the catalogue are taken, those about a reader are made here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from siyu.copywriting.shelf import Shelf
from siyu.engine.schemas import FACTS

_STRUCT = pa.struct(list(FACTS))


class Claims:
    """Collects the facts claimed by the messages of one batch."""

    def __init__(self, shelf: Shelf, now: datetime) -> None:
        self._shelf = shelf
        self._now = now.astimezone(UTC).replace(tzinfo=None)
        self._extra: list[Mapping[str, Any]] = []  # with `row`: that fact of the shelf under another slot
        self._places: dict[tuple[object, ...], int] = {}
        self._rows: list[int] = []
        self._offsets: list[int] = [0]
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

    def message(self, rows: Iterable[int]) -> None:
        """The next message claims these facts; those of the catalogue come first, the others by slot."""
        self._rows += sorted(rows, key=self._order)
        self._offsets.append(len(self._rows))

    def _order(self, row: int) -> tuple[int, str]:
        extra = row - self._first_extra
        return (row, "") if extra < 0 else (self._first_extra, self._extra[extra]["slot"])

    def array(self, kind: pa.ListType) -> pa.ListArray:
        """Facts of every message, in order."""
        rows = np.asarray(self._rows, dtype=np.int64)
        distinct, places = np.unique(rows, return_inverse=True)
        stored = distinct[distinct < self._first_extra]
        values = pa.concat_arrays([self._shelf.taken(stored), self._made_up(distinct[len(stored) :])])
        taken = values.take(pa.array(places.reshape(-1)))
        return pa.ListArray.from_arrays(pa.array(self._offsets, pa.int32()), taken).cast(kind)

    def _made_up(self, rows: np.ndarray[Any, np.dtype[np.int64]]) -> pa.StructArray:
        """Facts that the catalogue does not hold in this form: those made here, and titles under another slot."""
        extra = [self._extra[row - self._first_extra] for row in rows.tolist()]
        renamed = [fact for fact in extra if "row" in fact]
        titles = self._shelf.taken(np.asarray([fact["row"] for fact in renamed], dtype=np.int64))
        fields = [titles.field(name) for name in FACTS.names]
        fields[FACTS.names.index("slot")] = pa.array([fact["slot"] for fact in renamed], pa.string())
        made = pa.array([fact for fact in extra if "row" not in fact], _STRUCT)
        together = pa.concat_arrays([pa.StructArray.from_arrays(fields, fields=list(FACTS)), made])
        is_made = np.asarray(["row" not in fact for fact in extra], dtype=bool)
        order = np.where(is_made, len(renamed) + np.cumsum(is_made) - 1, np.cumsum(~is_made) - 1)
        return together.take(pa.array(order, pa.int64()))

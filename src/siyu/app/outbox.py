"""The outbox: written messages on their way from the dataset to the sender, through the gate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from siyu.copywriting.gate import Gate, Refusal
from siyu.domain import columns as c
from siyu.domain.copy import ApprovedCopy
from siyu.domain.kinds import SkipReason
from siyu.engine.port import Engine
from siyu.engine.schemas import MESSAGES

_AT_ONCE: Final = 5_000  # rows read from the dataset at a time; each holds its facts, about 5 KB


class Outbox:
    """Reads messages in the order in which they lie, and has the gate approve each lot when it is asked for.

    Looking up every lot of 500 in a dataset of a million messages would read all of it two thousand times.

    Args:
        approved: ids of messages that a person approved; ``barred``: of those that a person must still see.
    """

    def __init__(
        self,
        engine: Engine,
        gate: Gate,
        *,
        approved: pa.Array = pa.array([], pa.string()),
        barred: pa.Array = pa.array([], pa.string()),
    ) -> None:
        self._engine = engine
        self._gate = gate
        self._approved = approved
        self._barred = barred
        self._held = MESSAGES.empty_table()

    def lots(self, due: pa.Array, size: int) -> Iterator[Sequence[str]]:
        """The ids among ``due`` that were written, at most ``size`` at a time, in the order of the dataset."""
        for batch in self._rows(due, "due"):
            for start in range(0, batch.num_rows, size):
                self._held = pa.Table.from_batches([batch.slice(start, size)])
                yield self._held[c.MESSAGE_ID].to_pylist()
        self._held = MESSAGES.empty_table()

    def release(self, ids: Sequence[str], now: datetime) -> list[ApprovedCopy | Refusal]:
        """Have the gate approve the messages ``ids`` again, with the facts of ``now``."""
        wanted = pa.array(list(ids), pa.string())
        rows = self._held.filter(pc.is_in(self._held[c.MESSAGE_ID], value_set=wanted))
        if rows.num_rows < len(ids):  # not the lot just read
            rows = pa.Table.from_batches(list(self._rows(wanted, "wanted")), self._held.schema)
        barred = pc.is_in(rows[c.MESSAGE_ID], value_set=self._barred)
        answers: list[ApprovedCopy | Refusal] = [
            Refusal(message_id, SkipReason.COPY_REFUSED) for message_id in rows[c.MESSAGE_ID].filter(barred).to_pylist()
        ]
        for batch in rows.filter(pc.invert(barred)).combine_chunks().to_batches():
            by_person = pc.is_in(batch.column(c.MESSAGE_ID), value_set=self._approved)
            mine = batch.column(c.MESSAGE_ID).filter(by_person).to_pylist()
            answers += self._gate.release(batch, now, approved_by_person=mine)
        return answers

    def _rows(self, ids: pa.Array, name: str) -> Iterator[pa.RecordBatch]:
        self._engine.table("messages", "messages")
        self._engine.table(name, pa.table({c.MESSAGE_ID: ids}))
        rows = f"SELECT m.* FROM messages m WHERE EXISTS (SELECT 1 FROM {name} w WHERE w.message_id = m.message_id)"
        for batch in self._engine.batches(rows, rows=_AT_ONCE):
            yield batch.cast(MESSAGES)

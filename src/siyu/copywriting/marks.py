"""The notary's marks as they are kept: one a message, beside the dataset ``messages``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.copywriting.notary import MARK, MARKS, Notary
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.engine.sql import fill

DATASET: Final = "copy_marks"


class Marks:
    """Marks of one campaign by message, about 70 bytes each; read again when the dataset has another version."""

    def __init__(self, engine: Engine, campaign: str) -> None:
        self._engine, self._campaign = engine, campaign
        self._version = 0
        self._ids: np.ndarray[Any, np.dtype[np.bytes_]] = np.empty(0, "S1")
        self._marks: np.ndarray[Any, np.dtype[np.void]] = np.empty(0, f"V{MARK}")

    def of(self, message_ids: pa.Array) -> Sequence[bytes | None]:
        """The mark of each message; None where it has none."""
        self._read()
        if not len(self._ids):
            return [None] * len(message_ids)
        wanted = np.array(message_ids.to_pylist(), dtype=np.bytes_)
        places = np.minimum(np.searchsorted(self._ids, wanted), len(self._ids) - 1)
        found = self._ids[places] == wanted
        marks = self._marks[places]
        return [mark.tobytes() if known else None for mark, known in zip(marks, found.tolist(), strict=True)]

    def _read(self) -> None:
        found = manifest.find(self._engine.root, DATASET)
        if found is None or found.version == self._version:
            return
        self._engine.table(DATASET, DATASET)
        query = fill(f"SELECT message_id, mark FROM {DATASET} WHERE campaign = $campaign", campaign=self._campaign)
        batches = [batch for batch in self._engine.batches(query) if batch.num_rows]
        whole = [batch.filter(pc.equal(pc.binary_length(batch.column(1)), MARK)) for batch in batches]
        ids = [np.array(batch.column(0).to_pylist(), dtype=np.bytes_) for batch in whole if batch.num_rows]
        marks = [np.frombuffer(b"".join(b.column(1).to_pylist()), f"V{MARK}") for b in whole if b.num_rows]
        together = np.concatenate(ids) if ids else np.empty(0, "S1")
        order = np.argsort(together)
        self._ids = together[order]
        self._marks = (np.concatenate(marks) if marks else np.empty(0, f"V{MARK}"))[order]
        self._version = found.version


class Marking:
    """A batch function that marks what another one writes, which gives every fact of its rows as bytes, too.

    Attributes:
        made: rows of :data:`siyu.copywriting.notary.MARKS`, where the function ran in this process.
    """

    def __init__(self, write: Callable[[pa.RecordBatch], tuple[pa.RecordBatch, pa.Array]], notary: Notary) -> None:
        self._write, self._notary = write, notary
        self.made: list[pa.RecordBatch] = []

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Rows of ``MESSAGES``, as the other function writes them."""
        rows, facts = self._write(batch)
        self.made.append(marked(rows, self._notary, facts))
        return rows


def marked(rows: pa.RecordBatch, notary: Notary, facts: pa.Array | None = None) -> pa.RecordBatch:
    """Rows of ``MARKS`` for rows of ``MESSAGES``; ``facts`` as in :meth:`Notary.marks`."""
    marks = pa.array(notary.marks(rows, facts), pa.binary())
    columns = [rows.column(name) for name in ("message_id", "person", "campaign", "step")]
    return pa.RecordBatch.from_arrays([*columns, marks], schema=MARKS)

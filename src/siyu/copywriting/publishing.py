"""Filling the messages and publishing them, each with the notary's mark."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from siyu.copywriting.filling import Filler
from siyu.copywriting.marks import DATASET, Marking, marked
from siyu.copywriting.notary import MARKS, Notary
from siyu.copywriting.rows import WRITTEN
from siyu.engine import manifest, sql
from siyu.engine.port import Engine
from siyu.engine.schemas import MESSAGES

_BATCH = 8192  # readers a batch: what is known of each is some 10 kB while it is written to
_OUTDATED = "SELECT message_id FROM outdated"


def publish(engine: Engine, filler: Filler, notary: Notary | None) -> int:
    """Write the messages of the table ``choices`` in place of those in ``outdated``; the new version of ``messages``.

    Marks are written after the messages they belong to: a message without one is read again at the gate.
    """
    query = sql.load("siyu.copywriting", "relations")
    fill = Marking(filler.write, notary) if notary else filler
    supersede = _OUTDATED if _keeps(engine) else None
    version = engine.map_arrow(query, fill, WRITTEN, "messages", supersede=supersede, rows=_BATCH)
    if notary and isinstance(fill, Marking):
        engine.table("messages", "messages")
        marks = iter(fill.made) if fill.made else _marks(engine, notary)
        engine.write(pa.RecordBatchReader.from_batches(MARKS, marks), DATASET, supersede=_OUTDATED)
    return version


def _keeps(engine: Engine) -> bool:
    """Whether any message stays as it is."""
    if manifest.find(engine.root, "messages") is None:
        return False
    stays = "NOT EXISTS (SELECT 1 FROM outdated o WHERE o.message_id = m.message_id)"
    return any(batch.num_rows for batch in engine.batches(f"SELECT m.message_id FROM messages m WHERE {stays} LIMIT 1"))


def _marks(engine: Engine, notary: Notary) -> Iterator[pa.RecordBatch]:
    """Marks of messages that were written by other processes."""
    query = "SELECT m.* FROM messages m WHERE EXISTS (SELECT 1 FROM choices c WHERE c.person = m.person)"
    for batch in engine.batches(query, rows=_BATCH):
        yield marked(batch.cast(MESSAGES), notary)

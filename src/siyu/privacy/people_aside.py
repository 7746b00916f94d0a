"""Rows of people that were not taken, or not whole: kept with file, row, field and reason, what they said encrypted.

They lie in a dataset of their own. Files of people are read whole by every import, so it holds what the last one set
aside; what came from a database that is read on from a mark is added to what was there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain import columns as c
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.engine.schemas import QUARANTINE
from siyu.files.batches import LINE, RAW
from siyu.privacy.people_files import COLUMNS, FILE
from siyu.privacy.people_rows import PLACE, Refusals, field_of

DATASET: Final = "people_quarantine"
"""Dataset in the columns of the quarantine of events; ``source`` is :data:`SOURCE`."""

SOURCE: Final = "people"

_BATCH: Final = 50_000


def set_aside(rows: pa.Table, refused: Refusals, *, gone: pa.Array) -> pa.Table:
    """The rows that ``refused`` bars: file, row, field, reason and payload (JSON, not yet encrypted).

    Args:
        gone: places of rows of people who were erased: of them nothing is kept but where they stand.
    """
    barred = refused.places()
    found = rows.take(barred)
    reasons = refused.reasons()
    payload = pa.chunked_array(_payloads(found), pa.string())
    return pa.table(
        {
            "file": found[FILE],
            c.ROW: found[LINE],
            c.FIELD: pa.array(map(field_of, reasons.to_pylist()), pa.string()),
            c.REASON: reasons,
            c.PAYLOAD: pc.if_else(pc.is_in(found[PLACE], value_set=gone), None, payload),
        }
    )


def publish(
    rows: pa.Table,
    engine: Engine,
    *,
    seal: Callable[[pa.Array], pa.Array],
    now: datetime,
    reread: Collection[str] = (),
) -> None:
    """Replace what was set aside before by ``rows``.

    Args:
        seal: payloads to bytes that only the holder of the keys can read.
        reread: names of files that give each row once: theirs of earlier imports stay.
    """
    before = _before(engine, reread)
    if not rows.num_rows and before is None:
        return
    kept = [] if before is None else before.to_batches()
    batches = (_sealed(batch, seal, now) for batch in rows.to_batches(max_chunksize=_BATCH))
    everything = (batch for part in (kept, batches) for batch in part)
    engine.write(pa.RecordBatchReader.from_batches(QUARANTINE, everything), DATASET)


def _before(engine: Engine, reread: Collection[str]) -> pa.Table | None:
    """What stays of earlier imports; ``None`` where nothing was ever set aside."""
    if manifest.find(engine.root, DATASET) is None:
        return None
    engine.table(DATASET, DATASET)
    batches = list(engine.batches(f"SELECT {', '.join(QUARANTINE.names)} FROM {DATASET}"))
    table = pa.Table.from_batches(batches, schema=batches[0].schema) if batches else QUARANTINE.empty_table()
    return table.filter(pc.is_in(table["file"], value_set=pa.array(list(reread), pa.string()))).cast(QUARANTINE)


def _sealed(batch: pa.RecordBatch, seal: Callable[[pa.Array], pa.Array], now: datetime) -> pa.RecordBatch:
    count = batch.num_rows
    moment = pa.scalar(now.replace(tzinfo=None), pa.timestamp("us"))
    columns = {
        **{name: batch[name] for name in batch.schema.names},
        c.SOURCE: pa.repeat(SOURCE, count),
        c.PAYLOAD: seal(batch[c.PAYLOAD]),
        "imported_at": pa.repeat(moment, count),
    }
    return pa.record_batch([columns[field.name].cast(field.type) for field in QUARANTINE], schema=QUARANTINE)


def _payloads(rows: pa.Table) -> Iterator[pa.Array]:
    for batch in rows.select([*COLUMNS, RAW]).to_batches(max_chunksize=_BATCH):
        yield pa.array(map(_payload, batch.to_pylist()), pa.string())


def _payload(row: dict[str, str | None]) -> str:
    raw = row.pop(RAW)
    if raw is not None and not any(row.values()):
        return json.dumps({"row": raw}, ensure_ascii=False)
    return json.dumps({name: text for name, text in row.items() if text is not None}, ensure_ascii=False)

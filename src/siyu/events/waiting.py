"""Returns that came before their purchase: they wait, and are events as soon as an import brings what they undo."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from siyu.engine import manifest
from siyu.engine.port import Engine, Sql
from siyu.engine.schemas import EVENTS
from siyu.engine.sql import literal, query

PACKAGE = "siyu.events"

WAITING: Final = "returns_waiting"
"""Dataset: returns that nothing was found for, or what is left of them, as the events they would be."""

SCHEMA: Final = pa.schema(
    [*EVENTS, ("file", pa.string()), ("row", pa.int64()), ("parts", pa.int32())]  # parts: stored of it so far
)


def register(engine: Engine, source: str, *, instead: bool, taken: tuple[str, ...]) -> bool:
    """Make what waits readable as ``import_waiting_before`` and ``import_waiting``; whether anything does.

    Args:
        instead: what came from ``source`` is being read anew, so none of it waits.
        taken: ids that a cut-off import of another source is about to make events of.
    """
    columns = ", ".join(f'w."{name}"' for name in SCHEMA.names)
    if manifest.find(engine.root, WAITING) is None:
        engine.table("import_waiting_all", SCHEMA.empty_table())
    else:
        engine.table("import_waiting_all", WAITING)
    kept = f"w.source <> {literal(source)}" if instead else "TRUE"
    free = f"w.event_id NOT IN {literal(taken)}" if taken else "TRUE"
    numbered = (
        f"SELECT -row_number() OVER (ORDER BY w.event_id) AS _key, {columns} FROM import_waiting_all w "
        f"WHERE {kept} AND {free}"
    )
    held = f"SELECT {columns} FROM import_waiting_all w WHERE {kept} AND NOT ({free})"
    engine.table("import_waiting_held", Sql(held))
    engine.table("import_waiting_before", Sql(numbered))
    engine.table("import_return_ids", Sql(query(PACKAGE, "return_ids")))
    engine.table("import_waiting", Sql(query(PACKAGE, "waiting")))
    engine.table("import_undone", Sql(query(PACKAGE, "undone")))
    found = manifest.find(engine.root, WAITING)
    return bool(found and found.rows)


def healed(engine: Engine) -> tuple[str, ...]:
    """Ids of the returns of earlier imports that are events now."""
    sql = "SELECT w.event_id FROM import_waiting w JOIN import_undone u ON u._key = w._key ORDER BY w.event_id"
    return tuple(one for batch in engine.batches(sql) for one in batch.column(0).to_pylist())


def publish(engine: Engine, source: str, plan: str) -> None:
    """What waits from now on. Those that another import is about to take stay as they are.

    Args:
        plan: tells imports apart: one that was cut off after this step does not repeat it.
    """
    before = manifest.find(engine.root, WAITING)
    marks = dict(before.meta) if before else {}
    if marks.get(source) == plan:
        return
    rows = f"{query(PACKAGE, 'still_waiting', source=source)} UNION ALL SELECT * FROM import_waiting_held"
    engine.write(rows, WAITING, meta={**marks, source: plan})

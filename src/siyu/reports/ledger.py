"""The campaign's ledger in the few columns the report needs, whatever else it came with."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from siyu.engine.schemas import MOMENT

SENT: Final = ("accepted", "handed")
"""States of a message that left: ``handed`` is in doubt after a crash, and counts as sent."""

COLUMNS: Final = pa.schema(
    [
        ("message_id", pa.string()),
        ("person", pa.string()),
        ("state", pa.string()),
        ("reason", pa.string()),
        ("planned_at", MOMENT),
        ("sent_at", MOMENT),
        ("decision", pa.string()),
    ]
)

READ: Final = ("message_id", "person", "state", "reason", "planned_at", "handed_at", "decision")
"""Columns of the store's ledger that the report looks at."""


def ledger(table: pa.Table) -> pa.Table:
    """``table`` with exactly :data:`COLUMNS`; ``sent_at`` falls back to ``handed_at``, absent columns are null."""
    if "sent_at" not in table.column_names and "handed_at" in table.column_names:
        table = table.append_column("sent_at", table["handed_at"])
    have = set(table.column_names)
    columns = [
        table[field.name].cast(field.type) if field.name in have else pa.nulls(table.num_rows, field.type)
        for field in COLUMNS
    ]
    return pa.table(columns, schema=COLUMNS)


def counts(table: pa.Table) -> dict[tuple[str, str], int]:
    """Rows by (state, reason), largest first."""
    filled = pa.table({name: pc.fill_null(table[name], "") for name in ("state", "reason")})
    grouped = filled.group_by(["state", "reason"]).aggregate([([], "count_all")]).to_pylist()
    found = {(row["state"], row["reason"]): row["count_all"] for row in grouped}
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))

"""Rows and values that were left out, each named: file, row, item, field, reason and what it said.

They hold what feeds say about products, nothing about people, so they lie open in the dataset ``catalogue_problems``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import pyarrow as pa

from siyu.catalogue.report import Problem
from siyu.catalogue.settings import CatalogueSettings
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.engine.schemas import MOMENT
from siyu.engine.sql import fill

PROBLEMS: Final = "catalogue_problems"
"""Dataset: what the last import of each source left out."""

SCHEMA: Final = pa.schema(
    [
        ("source", pa.string()),
        ("file", pa.string()),
        ("row", pa.int64()),
        ("item", pa.string()),
        ("field", pa.string()),
        ("reason", pa.string()),
        ("value", pa.string()),
        ("whole", pa.bool_()),  # the row was left out, not a value of it
        ("imported_at", MOMENT),
    ]
)

_FIELDS: Final = {
    "malformed": "row",
    "missing-item": "item",
    "rounded-item": "item",
    "not-a-product": "item",
    "bad-time": "observed_at",
    "exact-duplicate": "row",
    "conflicting-id": "item",
}
_SHOWN = 20


def publish_problems(engine: Engine, source: CatalogueSettings, observed: str, now: datetime) -> None:
    """Replace what is known of ``source`` by what this import left out."""
    stored = manifest.find(engine.root, PROBLEMS) is not None
    engine.table("catalogue_problems_before", PROBLEMS if stored else SCHEMA.empty_table())
    fields = " ".join(f"WHEN '{reason}' THEN '{field}'" for reason, field in _FIELDS.items())
    text = f"""
SELECT source, file, "row", item, field, reason, value, whole, imported_at
FROM catalogue_problems_before WHERE source <> $source
UNION ALL
SELECT $source, regexp_replace(_file, '^.*[/\\\\]', ''), CAST(_row AS BIGINT), coalesce(item, ''),
    CASE reason {fields} END, reason, substr(coalesce(_raw, said), 1, 2000), TRUE, $now
FROM catalogue_decided WHERE reason IS NOT NULL
UNION ALL
SELECT $source, source, "row", item, slot, refused, value, FALSE, $now
FROM {observed} WHERE refused IS NOT NULL
"""
    engine.write(fill(text, source=source.name, now=now), PROBLEMS)


def first(engine: Engine, source: CatalogueSettings) -> tuple[Problem, ...]:
    """The first problems of ``source``, rows before values."""
    engine.table(PROBLEMS, PROBLEMS)
    text = (
        f'SELECT file, "row", item, field, reason, value FROM {PROBLEMS} WHERE source = $source AND '
        "reason <> 'exact-duplicate' "
        'ORDER BY CASE WHEN whole THEN 0 ELSE 1 END, file, "row", item, field LIMIT $shown'
    )
    rows = [row for batch in engine.batches(fill(text, source=source.name, shown=_SHOWN)) for row in batch.to_pylist()]
    return tuple(Problem(**row) for row in rows)

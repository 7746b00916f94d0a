"""The tables this room reads, under names of its own, and nothing later than the clock."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from siyu.domain import columns as c
from siyu.engine import manifest, resolved, schemas
from siyu.engine.port import Engine, Sql
from siyu.engine.sql import literal

PACKAGE = "siyu.profiles"

DECLARED = "declared"
"""Dataset of (person, language): what people said themselves. It wins over what their words and pages were in."""


def register(engine: Engine, now: datetime) -> None:
    """Views ``profile_all`` (as stored), ``profile_events`` (people resolved, up to now), ``products`` and others.

    Raises:
        MissingDataError: no events were imported yet.
    """
    engine.table("profile_all", "events")
    resolved.events(engine, name="profile_resolved")
    engine.table("profile_events", Sql(f"SELECT * FROM profile_resolved WHERE {c.TS} <= {literal(now)}"))
    if manifest.find(engine.root, "products") is None:
        engine.table("products", schemas.PRODUCTS.empty_table())
    else:
        engine.table("products", "products")
    if manifest.find(engine.root, resolved.ALIASES) is None:
        engine.table("profile_aliases", pa.schema([("alias", pa.string()), (c.PERSON, pa.string())]).empty_table())
    else:
        engine.table("profile_aliases", resolved.ALIASES)
    if manifest.find(engine.root, DECLARED) is None:
        engine.table("profile_declared", pa.schema([(c.PERSON, pa.string()), (c.LANGUAGE, pa.string())]).empty_table())
    else:
        engine.table("profile_declared", DECLARED)


def number(engine: Engine, sql: str) -> int:
    """The first column of the first row of ``sql`` as a number, 0 where it is null or there is none."""
    for batch in engine.batches(sql):
        if batch.num_rows:
            return int(batch.column(0)[0].as_py() or 0)
    return 0


def counts(engine: Engine, sql: str) -> dict[str, int]:
    """Rows (key, count) of a small query as a dictionary; null keys are left out."""
    found: dict[str, int] = {}
    for batch in engine.batches(sql):
        pairs = zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True)
        found.update({str(key): int(count) for key, count in pairs if key is not None})
    return found


def clear(engine: Engine, *datasets: str) -> None:
    """Empty datasets that only one run needs: no copy of a person's data is left lying."""
    for dataset in datasets:
        engine.table("profile_cleared", dataset)
        engine.write("SELECT * FROM profile_cleared WHERE false", dataset)

"""The tables this room reads, under names of its own, and nothing later than the clock."""

from __future__ import annotations

import pyarrow as pa

from siyu.domain import columns as c
from siyu.engine import manifest, resolved, schemas
from siyu.engine.port import Engine

PACKAGE = "siyu.profiles"

DECLARED = "declared"
"""Dataset of (person, language): what people said themselves. It wins over what their words and pages were in."""


def register(engine: Engine) -> None:
    """Make ``products``, ``profile_aliases`` and ``profile_declared`` readable, empty where there are none.

    Raises:
        MissingDataError: no events were imported yet.
    """
    manifest.require(engine.root, "events")
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

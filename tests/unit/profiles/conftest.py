"""A small shop whose events are written by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from siyu.domain.clock import FixedClock
from siyu.engine import schemas
from siyu.engine.embedded import EmbeddedEngine
from siyu.profiles import ProfileReport, ProfileSettings, build_profiles
from siyu.text.tokenise import tokens

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Shop:
    """An engine with events and products, and readings of what was built from them."""

    def __init__(self, root: Path) -> None:
        self.engine = EmbeddedEngine(root, memory="1GB", threads=1)
        self._events = 0

    def event(self, person: str, kind: str, *, days: float = 0.0, **more: Any) -> dict[str, Any]:
        """An event ``days`` before NOW (negative: after)."""
        self._events += 1
        ts = (NOW - timedelta(days=days)).replace(tzinfo=None)
        row = {"event_id": f"e{self._events:05}", "person": person, "kind": kind, "ts": ts, "effective_ts": ts}
        row |= {"quantity": 1.0, "source": "test", **more}
        if row.get("text") and "tokens" not in row:
            row["tokens"] = tokens(str(row["text"]))
        return row

    def write(self, rows: Iterable[Mapping[str, Any]], dataset: str = "events", *, append: bool = True) -> None:
        schema = {"events": schemas.EVENTS, "products": schemas.PRODUCTS}.get(
            dataset, pa.schema([("alias", pa.string()), ("person", pa.string())])
        )
        table = pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)
        self.engine.write(pa.RecordBatchReader.from_batches(schema, table.to_batches()), dataset, append=append)

    def products(self, *rows: Mapping[str, Any]) -> None:
        self.write(rows, "products", append=False)

    def build(self, settings: ProfileSettings | None = None, *, days: float = 0.0) -> ProfileReport:
        """Build profiles as of ``days`` before NOW."""
        return build_profiles(self.engine, settings or ProfileSettings(), clock=FixedClock(NOW - timedelta(days=days)))

    def rows(self, sql: str) -> list[dict[str, Any]]:
        for dataset in ("interests", "people", "segments"):
            self.engine.table(dataset, dataset)
        return [row for batch in self.engine.batches(sql) for row in batch.to_pylist()]

    def interests(self, person: str, facet: str) -> dict[str, float]:
        """Values with weights, best first."""
        found = self.rows(f"SELECT * FROM interests WHERE person = '{person}' AND facet = '{facet}' ORDER BY rank")
        return {row["value"]: row["weight"] for row in found}

    def person(self, person: str) -> dict[str, Any]:
        return self.rows(f"SELECT * FROM people WHERE person = '{person}'")[0]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop")


@pytest.fixture
def new_shop(tmp_path: Path) -> Callable[[str], Shop]:
    return lambda name: Shop(tmp_path / name)

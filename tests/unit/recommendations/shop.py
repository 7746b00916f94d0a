"""A shop written by hand: events and products as rows, recommendations read back as dictionaries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from siyu.domain.clock import FixedClock
from siyu.engine import schemas
from siyu.engine.embedded import EmbeddedEngine
from siyu.recommendations import RecommendationReport, RecommendationSettings, recommend

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
EXCLUSIONS = pa.schema([("person", pa.string()), ("item", pa.string())])
Row = dict[str, Any]


class Shop:
    """Collects events and products, then recommends as of ``NOW``."""

    def __init__(self, root: Path) -> None:
        self.engine = EmbeddedEngine(root, memory="1GB", threads=1)
        self.events: list[Row] = []
        self.products: dict[str, Row] = {}
        self.datasets: dict[str, tuple[pa.Schema, list[Row]]] = {}

    def event(self, person: str, kind: str, item: str | None, *, days: float = 1.0, **more: Any) -> None:
        """An event ``days`` before NOW; unless told otherwise its order and session are the person's that moment."""
        ts = moment(days)
        unit = f"{person}-{ts.isoformat()}"
        row = {"event_id": f"e{len(self.events):06}", "person": person, "kind": kind, "item": item, "ts": ts}
        row |= {"effective_ts": ts, "quantity": 1.0, "order_id": unit if kind == "purchase" else None}
        self.events.append(row | {"session_id": unit, "source": "test"} | more)
        if item is not None:
            self.products.setdefault(item, product(item))

    def bought(self, person: str, *items: str, days: float = 1.0, **more: Any) -> None:
        """One order."""
        for item in items:
            self.event(person, "purchase", item, days=days, **more)

    def looked(self, person: str, *items: str, days: float = 1.0) -> None:
        """One session."""
        for item in items:
            self.event(person, "browse", item, days=days)

    def stock(self, *rows: Mapping[str, Any]) -> None:
        """Products with what is told of them, the rest usual."""
        for row in rows:
            self.products[row["item"]] = product(row["item"]) | dict(row)

    def cares(self, person: str, facet: str, value: str, weight: float = 1.0, rank: int = 1) -> None:
        """An interest."""
        row = {"person": person, "facet": facet, "value": value, "weight": weight, "lift": 1.0, "rank": rank}
        self.datasets.setdefault("interests", (schemas.INTERESTS, []))[1].append(row)

    def exclude(self, person: str, item: str) -> None:
        """A row of the dataset ``exclusions``."""
        self.datasets.setdefault("exclusions", (EXCLUSIONS, []))[1].append({"person": person, "item": item})

    def publish(self) -> None:
        """Write every dataset."""
        write(self.engine, "events", schemas.EVENTS, self.events)
        write(self.engine, "products", schemas.PRODUCTS, self.products.values())
        for name, (schema, rows) in self.datasets.items():
            write(self.engine, name, schema, rows)

    def run(self, *, goal: str = "both", days: float = 0.0, **settings: Any) -> RecommendationReport:
        """Publish and recommend as of ``days`` before NOW."""
        self.publish()
        clock = FixedClock(NOW - timedelta(days=days))
        return recommend(self.engine, RecommendationSettings(**settings), clock=clock, goal=goal)

    def rows(self) -> list[Row]:
        """What was recommended, by person, lane and rank."""
        self.engine.table("recommendations", "recommendations")
        sql = "SELECT * FROM recommendations ORDER BY person, lane, rank"
        return [row for batch in self.engine.batches(sql) for row in batch.to_pylist()]

    def of(self, person: str, lane: str = "discover") -> list[Row]:
        """One person's recommendations of a lane, best first."""
        return [row for row in self.rows() if (row["person"], row["lane"]) == (person, lane)]

    def items(self, person: str, lane: str = "discover") -> list[str]:
        """The same, products only."""
        return [row["item"] for row in self.of(person, lane)]


def moment(days: float) -> datetime:
    """``days`` before NOW, as events spell it."""
    return (NOW - timedelta(days=days)).replace(tzinfo=None)


def product(item: str) -> Row:
    """A usual product: known for two years, unlimited stock."""
    return {"item": item, "title": f"The {item}", "first_seen": moment(730)}


def reason(row: Row, kind: str) -> Row:
    """The first reason of a kind."""
    return next(found for found in row["reasons"] if found["kind"] == kind)


def only(*models: str) -> dict[str, float]:
    """Weights that use these models alone."""
    return dict.fromkeys(models, 1.0)


def write(engine: EmbeddedEngine, dataset: str, schema: pa.Schema, rows: Iterable[Mapping[str, Any]]) -> None:
    """Publish rows; columns that are not told of are null."""
    full: Sequence[Row] = [{name: row.get(name) for name in schema.names} for row in rows]
    table = pa.Table.from_pylist(full, schema=schema)
    engine.write(pa.RecordBatchReader.from_batches(schema, table.to_batches()), dataset)

"""The stage's own tables: published, made readable under the same name, and emptied when the run is over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from siyu.engine import manifest
from siyu.engine.port import Engine, Sql
from siyu.engine.resolved import events
from siyu.engine.sql import fill, load, query
from siyu.recommendations import filters
from siyu.recommendations.settings import RecommendationSettings

PACKAGE = "siyu.recommendations"

PERSONAL = (
    "rec_interactions", "rec_people", "rec_past", "rec_judged", "rec_maxima", "rec_ranked", "rec_reasons", "rec_units",
)  # fmt: skip
"""Tables with rows about people: emptied at the end, for they would escape erasure."""


def keep(engine: Engine, name: str, sql: str, *, append: bool = False) -> None:
    """Publish the rows of ``sql`` as dataset ``name`` and make it readable under that name."""
    engine.write(sql, name, append=append)
    engine.table(name, name)


def rows(engine: Engine, sql: str) -> list[dict[str, Any]]:
    """The few rows of an aggregate."""
    return [row for batch in engine.batches(sql) for row in batch.to_pylist()]


def prepare(engine: Engine, settings: RecommendationSettings, now: datetime) -> tuple[str, ...]:
    """Make what models read: people, items, interactions, interests. Returns the optional datasets that are missing."""
    events(engine)
    engine.table("products", "products")
    _bar(engine, settings)
    keep(engine, "rec_people", query(PACKAGE, "people", now=now))
    items = load(PACKAGE, "items").replace("$item_filters", filters.item_case())
    keep(engine, "rec_items", fill(items, now=now, **filters.parameters(settings.filters)))
    keep(engine, "rec_interactions", query(PACKAGE, "interactions", now=now, **settings.signals.model_dump()))
    missing = (
        _optional(engine, "interests", "rec_interests", _INTERESTS),
        _optional(engine, "exclusions", "exclusions", pa.schema([("person", pa.string()), ("item", pa.string())])),
    )
    keep(engine, "rec_past", query(PACKAGE, "past"))
    engine.table("rec_bands", Sql(query(PACKAGE, "bands")))
    engine.table("rec_exclusions", Sql(query(PACKAGE, "exclusions")))
    return tuple(name for name in missing if name)


def table_of(columns: Mapping[str, list[Any]], **types: pa.DataType) -> pa.Table:
    """A small table; types are given, for an empty column has none of its own."""
    return pa.table({name: pa.array(values, types[name]) for name, values in columns.items()})


def empty(engine: Engine) -> None:
    """Drop the rows about people that the run has left in its own tables."""
    for name in PERSONAL:
        if manifest.find(engine.root, name) is not None:
            engine.table(name, name)
            keep(engine, name, f"SELECT * FROM {name} WHERE false")


_INTERESTS = pa.schema(
    [
        ("person", pa.string()),
        ("facet", pa.string()),
        ("value", pa.string()),
        ("weight", pa.float64()),
        ("rank", pa.int32()),
    ]
)


def _bar(engine: Engine, settings: RecommendationSettings) -> None:
    barred = settings.filters
    text = pa.string()
    engine.table("rec_barred_items", table_of({"item": sorted(set(barred.items))}, item=text))
    engine.table("rec_barred_categories", table_of({"category": sorted(set(barred.categories))}, category=text))
    engine.table(
        "rec_weights",
        table_of(
            {"model": list(settings.weights), "weight": list(settings.weights.values())},
            model=text,
            weight=pa.float64(),
        ),
    )


def _optional(engine: Engine, dataset: str, name: str, schema: pa.Schema) -> str | None:
    if manifest.find(engine.root, dataset) is None:
        engine.table(name, schema.empty_table())
        return dataset
    engine.table(name, dataset)
    return None

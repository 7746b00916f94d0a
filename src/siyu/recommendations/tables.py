"""The stage's own tables: what models read and what they leave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import pyarrow as pa

from siyu.engine import manifest
from siyu.engine.port import Engine, Sql
from siyu.engine.resolved import ALIASES, events
from siyu.engine.schemas import FACTS
from siyu.engine.sql import fill, load, query
from siyu.recommendations import filters
from siyu.recommendations.history import PACKAGE
from siyu.recommendations.settings import RecommendationSettings

SCRATCH: Final = ("rec_history", "rec_items", "rec_values", "rec_touched")
"""Tables of one run: dropped at its end. Those with rows about people would escape erasure."""

CODES: Final = "rec_codes"
"""Products by code, as of the last fit; published when every model has been fitted, so that it vouches for them."""


def keep(engine: Engine, name: str, rows: str | pa.Table, *, scratch: bool = False) -> None:
    """Publish rows as dataset ``name`` and make it readable under that name."""
    engine.write(rows if isinstance(rows, str) else rows.to_reader(), name, scratch=scratch)
    engine.table(name, name)


def rows(engine: Engine, sql: str) -> list[dict[str, Any]]:
    """The few rows of an aggregate."""
    return [row for batch in engine.batches(sql) for row in batch.to_pylist()]


def columns(engine: Engine, sql: str, schema: pa.Schema) -> pa.Table:
    """All rows of a query about products, in the types of ``schema``."""
    batches = [batch.cast(schema) for batch in engine.batches(sql)]
    return pa.Table.from_batches(batches, schema).combine_chunks()


def table_of(values: Mapping[str, list[Any]], **types: pa.DataType) -> pa.Table:
    """A small table; types are given, for an empty column has none of its own."""
    return pa.table({name: pa.array(column, types[name]) for name, column in values.items()})


def open_inputs(engine: Engine) -> tuple[str, ...]:
    """Make what other stages left readable. Returns the optional datasets that are missing."""
    events(engine)
    engine.table("rec_events", "events")
    engine.table("products", "products")
    _optional(engine, "facts", "rec_facts", FACTS)  # tells which products are variants of one
    missing = (
        _optional(engine, "interests", "rec_interests", _INTERESTS),
        _optional(engine, "exclusions", "exclusions", _EXCLUSIONS),
    )
    if missing[1] is None and manifest.find(engine.root, ALIASES) is not None:  # of whom an id stands for now
        engine.table("rec_aliased", ALIASES)
        engine.table("rec_exclusions", "exclusions")
        whose = "SELECT DISTINCT coalesce(a.person, e.person) AS person, e.item FROM rec_exclusions e"
        engine.table("exclusions", Sql(f"{whose} LEFT JOIN rec_aliased a ON a.alias = e.person"))
    return tuple(name for name in missing if name)


def write_items(engine: Engine, settings: RecommendationSettings, now: datetime, *, fresh: bool) -> None:
    """Publish ``rec_items``: products, codes and what bars them; codes of the last fit stay unless ``fresh``."""
    barred, text = settings.filters, pa.string()
    everyone = rows(engine, "SELECT DISTINCT item FROM exclusions WHERE person = '' AND item IS NOT NULL")
    out = sorted({*barred.items, *(row["item"] for row in everyone)})
    engine.table("rec_barred_items", table_of({"item": out}, item=text))
    engine.table("rec_barred_categories", table_of({"category": sorted(set(barred.categories))}, category=text))
    if fresh:
        engine.table("rec_known", pa.schema([("code", pa.int32()), ("item", text)]).empty_table())
    else:
        engine.table("rec_known", CODES)
    items = load(PACKAGE, "items").replace("$item_filters", filters.item_case())
    keep(engine, "rec_items", fill(items, now=now, **filters.parameters(barred)), scratch=True)


def write_values(engine: Engine, rank: int) -> str:
    """Publish ``rec_values``, the interests that models read; returns the query of people with all scoring needs."""
    keep(engine, "rec_values", query(PACKAGE, "values", rank=rank), scratch=True)
    return query(PACKAGE, "people", rank=rank)


def drop_scratch(engine: Engine) -> None:
    """Remove the tables of this run."""
    for name in SCRATCH:
        engine.drop(name)


_INTERESTS = pa.schema(
    [
        ("person", pa.string()),
        ("facet", pa.string()),
        ("value", pa.string()),
        ("weight", pa.float64()),
        ("rank", pa.int32()),
    ]
)
_EXCLUSIONS = pa.schema([("person", pa.string()), ("item", pa.string())])


def _optional(engine: Engine, dataset: str, name: str, schema: pa.Schema) -> str | None:
    if manifest.find(engine.root, dataset) is None:
        engine.table(name, schema.empty_table())
        return dataset
    engine.table(name, dataset)
    return None

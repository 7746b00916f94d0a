"""Showing a project to the judge: its events, and its catalogue and its people's interests as of any moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import pyarrow as pa

from siyu.app.shop import Shop
from siyu.catalogue.importing import refresh_products
from siyu.domain.clock import FixedClock
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.engine.resolved import ALIASES
from siyu.engine.schemas import FACTS, PRODUCTS
from siyu.engine.sql import fill
from siyu.profiles import build_profiles
from siyu.recommendations.evaluation.splitting import Shown

ENOUGH: Final = 0.5
"""Share of the products in the visible events that the catalogue must have known by then; else today's is taken."""


def shown(shop: Shop, *, name: str, kind: str = "purchase", interests: bool = True) -> Shown:
    """The project for the judge. Without ``interests`` no profiles are made: where no model reads them.

    Raises:
        MissingDataError: nothing was imported yet.
    """
    manifest.require(shop.engine.root, "events")
    aliased = manifest.find(shop.engine.root, ALIASES)
    chosen = shop.settings.engine

    def prepare(view: Engine, now: datetime) -> None:
        if interests:
            build_profiles(view, shop.settings.profiles, clock=FixedClock(now))

    return Shown(
        engine=shop.engine, name=name, kind=kind, prepare=prepare,
        catalogue=lambda view, now: _catalogue(shop.engine, view, now),
        memory=chosen.memory, threads=chosen.threads,
        notes=("identity-today",) if aliased is not None and aliased.rows else (),
    )  # fmt: skip


def _catalogue(engine: Engine, view: Engine, now: datetime) -> tuple[str, ...]:
    """Products from the facts observed up to ``now``; today's, where hardly any had been by then."""
    if manifest.find(engine.root, "facts") is None:
        view.write(PRODUCTS.empty_table().to_reader(), "products")
        return ("no-catalogue",)
    engine.table("known_facts", "facts")
    facts = fill("SELECT * FROM known_facts WHERE observed_at <= $now", now=now)
    view.write(_stream(engine, facts, FACTS), "facts")
    refresh_products(view, clock=FixedClock(now))
    view.table("products", "products")
    if _covered(view) >= ENOUGH or manifest.find(engine.root, "products") is None:
        return ()
    engine.table("todays_products", "products")
    view.write(_stream(engine, "SELECT * FROM todays_products", PRODUCTS), "listed")
    view.table("listed", "listed")
    view.write(fill(_TODAYS, now=now), "products")
    view.drop("listed")
    return ("catalogue-today",)


_TODAYS: Final = f"""
SELECT {
    ", ".join(
        {
            "first_seen": "least(l.first_seen, coalesce(e.first, l.first_seen)) AS first_seen",
            "stock": "CAST(NULL AS BIGINT) AS stock",
        }.get(name, f"l.{name}")
        for name in PRODUCTS.names
    )
}
FROM listed l
LEFT JOIN (SELECT item, min(ts) AS first FROM events GROUP BY item) e ON e.item = l.item
WHERE e.item IS NOT NULL OR l.first_seen <= $now
"""
"""Today's catalogue, cut down to products that were known: when they came is the first event, stock is unknown."""


def _covered(view: Engine) -> float:
    sql = (
        "SELECT CAST(count(p.item) AS DOUBLE) / greatest(count(*), 1) AS share "
        "FROM (SELECT DISTINCT item FROM events WHERE item IS NOT NULL) e LEFT JOIN products p ON p.item = e.item"
    )
    return float(next(batch.column(0)[0].as_py() for batch in view.batches(sql)))


def _stream(engine: Engine, sql: str, schema: pa.Schema) -> pa.RecordBatchReader:
    def cast() -> Iterator[pa.RecordBatch]:
        for batch in engine.batches(sql):
            yield batch.select(schema.names).cast(schema)

    return pa.RecordBatchReader.from_batches(schema, cast())

"""Product files to the datasets ``facts`` and ``products``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.catalogue import listing, problems
from siyu.catalogue.observing import decided, observed
from siyu.catalogue.reading import Opened, opened_files
from siyu.catalogue.report import CatalogueReport
from siyu.catalogue.rows import Rows, canonical
from siyu.catalogue.settings import CatalogueSettings
from siyu.catalogue.values import SCHEMA, Reader
from siyu.catalogue.vocabulary import CONTENT_NAMES
from siyu.domain.clock import Clock
from siyu.domain.progress import Progress, Step, silent
from siyu.engine import manifest, money
from siyu.engine.port import Engine, Sql
from siyu.engine.schemas import FACTS, PRODUCTS
from siyu.engine.sql import fill, query
from siyu.files import SourceFile, find

_PACKAGE = "siyu.catalogue"
_OBSERVED, _HISTORY, _DECIDED = "catalogue_observed", "catalogue_history", "catalogue_decided"
_SCRATCH = (_OBSERVED, _HISTORY, _DECIDED)


def import_products(
    engine: Engine, source: CatalogueSettings, *, clock: Clock, progress: Progress = silent
) -> CatalogueReport:
    """Add what the files of ``source`` say to ``facts`` and rebuild ``products`` as of the clock's now.

    Facts already stored stay. Files that the source read last time are not read again: they would change nothing. Facts
    are published before products, both from the whole of what is known, so that a run after a crash completes it.

    Raises:
        InputError: a file is missing or is not what it claims to be; nothing is changed.
        SettingsError: the mapping does not fit the files.
    """
    files = find(source.paths)
    if listing.seen_before(engine, source, files):
        refresh_products(engine, clock=clock)
        return _report(engine, source, None, 0, skipped=files)
    try:
        return _import(engine, source, files, clock, progress)
    finally:
        for name in _SCRATCH:
            engine.drop(name)


def _import(
    engine: Engine, source: CatalogueSettings, files: tuple[SourceFile, ...], clock: Clock, progress: Progress
) -> CatalogueReport:
    now = clock.now()
    progress(Step("catalogue.read"))
    with opened_files(engine, source, files, progress) as found:
        rows = Rows(source, found.schema)
        engine.table("catalogue_rows", Sql(fill(canonical(rows), observed_at=source.observed_at or now)))
        engine.write(decided(rows), _DECIDED, scratch=True)
    engine.table(_DECIDED, _DECIDED)
    vanished = listing.find_vanished(engine, source, ", ".join(file.name for file in files))
    progress(Step("catalogue.facts"))
    engine.map_arrow(observed(rows), Reader(source, sizes=not rows.has("size")), SCHEMA, _OBSERVED, scratch=True)
    engine.table(_OBSERVED, _OBSERVED)
    _publish_facts(engine, source, tuple(file.name for file in files))
    problems.publish_problems(engine, source, _OBSERVED, now)
    progress(Step("catalogue.products"))
    refresh_products(engine, clock=clock)
    listing.keep_listing(engine, source, files)
    return _report(engine, source, found, vanished)


def refresh_products(engine: Engine, *, clock: Clock) -> None:
    """Rebuild ``products`` from ``facts`` as of the clock's now: prices and stock change with time alone."""
    engine.table("catalogue_facts", "facts")
    engine.table("catalogue_rates", money.on(engine, clock.now().date()))
    engine.map_arrow(query(_PACKAGE, "products", now=clock.now()), _fitted, PRODUCTS, "products")


def _publish_facts(engine: Engine, source: CatalogueSettings, files: tuple[str, ...]) -> None:
    stored = manifest.find(engine.root, "facts") is not None
    engine.table("catalogue_stored", "facts" if stored else FACTS.empty_table())
    by_day, frequent = source.moments == "day", source.title_rule == "frequent"
    engine.write(query(_PACKAGE, "facts", by_day=by_day, frequent=frequent, files=files), _HISTORY, scratch=True)
    engine.table(_HISTORY, _HISTORY)
    slots = ["content", *(f"attr.{name}" for name in CONTENT_NAMES)]
    engine.table("catalogue_contents", pa.table({"slot": slots, "place": pa.array(range(len(slots)), pa.int32())}))
    engine.write(query(_PACKAGE, "unit_prices"), "facts")


def _fitted(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [batch.column(name) for name in PRODUCTS.names]
    place = PRODUCTS.get_field_index("attributes")
    columns[place] = _sorted(columns[place].cast(PRODUCTS.field(place).type))
    return pa.record_batch([c.cast(f.type) for c, f in zip(columns, PRODUCTS, strict=True)], schema=PRODUCTS)


def _sorted(lists: pa.ListArray) -> pa.ListArray:
    """Attributes of every product by name: an aggregate gives them in no order."""
    parents, flat = pc.list_parent_indices(lists), pc.list_flatten(lists)
    table = pa.table(
        {"parent": parents, "name": pc.struct_field(flat, "name"), "value": pc.struct_field(flat, "value")}
    )
    order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in table.column_names])
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())
    return pa.ListArray.from_arrays(offsets, flat.take(order), mask=pc.is_null(lists))


def _report(
    engine: Engine,
    source: CatalogueSettings,
    found: Opened | None,
    vanished: int,
    *,
    skipped: tuple[SourceFile, ...] = (),
) -> CatalogueReport:
    engine.table("catalogue_facts", "facts")
    engine.table("catalogue_products", "products")
    reasons: dict[str, int] = {}
    refused: dict[str, int] = {}
    if found:
        reasons = _counted(engine, f"SELECT coalesce(reason, ''), count(*) FROM {_DECIDED} GROUP BY 1")
        sql = f"SELECT refused, count(*) FROM {_OBSERVED} WHERE refused IS NOT NULL GROUP BY refused"
        refused = _counted(engine, sql)
    used = reasons.pop("", 0)
    slots = _counted(engine, "SELECT slot, count(*) FROM catalogue_facts GROUP BY slot")
    prices = _counted(engine, "SELECT price IS NULL, count(*) FROM catalogue_products GROUP BY 1")
    return CatalogueReport(
        source=source.name,
        files=tuple(file.name for file in found.files) if found else (),
        skipped=tuple(file.name for file in skipped),
        format=found.format if found else "",
        rows=used + sum(reasons.values()),
        used=used,
        rejected=reasons,
        refused=refused,
        problems=problems.first(engine, source) if found else (),
        vanished=vanished,
        unpriced=prices.get(True, 0),
        products=sum(prices.values()),
        facts=sum(slots.values()),
        slots=slots,
    )


def _counted(engine: Engine, sql: str) -> dict[Any, int]:
    pairs = [tuple(row.values()) for batch in engine.batches(sql) for row in batch.to_pylist()]
    return {key: int(count) for key, count in sorted(pairs)}

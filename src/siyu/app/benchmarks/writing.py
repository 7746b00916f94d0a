"""Rows of a benchmark as the datasets of a shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from siyu.domain.clock import FixedClock
from siyu.engine.port import Engine
from siyu.engine.schemas import EVENTS, PRODUCTS
from siyu.profiles import ProfileSettings, build_profiles

_LONG_AGO = datetime(2000, 1, 1)  # noqa: DTZ001 - moments of datasets have no zone: they are UTC


def events_of(
    people: NDArray[Any], items: NDArray[Any], moments: NDArray[Any], places: NDArray[Any], *, kind: str
) -> pa.Table:
    """Events of one kind; ``moments`` in microseconds since 1970, ``places`` tell the acts of a person apart.

    Every purchase is an order of its own; everything else a person did is one session.
    """
    size = len(people)
    ids = np.char.add(np.char.add(people.astype(str), "-"), np.char.zfill(places.astype(str), 6))
    filled: dict[str, pa.Array] = {
        "event_id": pa.array(ids, pa.string()),
        "person": pa.array(people, pa.string()),
        "kind": pa.repeat(pa.scalar(kind), size),
        "ts": pa.array(moments, pa.int64()).cast(pa.timestamp("us")),
        "effective_ts": pa.array(moments, pa.int64()).cast(pa.timestamp("us")),
        "item": pa.array(items, pa.string()),
        "quantity": pa.array(np.ones(size)),
        "order_id": pa.array(ids, pa.string()) if kind == "purchase" else pa.nulls(size, pa.string()),
        "session_id": pa.array(ids if kind == "purchase" else people, pa.string()),
        "source": pa.repeat(pa.scalar("benchmark"), size),
    }
    columns = [filled[field.name] if field.name in filled else pa.nulls(size, field.type) for field in EVENTS]
    return pa.Table.from_arrays(columns, schema=EVENTS)


def products_of(attributes: Mapping[str, Sequence[str]]) -> pa.RecordBatchReader:
    """Products that have no name but their id, each with its attributes; known for ever."""
    rows = [
        {
            "item": item,
            "title": item,
            "attributes": [{"name": "attribute", "value": value} for value in values],
            "first_seen": _LONG_AGO,
        }
        for item, values in sorted(attributes.items())
    ]
    return pa.Table.from_pylist(rows, schema=PRODUCTS).to_reader()


def keep_catalogue(engine: Engine, view: Engine) -> tuple[str, ...]:
    """The whole catalogue, which says nothing of what people do."""
    engine.table("benchmark_products", "products")
    batches = [batch.cast(PRODUCTS) for batch in engine.batches("SELECT * FROM benchmark_products")]
    view.write(pa.Table.from_batches(batches, PRODUCTS).to_reader(), "products")
    return ()


def profiled(view: Engine, now: datetime) -> None:
    """Interests, as the stage before makes them."""
    build_profiles(view, ProfileSettings(), clock=FixedClock(now))

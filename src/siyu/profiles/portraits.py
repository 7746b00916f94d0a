"""Portraits of segments: what their people like more than others, where they stand, when they are active.

Keyed data only; :mod:`siyu.packs.segments` puts it into words. Made when people are divided anew, and kept until then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from siyu.domain import columns as c
from siyu.engine.port import Engine
from siyu.engine.schemas import SEGMENT_PORTRAITS
from siyu.engine.sql import query
from siyu.profiles.inputs import PACKAGE
from siyu.profiles.steadiness import Steadiness

DATASET = "segment_portraits"
_TOP, _LEAST, _APART, _SHOWN = 3, 10, 1.1, 8
_WINDOW = 4
"""Hours that a time of the day is told in."""
_GATHERED = 1.5
"""A time of the day is told where so many times more people than by chance have it as their usual one."""


def write_portraits(engine: Engine, steady: Steadiness) -> None:
    """Write dataset ``segment_portraits``. Needs datasets ``interests``, ``people`` and ``segments``."""
    for dataset in ("interests", "people", "segments"):
        engine.table(dataset, dataset)
    tastes = _grouped(engine, query(PACKAGE, "segment_tastes", top=_TOP, least=_LEAST, apart=_APART, shown=_SHOWN))
    stages = _grouped(engine, _counted("lifecycle"))
    hours = _grouped(engine, _counted("usual_hour"))
    rows = []
    for found in _rows(engine, f"SELECT {c.SEGMENT}, size FROM segments ORDER BY {c.SEGMENT}"):
        name, place = found[c.SEGMENT], int(found[c.SEGMENT][1:]) - 1
        window = _window(hours[name])
        rows.append(
            {
                c.SEGMENT: name,
                "steadiness": steady.segments[place] if place < len(steady.segments) else None,
                "agreement": steady.agreement,
                "agreement_low": steady.low,
                "agreement_high": steady.high,
                "tastes": tastes[name],
                "stages": [
                    {"stage": row["value"], "share": row["people"] / found["size"]}
                    for row in sorted(stages[name], key=lambda row: (-row["people"], row["value"]))
                ],
                "hour_from": window,
                "hour_to": None if window is None else (window + _WINDOW) % 24,
            }
        )
    engine.write(pa.Table.from_pylist(rows, SEGMENT_PORTRAITS).to_reader(), DATASET)


def _counted(column: str) -> str:
    return (
        f"SELECT {c.SEGMENT}, {column} AS value, CAST(count(*) AS BIGINT) AS people FROM people "
        f"WHERE {c.SEGMENT} IS NOT NULL AND {column} IS NOT NULL GROUP BY {c.SEGMENT}, {column}"
    )


def _window(rows: Iterable[dict[str, Any]]) -> int | None:
    """The first of the hours, round the clock, in which most people are usually active; ``None`` without a peak."""
    by_hour = np.zeros(24)
    for row in rows:
        by_hour[int(row["value"])] += row["people"]
    if by_hour.sum() < _LEAST:
        return None
    sums = sum(np.roll(by_hour, -shift) for shift in range(_WINDOW))
    first = int(np.argmax(sums))
    gathered = float(np.max(sums)) / by_hour.sum() >= _GATHERED * _WINDOW / 24
    return first if gathered else None


def _grouped(engine: Engine, sql: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(engine, sql):
        found[row[c.SEGMENT]].append(row)
    return found


def _rows(engine: Engine, sql: str) -> list[dict[str, Any]]:
    return [row for batch in engine.batches(sql) for row in batch.to_pylist()]

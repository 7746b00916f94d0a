"""Selling points from reviews as facts of a brief: what buyers surely praise about a product, by aspect."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import pyarrow as pa

from siyu import packs
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.engine.schemas import FACTS

DATASET: Final = "product_aspects"
SLOT: Final = "praise."


def facts(engine: Engine, now: datetime) -> pa.Table:
    """A fact ``praise.<aspect>`` for each selling point and language, whose value names the aspect.

    Counts are no part of it: they grow with every review, and a message would be written again for each. Nor are the
    words of reviewers, who wrote them as people.
    """
    if manifest.find(engine.root, DATASET) is None:
        return FACTS.empty_table()
    engine.table(DATASET, DATASET)
    seen = now.astimezone(UTC).replace(tzinfo=None)
    query = f"SELECT item, aspect FROM {DATASET} WHERE selling_point ORDER BY item, aspect"
    rows: list[dict[str, Any]] = []
    for batch in engine.batches(query):
        for item, aspect in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            rows += ({**row, "item": item, "observed_at": seen} for row in _of(aspect))
    return pa.Table.from_pylist(rows, FACTS)


def _of(aspect: str) -> Iterator[dict[str, Any]]:
    for language, name in _names(aspect):
        yield {"slot": f"{SLOT}{aspect}", "value": name, "language": language, "source": f"{DATASET}:{aspect}"}


@cache
def _names(aspect: str) -> tuple[tuple[str, str], ...]:
    """What an aspect is called, by language."""
    found = []
    for language in packs.names("languages"):
        if "aspects" in packs.names("languages", language):
            known = packs.read("languages", language, "aspects").get("aspects", {})
            found += [(language, str(known[aspect]["name"]))] if aspect in known else []
    return tuple(found)

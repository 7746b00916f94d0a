"""The same feed on Spark: the same facts and products, sale windows, markers and rates included."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from siyu.catalogue import CatalogueSettings, import_products
from siyu.engine import Engine, money, open_engine
from siyu.engine.embedded import EmbeddedEngine
from siyu.engine.money import Quote

from .conftest import at
from .test_google import TEXT


def left_by(engine: Engine, path: Path) -> dict[str, list[dict[str, Any]]]:
    money.publish(engine, [Quote(date(2026, 5, 1), "USD", "CNY", 7.0)], "CNY")
    for day, text in ((1, TEXT), (5, TEXT.replace("RI-1", "RI-2"))):
        path.write_text(text, "utf-8")
        source = CatalogueSettings(name="shop", paths=(str(path),), coverage="full")
        report = import_products(engine, source, clock=at(day))
    assert report.vanished == 1
    found: dict[str, list[dict[str, Any]]] = {}
    for dataset, order in (
        ("facts", "item, slot, valid_from, value"),
        ("products", "item"),
        ("rates", "currency, day"),
    ):
        engine.table("feeds_left", dataset)
        sql = f"SELECT * FROM feeds_left ORDER BY {order}"
        found[dataset] = [row for batch in engine.batches(sql) for row in batch.to_pylist()]
    return found


@pytest.mark.slow
def test_spark_leaves_the_same(engine: EmbeddedEngine, sail: dict[str, object], tmp_path: Path) -> None:
    here = left_by(engine, tmp_path / "feed.txt")
    spark = open_engine("spark", tmp_path / "spark", memory="1GB", options=sail)
    assert left_by(spark, tmp_path / "feed.txt") == here
    assert len(here["facts"]) > 30

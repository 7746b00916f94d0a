"""What the tests of the catalogue share: an importer over a folder, and looks at what it left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from siyu.catalogue import CatalogueReport, CatalogueSettings, import_products
from siyu.domain.clock import FixedClock
from siyu.engine.embedded import EmbeddedEngine

Look = Callable[..., list[dict[str, Any]]]
Take = Callable[..., CatalogueReport]


def at(day: int, month: int = 5, hour: int = 0) -> FixedClock:
    return FixedClock(datetime(2026, month, day, hour, tzinfo=UTC))


@pytest.fixture
def look(engine: EmbeddedEngine) -> Look:
    def run(dataset: str, order: str = "1") -> list[dict[str, Any]]:
        engine.table(dataset, dataset)
        return [r for b in engine.batches(f"SELECT * FROM {dataset} ORDER BY {order}") for r in b.to_pylist()]

    return run


@pytest.fixture
def take(engine: EmbeddedEngine, tmp_path: Path) -> Take:
    """Imports one file, given as text or bytes, and holds every report to its sums."""

    def run(
        content: str | bytes, *, name: str = "p.csv", clock: FixedClock | None = None, **more: Any
    ) -> CatalogueReport:
        (tmp_path / name).write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        source = CatalogueSettings(name="shop", paths=(str(tmp_path / name),), **more)
        report = import_products(engine, source, clock=clock or at(31))
        assert report.rows == report.used + sum(report.rejected.values())
        assert report.facts == sum(report.slots.values())
        return report

    return run

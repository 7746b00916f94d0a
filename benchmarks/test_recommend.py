"""The best 20 of both lanes for everyone, filters and reasons on, fit included; and a day of new events.

Needs a simulated shop, imported and profiled: ``siyu simulate s10 --people 220000 --products 20000 --months 3``, then
``siyu import`` and ``siyu profile`` in it, and ``SIYU_BENCH_DATA`` set to its folder (or ``SIYU_BENCH_TABLES`` to that
of its datasets, ``s10/.siyu/tables``). ``SIYU_BENCH_MEMORY`` is the engine's share of memory. Then::

    SIYU_BENCH_TABLES=s10/.siyu/tables pytest -s benchmarks/test_recommend.py
"""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks import profiles_job
from benchmarks.conftest import job
from siyu.engine.embedded import EmbeddedEngine

NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)
DATASETS = ("events", "products", "facts", "aliases", "interests")
MEMORY = os.environ.get("SIYU_BENCH_MEMORY", "1500MB")


@pytest.fixture(scope="module")
def shop() -> Path:
    data = Path(os.environ.get("SIYU_BENCH_DATA", "absent"))
    tables = Path(os.environ.get("SIYU_BENCH_TABLES", data / ".siyu" / "tables"))
    if not (tables / "interests").is_dir():
        pytest.skip(
            "`siyu simulate s10 --people 220000 --products 20000 --months 3`, `siyu import`, `siyu profile`, "
            "SIYU_BENCH_DATA=s10"
        )
    return tables


def _cost(folder: Path, now: datetime, settings: str = "{}") -> dict[str, Any]:
    """Cost of recommending at the moment ``now``."""
    found = job("recommend_job", str(folder), MEMORY, now.isoformat(), settings)
    return found | {"per_cpu_second": found["people"] / found["cpu"]}


def test_everyone(benchmark: Any, shop: Path, tmp_path: Path) -> None:
    for name in DATASETS:
        if (shop / name).is_dir():
            (tmp_path / name).symlink_to(shop / name)
    costs: list[dict[str, Any]] = []
    benchmark.pedantic(lambda: costs.append(_cost(tmp_path, NOW)), rounds=1)
    benchmark.extra_info.update(costs[0])
    print(f"\neveryone: {benchmark.extra_info}")
    assert costs[0]["why"] == "first"


def test_a_day(benchmark: Any, shop: Path, tmp_path: Path) -> None:
    """Everyone up to the day before; then the day's events. Interests are those of the later day in both."""
    day = NOW - timedelta(days=1)
    profiles_job.copy_until(shop, tmp_path / "day", day)
    shutil.copytree(shop / "interests", tmp_path / "day" / "interests")
    whole = _cost(tmp_path / "day", day)
    profiles_job.add_since(shop, tmp_path / "day", day)
    costs: list[dict[str, Any]] = []
    benchmark.pedantic(lambda: costs.append(_cost(tmp_path / "day", NOW)), rounds=1)
    benchmark.extra_info.update(whole=whole, day=costs[0], share=round(costs[0]["cpu"] / whole["cpu"], 3))
    print(f"\na day: {benchmark.extra_info}")
    assert costs[0]["why"] == "news"


def test_ease_at_its_limit(benchmark: Any, shop: Path, tmp_path: Path) -> None:
    """EASE alone, with every product that anybody bought: 20,000 at most."""
    for name in DATASETS:
        if (shop / name).is_dir():
            (tmp_path / name).symlink_to(shop / name)
    settings = json.dumps({"weights": {"ease": 1.0}, "options": {"ease": {"least": 1}}})
    costs: list[dict[str, Any]] = []
    benchmark.pedantic(lambda: costs.append(_cost(tmp_path, NOW, settings)), rounds=1)
    engine = EmbeddedEngine(tmp_path)
    engine.table("rec_ease", "rec_ease")
    (batch,) = engine.batches("SELECT count(DISTINCT item) AS products, count(*) AS weights FROM rec_ease")
    benchmark.extra_info.update(costs[0] | batch.to_pylist()[0])
    print(f"\nease: {benchmark.extra_info}")
    assert costs[0]["peak_mb"] <= 3072

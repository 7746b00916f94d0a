"""Interests, evidence, RFM, lifecycle and segments against plain SQL for interests and RFM; and a day of new events.

Needs a simulated shop, imported: ``siyu simulate s10 --people 220000 --products 20000 --months 3``, ``siyu import`` in
it, and ``SIYU_BENCH_DATA`` set to its folder (or ``SIYU_BENCH_TABLES`` to that of its datasets, ``s10/.siyu/tables``).
"""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from benchmarks import profiles_job as job
from benchmarks.conftest import job as in_a_process

NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)
DATASETS = ("events", "products", "aliases", "declared")
MEMORY = os.environ.get("SIYU_BENCH_MEMORY", "500MB")
PLAIN_MEMORY = os.environ.get("SIYU_BENCH_PLAIN_MEMORY", "4GB")  # the plain way does not fit in 1 GB


@pytest.fixture(scope="module")
def shop() -> Path:
    data = Path(os.environ.get("SIYU_BENCH_DATA", "absent"))
    tables = Path(os.environ.get("SIYU_BENCH_TABLES", data / ".siyu" / "tables"))
    if not (tables / "events").is_dir():
        pytest.skip(
            "`siyu simulate s10 --people 220000 --products 20000 --months 3`, `siyu import`, SIYU_BENCH_DATA=s10"
        )
    return tables


def _cost(*arguments: str) -> dict[str, Any]:
    return in_a_process("profiles_job", *arguments)


def _linked(shop: Path, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in DATASETS:
        if (shop / name).is_dir():
            (folder / name).symlink_to(shop / name)
    return folder


def test_profiles_against_plain_sql(benchmark: Any, shop: Path, tmp_path: Path) -> None:
    ours = _linked(shop, tmp_path / "ours")
    costs: list[dict[str, Any]] = []
    benchmark.pedantic(lambda: costs.append(_cost("build", str(ours), MEMORY, NOW.isoformat())), rounds=1)
    job.prepare_words(shop, tmp_path, NOW)
    plain = _cost("plain", str(shop), PLAIN_MEMORY, NOW.isoformat(), str(tmp_path))
    benchmark.extra_info.update(ours=costs[0], plain=plain, ratio=round(costs[0]["cpu"] / plain["cpu"], 2))
    print(f"\nprofiles: {benchmark.extra_info}")
    assert job.checksums(ours, tmp_path) == job.plain_checksums(tmp_path)


def test_a_day(benchmark: Any, shop: Path, tmp_path: Path) -> None:
    """Profiles up to the day before; then the day's events."""
    folder, day = tmp_path / "day", NOW - timedelta(days=1)
    job.copy_until(shop, folder, day)
    whole = _cost("build", str(folder), MEMORY, day.isoformat())
    job.add_since(shop, folder, day)
    costs: list[dict[str, Any]] = []
    benchmark.pedantic(lambda: costs.append(_cost("build", str(folder), MEMORY, NOW.isoformat())), rounds=1)
    assert costs[0]["mode"] == "incremental"
    benchmark.extra_info.update(whole=whole, day=costs[0], share=round(costs[0]["cpu"] / whole["cpu"], 3))
    print(f"\na day: {benchmark.extra_info}")
    assert pq.read_table(next((folder / "segments").rglob("*.parquet"))).num_rows > 1

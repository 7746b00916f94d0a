"""The best 20 of both lanes for everyone, filters and reasons on, fit included; and a day of new events.

Needs a simulated shop, imported and profiled: ``siyu simulate s10 --people 220000 --products 20000 --months 3``, then
``siyu import`` and ``siyu profile`` in it, and ``SIYU_BENCH_DATA`` set to its folder (or ``SIYU_BENCH_TABLES`` to that
of its datasets, ``s10/.siyu/tables``). ``SIYU_BENCH_MEMORY`` is the engine's share of memory.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks import profiles_job

NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)
DATASETS = ("events", "products", "aliases", "interests")
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


def _cost(folder: Path, now: datetime) -> dict[str, Any]:
    """Recommend in a process of its own; CPU seconds and peak memory by the system's accounting."""
    command = [sys.executable, "-m", "benchmarks.recommend_job", str(folder), MEMORY, now.isoformat()]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{folder} ended with {process.returncode}"
    cpu = used.ru_utime + used.ru_stime
    found = json.loads(said.splitlines()[-1])
    return {
        "cpu": round(cpu, 1),
        "peak_mb": round(used.ru_maxrss / 1024),
        "per_cpu_second": found["people"] / cpu,
    } | found


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

"""Import, validation and de-duplication against plain SQL that gives the same events; and one more day.

Needs a simulated shop: ``siyu simulate s10 --people 220000 --products 20000 --months 3``, ``SIYU_BENCH_DATA=s10``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks import import_job as job
from siyu.engine.sql import literal

MEMORY = os.environ.get("SIYU_BENCH_MEMORY", "1500MB")


@pytest.fixture(scope="module")
def files() -> str:
    folder = Path(os.environ.get("SIYU_BENCH_DATA", "absent")) / "events"
    if not folder.is_dir():
        pytest.skip("`siyu simulate s10 --people 220000 --products 20000 --months 3`, then SIYU_BENCH_DATA=s10")
    return str(folder / "*.parquet")


def _cost(*arguments: str) -> dict[str, Any]:
    """Run a job in a process of its own; CPU seconds and peak memory by the system's accounting."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.import_job", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{arguments} ended with {process.returncode}"
    wall = round(time.perf_counter() - begun, 1)
    cost = {"cpu": round(used.ru_utime + used.ru_stime, 1), "wall": wall, "peak_mb": round(used.ru_maxrss / 1024)}
    return cost | json.loads(said.splitlines()[-1])


def test_import_against_plain_sql(benchmark: Any, files: str, tmp_path: Path) -> None:
    state, answer = tmp_path / "state", tmp_path / "plain.parquet"
    state.mkdir()
    costs: list[dict[str, Any]] = []
    benchmark.pedantic(lambda: costs.append(_cost("ours", str(state), files, MEMORY)), rounds=1)
    plain = _cost("plain", str(answer), files, MEMORY)
    first, second = job.checksums(state, answer)
    benchmark.extra_info.update(ours=costs[0], plain=plain, ratio=round(costs[0]["cpu"] / plain["cpu"], 2))
    print(f"\nimport: {benchmark.extra_info}")
    assert first == second


def test_one_more_day(benchmark: Any, files: str, tmp_path: Path) -> None:
    """The last day's events again, a day later and under new ids, after everything else is in."""
    state, day = tmp_path / "state", tmp_path / "day.parquet"
    state.mkdir()
    whole = _cost("ours", str(state), files, MEMORY)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(
        "COPY (SELECT * REPLACE ('n-' || event_id AS event_id, 'n-' || order_id AS order_id, "
        f"ts + INTERVAL 1 DAY AS ts) FROM read_parquet({literal(files)}) WHERE ts BETWEEN "
        f"{literal(job.NOW)}::TIMESTAMPTZ - INTERVAL 28 HOUR AND {literal(job.NOW)}::TIMESTAMPTZ) "
        f"TO {literal(str(day))} (FORMAT parquet)"
    )
    costs: list[dict[str, Any]] = []
    benchmark.pedantic(lambda: costs.append(_cost("ours", str(state), str(day), MEMORY)), rounds=1)
    benchmark.extra_info.update(whole=whole, day=costs[0], share=round(costs[0]["cpu"] / whole["cpu"], 3))
    print(f"\none more day: {benchmark.extra_info}")
    assert 0 < costs[0]["read"] < 0.05 * whole["read"]

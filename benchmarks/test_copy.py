"""Copywriting over the big simulated shop: write, release at the gate, and write again after a day's changes.

Needs a folder of tables of which import, profile and recommend have been run, named by SIYU_BENCH_TABLES:

    siyu simulate shop --people 220000 --products 20000 --months 3
    cd shop && siyu import && siyu profile && siyu recommend
    SIYU_BENCH_TABLES=.siyu/tables pytest -s benchmarks/test_copy.py
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_JOB = Path(__file__).with_name("copy_job.py")
_READ = ("recommendations", "interests", "people", "products", "facts", "events", "aliases")


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """The tables copywriting reads, linked, so that nothing is written where they came from."""
    given = os.environ.get("SIYU_BENCH_TABLES", "")
    if not (Path(given) / "recommendations").is_dir() or not given:
        pytest.skip("no tables: set SIYU_BENCH_TABLES to those of a project (see the top of this file)")
    for name in _READ:
        if (Path(given) / name).is_dir():
            shutil.copytree(Path(given) / name, tmp_path / name, copy_function=os.link)
    return tmp_path


def job(tables: Path, *what: str) -> dict[str, Any]:
    """Run steps in a process of their own: messages, CPU seconds and peak memory of each."""
    done = subprocess.run(
        [sys.executable, str(_JOB), str(tables), *what], capture_output=True, text=True, check=True, env=os.environ
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_copy(benchmark: Any, tables: Path) -> None:
    """Choose, fill, check and release everybody's message; then a day on which one reader in a hundred changed."""
    costs = benchmark.pedantic(lambda: job(tables, "write", "release"), rounds=1, warmup_rounds=0)
    job(tables, "change")
    day = job(tables, "write")
    together = costs["write"]["cpu"] + costs["release"]["cpu"]
    benchmark.extra_info.update(
        messages=costs["write"]["messages"],
        written_per_cpu_second=round(costs["write"]["messages"] / costs["write"]["cpu"]),
        released_per_cpu_second=round(costs["release"]["messages"] / costs["release"]["cpu"]),
        together_per_cpu_second=round(costs["release"]["messages"] / together),
        peak_mb=costs["peak_mb"],
        day_share=round(day["write"]["cpu"] / costs["write"]["cpu"], 3),
        day_messages=day["write"]["messages"],
    )
    print(f"\ncopy: {benchmark.extra_info}")

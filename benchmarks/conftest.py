"""What benchmarks share: real data, and whole processes measured from outside."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Cost:
    """What one process cost: seconds of CPU (user and system, all threads), peak memory in MB, seconds on the wall."""

    cpu_seconds: float
    peak_mb: float
    wall_seconds: float = 0.0


@pytest.fixture(scope="session")
def real_data() -> Path:
    folder = Path(os.environ.get("SIYU_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("real data sets are absent: set SIYU_DATA to their folder")
    return folder


def siyu(*arguments: str, folder: Path, **environment: str) -> Cost:
    """Run ``siyu ARGUMENTS`` in ``folder`` as a process of its own; it must succeed."""
    begun = time.perf_counter()
    # what names the data sets is for us: Siyu would take it for a setting it does not know
    own = {name: value for name, value in os.environ.items() if not name.startswith("SIYU_BENCH_")}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-c", "from siyu.app.cli import main; main()", *arguments],
            cwd=folder,
            env={**own, **environment},
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        _, status, used = os.wait4(process.pid, 0)  # the system's own accounting of this one process
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            last = said.read()[-2000:].decode("utf-8", "replace")
            raise RuntimeError(f"siyu {' '.join(arguments)} ended with {process.returncode}: {last}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, time.perf_counter() - begun)


def fresh(example: str, folder: Path) -> Path:
    """A fresh copy of an example."""
    target = folder / example
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(REPOSITORY / "examples" / example, target)
    return target


def job(module: str, *arguments: str) -> dict[str, Any]:
    """Run ``benchmarks.<module>`` in a process of its own: what its last line says (JSON), its CPU and peak memory."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{module} {arguments} ended with {process.returncode}"
    cost = {"cpu": round(used.ru_utime + used.ru_stime, 1), "peak_mb": round(used.ru_maxrss / 1024)}
    return cost | (json.loads(said.splitlines()[-1]) if said.strip() else {})

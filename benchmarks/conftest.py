"""What benchmarks share: real data, and whole processes measured from outside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Cost:
    """What one process cost: seconds of CPU (user and system, all threads) and peak memory in MB."""

    cpu_seconds: float
    peak_mb: float


@pytest.fixture(scope="session")
def real_data() -> Path:
    folder = Path(os.environ.get("SIYU_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("real data sets are absent: set SIYU_DATA to their folder")
    return folder


def siyu(*arguments: str, folder: Path, **environment: str) -> Cost:
    """Run ``siyu ARGUMENTS`` in ``folder`` as a process of its own; it must succeed."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from siyu.app.cli import main; main()", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)  # the system's own accounting of this one process
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"siyu {' '.join(arguments)} ended with {process.returncode}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def fresh(example: str, folder: Path) -> Path:
    """A fresh copy of an example."""
    target = folder / example
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(REPOSITORY / "examples" / example, target)
    return target

"""Two runs at once: the second says who holds the lock."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from siyu.app.lock import project_lock
from siyu.domain.errors import StorageError

HOLD = """
import sys, time
from pathlib import Path
from siyu.app.lock import project_lock
with project_lock(Path(sys.argv[1]), "siyu send"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_run_learns_who_holds_the_lock_and_a_dead_one_frees_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "held"
        with pytest.raises(StorageError, match=f"Process {other.pid} .*siyu send") as caught, project_lock(path, "x"):
            pass
        assert caught.value.retry
        os.kill(other.pid, signal.SIGKILL)
        other.wait(10)
    with project_lock(path, "siyu run"):
        assert "siyu run" in path.read_text("utf-8")
    assert path.read_text("utf-8") == ""

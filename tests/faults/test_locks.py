"""Two commands at once, one that died, and a store that somebody else holds."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ..e2e.conftest import Project
from .conftest import begun

pytestmark = pytest.mark.slow

HOLD = """
import sqlite3, sys, time
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
held.execute("ROLLBACK")
"""


@pytest.fixture
def project(inputs: Path, tmp_path: Path) -> Project:
    return begun(inputs, tmp_path / "project", tmp_path / "state")


def started(project: Project, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from siyu.app.cli import main; main()", *arguments]
    return subprocess.Popen(
        command, cwd=project.folder, env=project.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def lock_of(project: Project, child: subprocess.Popen[str]) -> dict[str, object]:
    """What the lock says, once ``child`` holds it."""
    path = Path(project.environment["SIYU_PROJECT__STATE"]) / "lock"
    for _ in range(600):
        try:
            held = json.loads(path.read_text("utf-8"))
            if held["pid"] == child.pid:
                return dict(held)
        except (OSError, ValueError, KeyError):
            pass
        assert child.poll() is None, child.communicate()
        time.sleep(0.05)
    raise AssertionError("it never took the lock")


def test_the_second_command_says_who_works_and_a_dead_ones_lock_is_taken_over(project: Project) -> None:
    with started(project, "run") as first:
        held = lock_of(project, first)
        os.kill(first.pid, signal.SIGSTOP)  # it holds the lock, however fast it is
        told = project.siyu("send", expect=75)
        assert "Another run holds this project" in told
        assert f"Process {first.pid} on" in told
        assert "`siyu run`" in told
        assert str(held["since"]) in told
        error = json.loads(project.siyu("send", "--json", expect=75).strip().splitlines()[-1])
        assert error["error"] == "StorageError"
        os.kill(first.pid, signal.SIGKILL)
        first.wait(20)
    project.siyu("run")
    lock = Path(project.environment["SIYU_PROJECT__STATE"]) / "lock"
    assert lock.read_text("utf-8") == ""


def test_a_backup_waits_for_another_command(project: Project, tmp_path: Path) -> None:
    target = tmp_path / "shop.tar.zst"
    with started(project, "run") as first:
        lock_of(project, first)
        project.siyu("backup", str(target), expect=75)
        assert not target.exists()
        project.siyu("backup", str(target), "--wait", "300")
        assert first.wait(20) == 0
    assert target.stat().st_size > 10_000


def held_store(project: Project, seconds: float) -> subprocess.Popen[str]:
    """Another process that writes to the store for so long."""
    path = Path(project.environment["SIYU_PROJECT__STATE"]) / "store.db"
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(path), str(seconds)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    return other


def test_a_store_that_is_written_to_is_waited_for_then_named(project: Project) -> None:
    project.siyu("import")
    with held_store(project, 3):
        project.siyu("profile")
    with held_store(project, 120) as other:
        told = project.siyu("recommend", expect=75)
        other.kill()
    assert "Another process is writing to the store" in told
    assert "store.db" in told
    assert "next: Wait" in told
    project.siyu("run")


def test_a_damaged_store_is_named_and_left_alone(project: Project) -> None:
    project.siyu("import")
    path = Path(project.environment["SIYU_PROJECT__STATE"]) / "store.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = bytearray(path.read_bytes())
    raw[:16] = b"no store at all!"
    path.write_bytes(raw)
    told = project.siyu("run", expect=1)
    assert "not a store" in told
    assert "next: " in told
    assert path.read_bytes() == bytes(raw)

"""A writer killed with SIGKILL in the middle: what was committed is whole, what was not is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from siyu.domain.errors import StorageError
from siyu.store import audit, meta
from siyu.store.database import open_store

WRITER = """
import sys
from pathlib import Path
from datetime import UTC, datetime
from siyu.store import audit, meta
from siyu.store.database import open_store
store = open_store(Path(sys.argv[1]))
number = 0
while True:
    number += 1
    with store.connection(durable=number % 2 == 0) as connection:
        for part in range(20):
            audit.append(connection, at=datetime(2026, 6, 1, tzinfo=UTC), actor="w", action="step",
                         subject=str(number), detail={"part": part})
        meta.put(connection, "steps", number)
"""


@pytest.mark.slow
@pytest.mark.parametrize("wait", [0.05, 0.2, 0.5])
def test_kill_9_leaves_whole_transactions_only(tmp_path: Path, wait: float) -> None:
    path = tmp_path / "siyu.db"
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)])
    try:
        _until_writing(path, process)
        time.sleep(wait)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    store = open_store(path)
    with store.reading() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        verdict = audit.verify(connection)
        steps = meta.get(connection, "steps")
    assert verdict.whole
    assert verdict.entries == 20 * steps  # 20 entries and the count are one transaction
    assert steps > 0
    with store.connection() as connection:
        meta.put(connection, "after", True)  # and it can be written to again


def _until_writing(path: Path, process: subprocess.Popen[bytes]) -> None:
    for _ in range(400):
        time.sleep(0.05)
        assert process.poll() is None, "the writer ended by itself"
        if path.exists() and path.stat().st_size:
            with (
                suppress(StorageError),  # the writer, which never rests, is still making the tables
                open_store(path, busy_seconds=0.5).reading() as connection,
            ):
                if meta.get(connection, "steps"):
                    return
    raise AssertionError("the writer never began")

"""One run at a time in a project: the second says who holds the lock."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from siyu.domain.clock import SystemClock
from siyu.domain.errors import StorageError


@contextmanager
def project_lock(path: Path, doing: str) -> Iterator[None]:
    """Hold the project's lock; the system frees it when the process ends, however it ends.

    Raises:
        StorageError: another process holds it; the error names that process and what it does.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StorageError(
                "Another run holds this project.",
                why=_holder(path),
                next_step="Wait until it ends, or stop that process; nothing was changed.",
                retry=True,
            ) from error
        handle.truncate(0)
        since = SystemClock().now().isoformat(timespec="seconds")
        handle.write(json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "doing": doing, "since": since}))
        handle.flush()
        try:
            yield
        finally:
            handle.truncate(0)


def _holder(path: Path) -> str:
    try:
        held = json.loads(path.read_text("utf-8"))
        return f"Process {held['pid']} on {held['host']} has run `{held['doing']}` since {held['since']}."
    except (OSError, ValueError, KeyError):
        return "It started a moment ago."

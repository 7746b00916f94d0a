"""One run at a time in a project: the second says who holds the lock."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TextIO

from siyu.domain.clock import SystemClock
from siyu.domain.errors import StorageError


@contextmanager
def project_lock(path: Path, doing: str, *, wait: float = 0.0) -> Iterator[None]:
    """Hold the project's lock; the system frees it when the process ends, however it ends.

    Args:
        wait: seconds to wait for another run to end before giving up.

    Raises:
        StorageError: another process holds it (the error names that process and what it does), or the state folder
            cannot be written.
    """
    with _opened(path) as handle:
        _take(handle, path, wait)
        _note(handle, path, doing)
        try:
            yield
        finally:
            handle.truncate(0)


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise _unwritable(path, error) from error
    with handle:
        yield handle


def _take(handle: TextIO, path: Path, wait: float) -> None:
    patience = monotonic() + wait
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if monotonic() < patience:
                sleep(0.2)
                continue
            raise StorageError(
                "Another run holds this project.",
                why=_holder(path),
                next_step="Wait until it ends, or stop that process; nothing was changed.",
                retry=True,
            ) from error


def _note(handle: TextIO, path: Path, doing: str) -> None:
    """Write down who holds the lock: for the next one to read; the lock itself is the system's."""
    since = SystemClock().now().isoformat(timespec="seconds")
    note = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "doing": doing, "since": since})
    try:
        handle.truncate(0)
        handle.write(note)
        handle.flush()
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        "The state folder cannot be written.",
        why=f"{path}: {error.strerror}.",
        next_step="Free space, make the folder writable for this user, or set [project] state; nothing was changed.",
        retry=error.errno in (errno.ENOSPC, errno.EDQUOT),
    )


def _holder(path: Path) -> str:
    try:
        held = json.loads(path.read_text("utf-8"))
        return f"Process {held['pid']} on {held['host']} has run `{held['doing']}` since {held['since']}."
    except (OSError, ValueError, KeyError):
        return "It started a moment ago."

"""The mailbox's journal: what makes a batch of files safe from a power cut with one request to the disk.

Messages are appended to one file and that file is brought to the disk; then they are written as files of their own,
which the system brings to the disk when it suits it. Once all of them are there, the journal starts anew. After a power
cut the next sender writes what the journal holds and the folder lacks.
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final
from uuid import uuid4

_FOLDER: Final = "journal"
_FULL: Final = 256 << 20  # bytes; then the files are brought to the disk and the journal starts anew
_FEW: Final = 200  # up to so many files are asked for one by one; for more, everything at once is quicker


class Journal:
    """The journal of one sender over the Maildir ``root``; others see by its lock that it is in use."""

    def __init__(self, root: Path) -> None:
        self._root = root
        (root / _FOLDER).mkdir(exist_ok=True)
        self._path = root / _FOLDER / f"{os.getpid()}-{uuid4().hex}"
        self._handle = self._path.open("xb", buffering=0)
        fcntl.flock(self._handle, fcntl.LOCK_EX)
        _to_disk(root / _FOLDER)
        self._held: list[str] = []

    def add(self, messages: Mapping[str, bytes]) -> None:
        """Have ``messages`` (id -> bytes) on the disk."""
        whole = b"".join(part for name, mime in messages.items() for part in (f"{name} {len(mime)}\n".encode(), mime))
        if self._handle.tell() + len(whole) > _FULL:
            self._settle()
        if self._handle.write(whole) != len(whole):
            raise OSError(28, "No space left on device")
        os.fsync(self._handle)
        self._held += messages

    def close(self) -> None:
        """Have every file on the disk and remove the journal."""
        self._settle()
        self._path.unlink()
        self._handle.close()

    def leave(self) -> None:
        """Let go of the journal as it is: files of messages it holds are missing, and the next sender writes them."""
        self._handle.close()

    def _settle(self) -> None:
        """The files of all messages held are on the disk; the journal is empty."""
        if len(self._held) > _FEW and sys.platform == "linux":
            os.sync()  # Linux waits until it is done; elsewhere the call only asks for it
        else:
            for name in self._held:
                _to_disk(self._root / "new" / name)
            _to_disk(self._root / "new")
        self._held.clear()
        self._handle.seek(0)
        self._handle.truncate()


def left_behind(root: Path) -> Iterator[tuple[str, bytes]]:
    """Messages in journals whose senders are dead; each journal is removed once its messages were taken.

    A message that was cut off was not brought to the disk, so it never counted: it is left out.
    """
    folder = root / _FOLDER
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        with path.open("rb") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            names = []
            while found := _next(handle):
                names.append(found[0])
                yield found
            for name in names:
                _to_disk(root / "new" / name)
            _to_disk(root / "new")
            path.unlink(missing_ok=True)


def _next(handle: BinaryIO) -> tuple[str, bytes] | None:
    name, _, size = handle.readline().decode("ascii", "replace").rstrip("\n").partition(" ")
    mime: bytes = handle.read(int(size)) if size.isdigit() else b""
    return (name, mime) if mime and len(mime) == int(size) else None


def _to_disk(path: Path) -> None:
    """Bring a file or a folder to the disk; one that was moved or deleted since needs none of it."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

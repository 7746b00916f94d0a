"""Database failures in our words: what happened, why, and the next step."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from siyu.domain.errors import StorageError

_LAST_PAGES = 128 * 1024
"""Bytes: SQLite grows its index beside the file by 32 KiB at a time."""

_LOCKED = "Another process is writing to the store."
_KNOWN: tuple[tuple[str, str, str, bool], ...] = (
    # SQLite's name starts with, what happened, next step, can a retry help
    ("SQLITE_BUSY", _LOCKED, "Wait for it to finish, then run this again; nothing was changed.", True),
    ("SQLITE_LOCKED", _LOCKED, "Wait for it to finish, then run this again; nothing was changed.", True),
    ("SQLITE_FULL", "The disk is full.", "Free space, then run this again; nothing was changed.", True),
    ("SQLITE_READONLY", "The store is read-only.", "Make the file and its folder writable for this user.", False),
    ("SQLITE_CORRUPT", "The store is damaged.", "Stop Siyu and restore the file from a backup.", False),
    ("SQLITE_NOTADB", "The file is not a store of Siyu.", "Give the path of the right file, or restore it.", False),
    ("SQLITE_CANTOPEN", "The store cannot be opened.", "Create its folder and make it writable for this user.", False),
    ("SQLITE_IOERR", "The disk failed while reading or writing the store.", "Check the disk, then try again.", True),
)


def translate(error: DBAPIError, place: str) -> Exception:
    """The :class:`StorageError` for ``error``; mistakes in our own statements come back as they are.

    Args:
        place: file or address of the store, without a password.
    """
    if isinstance(error, (IntegrityError, ProgrammingError)):
        return error
    cause = error.orig
    name = str(getattr(cause, "sqlite_errorname", ""))
    if name.startswith("SQLITE_IOERR") and _has_no_room(place):
        name = "SQLITE_FULL"  # its index beside the file cannot grow, which SQLite calls an input-output error
    for start, what, next_step, retry in _KNOWN:
        if name.startswith(start):
            return StorageError(what, why=f"{place}: {cause}.", next_step=next_step, retry=retry, code=name)
    return StorageError(
        "The store failed.",
        why=f"{place}: {type(cause).__name__}: {cause}.",
        next_step="Check that the database runs and can be reached, then run this again.",
        retry=bool(error.connection_invalidated),
        code=name,
    )


def _has_no_room(place: str) -> bool:
    """Whether the disk of a store's file is full to the last pages."""
    try:
        return shutil.disk_usage(Path(place).parent).free < _LAST_PAGES
    except OSError:
        return False

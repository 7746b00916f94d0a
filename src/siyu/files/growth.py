"""Files that grow: what was read of them before is told by the hash of their beginning, so reading goes on after it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from siyu.domain.errors import InputError
from siyu.files.finding import SourceFile, fingerprint

_BLOCK = 1 << 20


def described(path: Path, read: Mapping[int, frozenset[str]]) -> SourceFile:
    """The file at ``path``; where its beginning is a file that was read before, what follows that.

    A last line that was unfinished then and is longer now is read again.

    Args:
        read: bytes to fingerprints of the files that were read before.

    Returns:
        The file, with ``start`` and ``lines``; ``start == 0`` where nothing of it is known.

    Example:
        >>> from tempfile import mkdtemp
        >>> log = Path(mkdtemp()) / "log.csv"
        >>> _ = log.write_bytes(b"a,b\\n1,2\\n")
        >>> before = described(log, {})
        >>> _ = log.write_bytes(b"a,b\\n1,2\\n3,4\\n")
        >>> after = described(log, {before.size: frozenset({before.fingerprint})})
        >>> after.start, after.lines
        (8, 2)
    """
    try:
        with path.open("rb") as handle:
            size = os.fstat(handle.fileno()).st_size
            marks = sorted(mark for mark in read if 0 < mark < size)
            start, lines, digest = _read(handle, marks, read)
    except OSError as error:
        raise InputError(
            f"{path.name} cannot be read.",
            why=error.strerror or str(error),
            next_step="Check that it is a file and who may read it.",
            file=path.name,
        ) from error
    whole = SourceFile(path, digest, size)
    return replace(whole, start=start, lines=lines) if start else whole


def _read(handle: BinaryIO, marks: list[int], read: Mapping[int, frozenset[str]]) -> tuple[int, int, str]:
    """Where reading goes on, the lines before, and the hash of the whole."""
    hashed, at, lines, start, before = fingerprint(), 0, 0, 0, 0
    last_end = 0  # after the last line end so far
    ended_at: tuple[int, int] | None = None  # a mark in the middle of a line: where that line began, and its number
    for mark in [*marks, None]:
        while block := handle.read(_BLOCK if mark is None else min(_BLOCK, mark - at)):
            if ended_at is not None:  # the first byte after a mark tells whether the line was finished
                start, before = (at, ended_at[1] + 1) if block[:1] in b"\r\n" else ended_at
                ended_at = None
            hashed.update(block)
            lines += block.count(b"\n")
            if (place := block.rfind(b"\n")) >= 0:
                last_end = at + place + 1
            at += len(block)
        if mark is not None and at == mark and hashed.copy().hexdigest() in read[mark]:
            start, before = at, lines
            ended_at = (last_end, lines) if last_end != at else None
    return start, before, hashed.hexdigest()

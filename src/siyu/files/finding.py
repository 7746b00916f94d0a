"""The files of a source: found by glob, told apart by what is in them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from glob import glob
from pathlib import Path

from siyu.domain.errors import InputError

_SUFFIXES = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
}
PACKED = (".gz", ".zst", ".zip")
"""Endings of compressed files."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read.

    Attributes:
        fingerprint: BLAKE2b hash of its bytes, in hex.
        size: bytes.
        start: bytes that an earlier import has read already; reading goes on from there.
        lines: lines before ``start``.
        uri: where it lies, if not on this machine; ``path`` is then its name within the store.
    """

    path: Path
    fingerprint: str
    size: int
    start: int = 0
    lines: int = 0
    uri: str = ""

    @property
    def name(self) -> str:
        """Its name without the folder."""
        return self.path.name


def find(paths: Sequence[str]) -> tuple[SourceFile, ...]:
    """The files that ``paths`` (names or globs, also of other stores) stand for, each once, by path.

    Raises:
        InputError: a name or glob stands for no file.
    """
    from siyu.files import remote  # it needs SourceFile

    elsewhere = {file.uri: file for path in paths if remote.is_remote(path) for file in remote.find(path)}
    here = expanded([path for path in paths if not remote.is_remote(path)])
    return (*(described(path) for path in here), *(elsewhere[uri] for uri in sorted(elsewhere)))


def expanded(paths: Sequence[str]) -> tuple[Path, ...]:
    """The paths that names or globs stand for, each once, in order.

    Raises:
        InputError: a name or glob stands for no file.
    """
    return tuple(sorted({path for entry in paths for path in _expand(entry)}))


def described(path: Path) -> SourceFile:
    """The file at ``path`` with its fingerprint."""
    try:
        with path.open("rb") as handle:
            digest = hashlib.file_digest(handle, fingerprint)
        return SourceFile(path, digest.hexdigest(), path.stat().st_size)
    except OSError as error:
        raise InputError(
            f"{path.name} cannot be read.",
            why=error.strerror or str(error),
            next_step="Check that it is a file and who may read it.",
            file=path.name,
        ) from error


def fingerprint() -> hashlib.blake2b:
    """A fresh hash of the kind that tells files apart."""
    return hashlib.blake2b(digest_size=16)


def format_of(path: Path) -> str:
    """``parquet``, ``csv`` or ``jsonl`` by the file's ending, compression aside.

    Example:
        >>> format_of(Path("day.CSV.gz")), format_of(Path("day.parquet"))
        ('csv', 'parquet')

    Raises:
        InputError: the ending is none of these.
    """
    endings = [ending.lower() for ending in path.suffixes if ending.lower() not in PACKED]
    if not endings or endings[-1] not in _SUFFIXES:
        raise InputError(
            f"The format of {path.name} is not known.",
            why=f"Known endings: {', '.join(_SUFFIXES)}, and {', '.join(PACKED)} after them.",
            next_step="Set format for this source, or name the file after what it is (events.csv.zip).",
            file=path.name,
        )
    return _SUFFIXES[endings[-1]]


def _expand(entry: str) -> Iterator[Path]:
    found = [Path(path) for path in glob(entry, recursive=True) if Path(path).is_file()]
    if Path(entry).is_file() and not found:  # a name with [brackets] is also a pattern
        found = [Path(entry)]
    if not found:
        why, step = _absence(Path(entry))
        raise InputError(f"There is no file {entry!r}.", why=why, next_step=step, file=Path(entry).name)
    yield from found


def _absence(path: Path) -> tuple[str, str]:
    """Why nothing is found at ``path``, and what to do."""
    if path.is_dir():
        return "It is a folder.", f"Name the files in it: {path.name}/*.csv."
    if path.is_symlink():
        return f"It is a link to {os.readlink(path)!r}, which is not there.", "Mend the link, or correct paths."
    beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
    close = get_close_matches(path.name, beside, n=1, cutoff=0.7)
    if close:
        return "Nothing has that name or fits that pattern.", f"Correct paths; there is a {close[0]!r} in that folder."
    if not path.parent.is_dir() and not set("*?[") & set(str(path.parent)):
        return f"There is no folder {str(path.parent)!r}.", "Correct paths, or inputs under [project]."
    return "Nothing has that name or fits that pattern.", "Correct paths."

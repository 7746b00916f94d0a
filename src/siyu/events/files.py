"""The files of a source: found by glob, told apart by what is in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
_PACKED = (".gz", ".zst")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to import; the fingerprint is the BLAKE2b hash of its bytes."""

    path: Path
    fingerprint: str
    size: int

    @property
    def name(self) -> str:
        """Its name without the folder."""
        return self.path.name


def find(paths: Sequence[str]) -> tuple[SourceFile, ...]:
    """The files that ``paths`` (names or globs) stand for, each once, by path.

    Raises:
        InputError: a name or glob stands for no file.
    """
    return tuple(_describe(path) for path in sorted({path for entry in paths for path in _expand(entry)}))


def format_of(path: Path) -> str:
    """``parquet``, ``csv`` or ``jsonl`` by the file's ending, compression aside.

    Example:
        >>> format_of(Path("day.CSV.gz")), format_of(Path("day.parquet"))
        ('csv', 'parquet')

    Raises:
        InputError: the ending is none of these.
    """
    endings = [ending.lower() for ending in path.suffixes if ending.lower() not in _PACKED]
    if not endings or endings[-1] not in _SUFFIXES:
        raise InputError(
            f"The format of {path.name} is not known.",
            why=f"Known endings: {', '.join(_SUFFIXES)}, and .gz or .zst after them.",
            next_step='Set format = "csv", "jsonl", "parquet" or "segment" for this source.',
            file=path.name,
        )
    return _SUFFIXES[endings[-1]]


def _expand(entry: str) -> Iterator[Path]:
    found = [Path(path) for path in glob(entry, recursive=True) if Path(path).is_file()]
    if Path(entry).is_file() and not found:  # a name with [brackets] is also a pattern
        found = [Path(entry)]
    if not found:
        raise InputError(
            f"There is no file {entry!r}.",
            why="Nothing has that name or fits that pattern.",
            next_step="Correct paths.",
        )
    yield from found


def _describe(path: Path) -> SourceFile:
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, lambda: hashlib.blake2b(digest_size=16))
    return SourceFile(path, digest.hexdigest(), path.stat().st_size)

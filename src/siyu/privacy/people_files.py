"""Reads files of people: CSV (also gzip), JSON lines and Parquet, every column as text."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv as pv
import pyarrow.parquet as pq

from siyu.domain.errors import InputError

COLUMNS: Final = (
    "user_id",
    "email",
    "phone",
    "language",
    "timezone",
    "consent_purpose",
    "consent_channel",
    "consent_state",
    "consent_at",
    "consent_how",
    "consent_text",
)
"""Columns of a people file; only ``user_id`` must be there. Several rows of one user hold several consents."""

_HEAD: Final = 1 << 20
_WIDEST: Final = 1000


@dataclass(frozen=True, slots=True)
class Reading:
    """Rows of one file, all of :data:`COLUMNS` as text, and the number of lines that are no row at all."""

    rows: pa.Table
    malformed: int


def read(path: Path, columns: Mapping[str, str]) -> Reading:
    """The rows of ``path``; ``columns`` maps our names to the file's.

    Raises:
        InputError: it is absent, of an unknown kind, damaged, or has no ``user_id``.
    """
    name = path.name.lower().removesuffix(".gz")
    reader = next((read for ending, read in _READERS if name.endswith(ending)), None)
    if reader is None:
        raise _refuse(path, "It is of an unknown kind.", f"Known: {', '.join(ending for ending, _ in _READERS)}.")
    try:
        table, malformed = reader(path)
    except (pa.ArrowInvalid, OSError, EOFError, UnicodeDecodeError) as error:
        raise _refuse(path, _cause(error), "Export it again, in UTF-8 or GB18030.") from error
    return Reading(_ours(path, table, columns), malformed)


def _cause(error: Exception) -> str:
    """What failed, without the row it failed at: that may hold an address, and errors are logged."""
    return (getattr(error, "strerror", None) or str(error).split(":")[0]) + "."


def _csv(path: Path) -> tuple[pa.Table, int]:
    head = _open(path, _HEAD)
    encoding = "utf-8" if _is_utf8(head) else "gb18030"
    if head.split(b"\n", 1)[0].count(b",") > _WIDEST:
        raise _refuse(path, f"Its first line names more than {_WIDEST:,} columns.", "Export only those of people.")
    bad: list[int] = []

    def skip(row: Any) -> str:
        bad.append(1)
        return "skip"

    options = pv.ReadOptions(encoding=encoding)
    parsing = pv.ParseOptions(invalid_row_handler=skip)
    with pv.open_csv(path, read_options=options, parse_options=parsing) as opened:
        names = opened.schema.names
    bad.clear()  # the first block is read again
    text = dict.fromkeys(names, pa.string())
    convert = pv.ConvertOptions(column_types=text, null_values=[""], strings_can_be_null=True)
    table = pv.read_csv(path, read_options=options, parse_options=parsing, convert_options=convert)
    if bad and _open(path).count(b'"') % 2:
        raise _refuse(path, "A quotation mark is never closed, so rows run into each other.", "Close it or remove it.")
    return table, len(bad)


def _json_lines(path: Path) -> tuple[pa.Table, int]:
    rows: list[dict[str, str | None]] = []
    malformed = 0
    for line in _open(path).splitlines():
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        if isinstance(found, dict):
            rows.append({name: None if value is None else str(value) for name, value in found.items()})
        else:
            malformed += 1
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}), malformed


def _parquet(path: Path) -> tuple[pa.Table, int]:
    return pq.read_table(path), 0


_READERS: Final[tuple[tuple[str, Callable[[Path], tuple[pa.Table, int]]], ...]] = (
    (".csv", _csv),
    (".jsonl", _json_lines),
    (".ndjson", _json_lines),
    (".parquet", _parquet),
)


def _open(path: Path, limit: int = -1) -> bytes:
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
        return file.read(limit)


def _is_utf8(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 4 and len(head) == _HEAD  # a letter cut at the end of what was read
    return True


def _ours(path: Path, table: pa.Table, columns: Mapping[str, str]) -> pa.Table:
    theirs = {name.lstrip("\ufeff"): number for number, name in enumerate(table.column_names)}
    if columns.get("user_id", "user_id") not in theirs:
        found = ", ".join(list(theirs)[:20])
        raise _refuse(path, "It has no column user_id.", f"Found: {found}. Name it under columns in siyu.toml.")

    def column(name: str) -> pa.Array:
        place = theirs.get(columns.get(name, name))
        return pa.nulls(table.num_rows, pa.string()) if place is None else table.column(place).cast(pa.string())

    return pa.table({name: column(name) for name in COLUMNS})


def _refuse(path: Path, why: str, next_step: str) -> InputError:
    return InputError(f"The file of people {path.name} cannot be read.", why=why, next_step=next_step, path=str(path))

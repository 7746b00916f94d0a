"""CSV: quoted fields and quoted line ends (RFC 4180), every column text; a broken record costs its first line only."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import pyarrow as pa

from siyu.domain.errors import InputError
from siyu.events.files import SourceFile
from siyu.events.readers.batches import OWN, batch, schema
from siyu.events.readers.opening import chunks, is_text, opened, shown
from siyu.events.settings import SourceSettings


def read_csv(source: SourceSettings, files: Sequence[SourceFile]) -> pa.RecordBatchReader:
    """Rows of CSV files with a header each; a column that one file lacks is null there.

    Raises:
        InputError: a header names a column twice or has too many; see also :func:`.opening.opened`.
    """
    names: dict[str, str] = {}
    for file in files:
        for name in _header(file, source):
            names.setdefault(name.lower(), name)
    shape = schema(tuple(names.values()))
    return pa.RecordBatchReader.from_batches(
        shape, (rows for file in files for rows in _read(file, source, shape, names))
    )


def _header(file: SourceFile, source: SourceSettings) -> list[str]:
    with opened(file, source) as text:
        line = text.readline(1 << 20)
    try:
        names = [name.strip() for name in next(csv.reader([line], delimiter=source.delimiter), [])]
    except csv.Error:
        names = [""]
    lowered = {name.lower() for name in names}
    taken = lowered & {"_file", "_row", *(name for name, _ in OWN)}
    if not is_text(line) or "" in lowered or taken or len(lowered) < len(names) or len(names) > source.limits.columns:
        raise InputError(
            f"The first line of {file.name} is no header.",
            why=f"It has {len(names)} names; each must be text, of its own, and not one of ours; "
            f"at most {source.limits.columns}.",
            next_step="Check the file's encoding and delimiter, or give it a header.",
            file=file.name,
        )
    return names


@dataclass(slots=True)
class _Records:
    """Records of one file as they are gathered, and what is broken."""

    lines: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    broken_lines: list[int] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def _read(
    file: SourceFile, source: SourceSettings, shape: pa.Schema, known: dict[str, str]
) -> Iterator[pa.RecordBatch]:
    names = [known[name.lower()] for name in _header(file, source)]
    origin, carried, place = str(file.path), list[str](), 1
    with opened(file, source) as text:
        following = chunks(text)
        ahead = next(following, [])
        ahead = ahead[1:]
        place += 1
        while ahead or carried:
            lines, ahead = carried + ahead, next(following, [])
            found, used = _parse(lines, place, len(names), source, last=not ahead)
            carried, place = lines[used:], place + used
            if found.rows:
                columns = dict(zip(names, zip(*found.rows, strict=True), strict=True))
                yield batch(shape, columns, origin=origin, lines=found.lines)
            if found.broken:
                yield batch(shape, {}, origin=origin, lines=found.broken_lines, malformed=True, raw=found.broken)


def _parse(lines: list[str], place: int, width: int, source: SourceSettings, *, last: bool) -> tuple[_Records, int]:
    """Records in ``lines`` (the first is line ``place``) and how many lines they took."""
    try:
        rows = list(csv.reader(lines, delimiter=source.delimiter, strict=True))
    except csv.Error:
        rows = []
    if len(rows) == len(lines) and set(map(len, rows)) == {width} and is_text(lines):
        return _Records(list(range(place, place + len(lines))), rows), len(lines)
    return _parse_slowly(lines, place, width, source, last=last)


def _parse_slowly(
    lines: list[str], place: int, width: int, source: SourceSettings, *, last: bool
) -> tuple[_Records, int]:
    found, at, most = _Records(), 0, source.limits.record_lines
    while at < len(lines):
        row, took = _one(lines, at, most, source.delimiter)
        if row is None and not last and at + most > len(lines):
            break  # the record may end in the next chunk
        if row is None or (row and len(row) != width) or not is_text(lines[at : at + took]):
            found.broken_lines.append(place + at)
            found.broken.append(shown("".join(lines[at : at + took])))
        elif row:
            found.lines.append(place + at)
            found.rows.append(row)
        at += took
    return found, at


def _one(lines: list[str], at: int, most: int, delimiter: str) -> tuple[list[str] | None, int]:
    reader = csv.reader(islice(lines, at, at + most), delimiter=delimiter, strict=True)
    try:
        row = next(reader)
    except (csv.Error, StopIteration):
        return None, 1
    return row, reader.line_num

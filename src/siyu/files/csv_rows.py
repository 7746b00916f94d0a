"""CSV: quoted fields and quoted line ends (RFC 4180), every column text; a broken record costs its first line only."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import pyarrow as pa

from siyu.domain.errors import InputError
from siyu.files.batches import OWN, batch, schema
from siyu.files.finding import SourceFile
from siyu.files.forms import TextForm
from siyu.files.opening import chunks, first_lines, is_text, opened, shown


def read_csv(files: Sequence[SourceFile], form: TextForm) -> pa.RecordBatchReader:
    """Rows of CSV files with a header each; a column that one file lacks is null there.

    Raises:
        InputError: a header names a column twice or has too many; see also :func:`.opening.opened`.
    """
    names: dict[str, str] = {}
    for file in files:
        for name in _header(file, form):
            names.setdefault(name.lower(), name)
    shape = schema(tuple(names.values()))
    return pa.RecordBatchReader.from_batches(
        shape, (rows for file in files for rows in _read(file, form, shape, names))
    )


def _header(file: SourceFile, form: TextForm) -> list[str]:
    with opened(file, form, whole=True) as text:
        line = "".join(first_lines(text, 1))
    try:
        names = [name.strip() for name in next(csv.reader([line], delimiter=form.delimiter, strict=True), [])]
    except csv.Error:
        names = [""]
    fault = _fault(line, names, form)
    if fault:
        raise InputError(
            f"The first line of {file.name} is no header.",
            why=fault,
            next_step="Give it a header of distinct names, or set the delimiter it was written with.",
            file=file.name,
            row=1,
        )
    return names


def _fault(line: str, names: list[str], form: TextForm) -> str:
    """What keeps ``names`` from being a header; empty where nothing does."""
    lowered = [name.lower() for name in names]
    if not is_text(line):
        return f"It is not {form.encoding} text."
    if len(names) > form.limits.columns:
        return f"It names {len(names):,} columns; at most {form.limits.columns:,} are read."
    if "" in lowered:
        return f"The name of column {lowered.index('') + 1} is empty or not closed."
    twice = next((name for place, name in enumerate(lowered) if name in lowered[:place]), "")
    if twice:
        return f"It names {twice!r} twice (upper and lower case count alike)."
    ours = {"_file", "_row", *(name for name, _ in OWN)} & set(lowered)
    return f"{min(ours)!r} is a name of ours." if ours else ""


@dataclass(slots=True)
class _Records:
    """Records of one file as they are gathered, and what is broken."""

    lines: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    broken_lines: list[int] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def _read(file: SourceFile, form: TextForm, shape: pa.Schema, known: dict[str, str]) -> Iterator[pa.RecordBatch]:
    names = [known[name.lower()] for name in _header(file, form)]
    origin, carried, place = str(file.path), list[str](), file.lines + 1
    with opened(file, form) as text:
        following = chunks(text)
        ahead = next(following, [])
        if not file.start:
            ahead, place = ahead[1:], place + 1
        while ahead or carried:
            lines, ahead = carried + ahead, next(following, [])
            found, used = _parse(lines, place, len(names), form, last=not ahead)
            carried, place = lines[used:], place + used
            if found.rows:
                columns = dict(zip(names, zip(*found.rows, strict=True), strict=True))
                yield batch(shape, columns, origin=origin, lines=found.lines)
            if found.broken:
                yield batch(shape, {}, origin=origin, lines=found.broken_lines, malformed=True, raw=found.broken)


def _parse(lines: list[str], place: int, width: int, form: TextForm, *, last: bool) -> tuple[_Records, int]:
    """Records in ``lines`` (the first is line ``place``) and how many lines they took."""
    try:
        rows = list(csv.reader(lines, delimiter=form.delimiter, strict=True))
    except csv.Error:
        rows = []
    if len(rows) == len(lines) and set(map(len, rows)) == {width} and is_text(lines):
        return _Records(list(range(place, place + len(lines))), rows), len(lines)
    return _parse_slowly(lines, place, width, form, last=last)


def _parse_slowly(lines: list[str], place: int, width: int, form: TextForm, *, last: bool) -> tuple[_Records, int]:
    found, at, most = _Records(), 0, form.limits.record_lines
    while at < len(lines):
        row, took = _one(lines, at, most, form.delimiter)
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

"""CSV: quoted fields and quoted line ends (RFC 4180), every column text; a broken record costs its first line only."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import pyarrow as pa

from siyu.domain.errors import InputError
from siyu.files.batches import OWN, batch, schema
from siyu.files.csv_plain import plain_columns
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
        for name in header(file, form):
            names.setdefault(name.lower(), name)
    shape = schema(tuple(names.values()))
    return pa.RecordBatchReader.from_batches(
        shape, (rows for file in files for rows in _read(file, form, shape, names))
    )


def header(file: SourceFile, form: TextForm) -> list[str]:
    """What the header of ``file`` names; a column without a name (an index, cells after the last) is ``column 1``.

    Raises:
        InputError: the line names a column twice, has too many, or was written with another delimiter.
    """
    with opened(file, form, whole=True) as text:
        line = "".join(first_lines(text, form.header_line)[form.header_line - 1 :])
    try:
        names = [name.strip() for name in next(csv.reader([line], delimiter=form.parted(file.path), strict=True), [])]
    except csv.Error:
        names = []
    _require_delimiter(file, form, line, names)
    fault = _fault(line, names, form)
    if fault:
        raise InputError(
            f"Line {form.header_line} of {file.name} is no header.",
            why=fault,
            next_step="Give the file a header of distinct names, or say on which line it stands: header_line = 2.",
            file=file.name,
            row=form.header_line,
        )
    return [name or f"column {place}" for place, name in enumerate(names, 1)]


def _require_delimiter(file: SourceFile, form: TextForm, line: str, names: list[str]) -> None:
    """A header that names one column, in which another delimiter stands, was not written with ours."""
    used = form.parted(file.path)
    others = {sign: line.count(sign) for sign in ",;\t|" if sign != used and sign in line}
    if len(names) == 1 and others and not line.lower().startswith("sep="):
        likely = max(others, key=lambda sign: others[sign])
        raise InputError(
            f"The columns of {file.name} are not parted by {_called(used)}.",
            why=f"Its line {form.header_line} names one column only: {names[0][:200]!r}.",
            next_step=f'Set delimiter = "{_called(likely)}" for this source in siyu.toml.',
            file=file.name,
            row=form.header_line,
            delimiter=likely,
        )


def _called(sign: str) -> str:
    return sign.replace("\t", "\\t")


def _fault(line: str, names: list[str], form: TextForm) -> str:
    """What keeps ``names`` from being a header; empty where nothing does."""
    lowered = [name.lower() for name in names if name]
    if not is_text(line):
        return f"It is not {form.encoding} text."
    if len(names) > form.limits.columns:
        return f"It names {len(names):,} columns; at most {form.limits.columns:,} are read."
    if line.lower().startswith("sep="):
        return "It tells Excel the delimiter; the header follows it."
    if line and not lowered:
        return "It names no column, or its quotation mark is not closed."
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
    names = [known[name.lower()] for name in header(file, form)]
    delimiter = form.parted(file.path)
    origin, carried, place = str(file.path), list[str](), file.lines + 1
    with opened(file, form) as text:
        following = chunks(text)
        ahead = next(following, [])
        if not file.start:
            ahead, place = ahead[form.header_line :], place + form.header_line
        while ahead or carried:
            lines, ahead = carried + ahead, next(following, [])
            plain = plain_columns(lines, names, delimiter)
            if plain is not None:
                here = range(place, place + len(lines))
                carried, place = [], place + len(lines)
                yield batch(shape, {name: plain[name].combine_chunks() for name in names}, origin=origin, lines=here)
                continue
            found, used = _parse(lines, place, len(names), delimiter, most=form.limits.record_lines, last=not ahead)
            carried, place = lines[used:], place + used
            if found.rows:
                columns = dict(zip(names, zip(*found.rows, strict=True), strict=True))
                yield batch(shape, columns, origin=origin, lines=found.lines)
            if found.broken:
                yield batch(shape, {}, origin=origin, lines=found.broken_lines, malformed=True, raw=found.broken)


def _parse(lines: list[str], place: int, width: int, delimiter: str, *, most: int, last: bool) -> tuple[_Records, int]:
    """Records in ``lines`` (the first is line ``place``) and how many lines they took."""
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        rows = []
    if len(rows) == len(lines) and set(map(len, rows)) == {width} and is_text(lines):
        return _Records(list(range(place, place + len(lines))), _said(rows, lines)), len(lines)
    found, used = _parse_slowly(lines, place, width, delimiter, most=most, last=last)
    found.rows = _said(found.rows, lines)
    return found, used


_TOLD = re.compile(r'="([^"]*)"')


def _said(rows: list[list[str]], lines: list[str]) -> list[list[str]]:
    """What cells say: exports for Excel write ``="0012"``, or end a cell by a tab, so that an id stays text."""
    if not any('="' in line or "\t" in line for line in lines):
        return rows
    return [
        [match[1] if (match := _TOLD.fullmatch(cell.strip())) else cell.strip("\t") for cell in row] for row in rows
    ]


def _parse_slowly(
    lines: list[str], place: int, width: int, delimiter: str, *, most: int, last: bool
) -> tuple[_Records, int]:
    found, at = _Records(), 0
    while at < len(lines):
        row, took = _one(lines, at, most, delimiter)
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

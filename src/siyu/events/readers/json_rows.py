"""JSON: one object a line, or one document that is an object or a list of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from siyu.events.files import SourceFile
from siyu.events.readers.batches import batch, schema
from siyu.events.readers.opening import chunks, is_text, opened, shown
from siyu.events.settings import FIELDS, SourceSettings

Found = list[tuple[int, str, dict[str, Any]]]
"""(line, what it said, object) of every good row."""

Broken = list[tuple[int, str]]
"""(line, what it said) of every row that is no JSON object."""

_DOCUMENT = 200_000_000  # a document is read whole


def read_json(source: SourceSettings, files: Sequence[SourceFile]) -> pa.RecordBatchReader:
    """Rows of JSON files: the columns that the mapping names (a key, or a dotted path), as text."""
    names = tuple(dict.fromkeys(source.columns.get(field, field) for field in FIELDS))
    shape = schema(names)
    return pa.RecordBatchReader.from_batches(shape, _rows(source, files, shape, names))


def objects(file: SourceFile, source: SourceSettings) -> Iterator[tuple[Found, Broken]]:
    """Objects of one file, chunk by chunk."""
    if ".json" in map(str.lower, file.path.suffixes):
        document = _document(file, source)
        if document is not None:
            yield document, []
            return
    with opened(file, source) as text:
        place = 1
        for lines in chunks(text):
            yield _lines(lines, place)
            place += len(lines)


def cell(value: object) -> str | None:
    """A JSON value as text; a list or an object as JSON."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def look_up(found: dict[str, Any], path: str) -> Any:
    """The value under a key, or under a dotted path."""
    if path in found:
        return found[path]
    value: Any = found
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def broken_batch(shape: pa.Schema, file: SourceFile, broken: Broken) -> pa.RecordBatch:
    """Rows that are no JSON object."""
    lines, said = [line for line, _ in broken], [text for _, text in broken]
    return batch(shape, {}, origin=str(file.path), lines=lines, malformed=True, raw=said)


def _rows(
    source: SourceSettings, files: Sequence[SourceFile], shape: pa.Schema, names: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    for file in files:
        for found, broken in objects(file, source):
            if found:
                columns = {name: [cell(look_up(row, name)) for _, _, row in found] for name in names}
                lines, said = [line for line, _, _ in found], [text for _, text, _ in found]
                yield batch(shape, columns, origin=str(file.path), lines=lines, raw=said)
            if broken:
                yield broken_batch(shape, file, broken)


def _lines(lines: list[str], place: int) -> tuple[Found, Broken]:
    found: Found = []
    broken: Broken = []
    for number, line in enumerate(lines, place):
        if not line.strip():
            continue
        row = _object(line)
        if row is None:
            broken.append((number, shown(line)))
        else:
            found.append((number, line.strip(), row))
    return found, broken


def _object(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    # an escape such as \ud800 is a lone surrogate, which is no text either
    good = (
        isinstance(row, dict) and is_text(line) and ("\\u" not in line or is_text(json.dumps(row, ensure_ascii=False)))
    )
    return row if good else None


def _document(file: SourceFile, source: SourceSettings) -> Found | None:
    with opened(file, source) as text:
        whole = text.read(_DOCUMENT + 1)
    if len(whole) > _DOCUMENT:
        return None
    try:
        read = json.loads(whole)
    except (ValueError, RecursionError):
        return None
    rows = read if isinstance(read, list) else [read]
    if not is_text(json.dumps(read, ensure_ascii=False)) or not all(isinstance(row, dict) for row in rows):
        return None
    return [(number, json.dumps(row, ensure_ascii=False), row) for number, row in enumerate(rows, 1)]

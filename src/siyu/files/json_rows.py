"""JSON: one object a line, or one document that is an object or a list of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from siyu.files.batches import batch, schema
from siyu.files.finding import SourceFile
from siyu.files.forms import FIELD, TextForm
from siyu.files.opening import LONGEST, chunks, is_text, opened, shown

Found = list[tuple[int, str, dict[str, Any]]]
"""(line, what it said, object) of every good row."""

Broken = list[tuple[int, str]]
"""(line, what it said) of every row that is no JSON object."""

_DOCUMENT = 200_000_000  # a document is read whole


def read_json(
    files: Sequence[SourceFile], form: TextForm, names: Sequence[str], *, flat: bool = False
) -> pa.RecordBatchReader:
    """Rows of JSON files: ``names`` (a key each, or a dotted path) as columns of text.

    Args:
        flat: a list or an object is no value of any of them, and read as none.

    Raises:
        InputError: see :func:`.opening.opened`.
    """
    shape = schema(names)
    return pa.RecordBatchReader.from_batches(shape, _rows(files, form, shape, names, flat=flat))


def objects(file: SourceFile, form: TextForm, names: Sequence[str] = ()) -> Iterator[tuple[Found, Broken]]:
    """Objects of one file, chunk by chunk.

    Args:
        names: keys (or dotted paths) of rows; a document whose one list of objects has more of them is that list.
    """
    if ".json" in map(str.lower, file.path.suffixes) or _begins_a_list(file, form):
        document = _document(file, form, names)
        if document is not None:
            yield document, []
            return
    with opened(file, form) as text:
        place = file.lines + 1
        for lines in chunks(text):
            yield _lines(lines, place)
            place += len(lines)


def _begins_a_list(file: SourceFile, form: TextForm) -> bool:
    if file.start:
        return False
    with opened(file, form) as text:
        return text.read(100).lstrip().startswith("[")


def cell(value: object) -> str | None:
    """A JSON value as text; a list or an object as JSON."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _said(value: object, *, flat: bool) -> str | None:
    return None if flat and isinstance(value, (dict, list)) else cell(value)


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
    files: Sequence[SourceFile], form: TextForm, shape: pa.Schema, names: Sequence[str], *, flat: bool
) -> Iterator[pa.RecordBatch]:
    for file in files:
        for found, broken in objects(file, form, names):
            if found:
                columns = {name: [_said(look_up(row, name), flat=flat) for _, _, row in found] for name in names}
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
        if not isinstance(row, dict) or not is_text(line):
            return None
        # an escape may spell what is no text: \u0000, or \ud800, which is half a letter
        return row if ("\\u" not in line and len(line) <= FIELD) or _is_sound(row) else None
    except (ValueError, RecursionError):
        return None


def _is_sound(value: Any) -> bool:
    """Whether every string in ``value`` is text, and one field long at most."""
    if isinstance(value, str):
        return len(value) <= FIELD and is_text(value)
    inner = (*value, *value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(map(_is_sound, inner))


def _document(file: SourceFile, form: TextForm, names: Sequence[str]) -> Found | None:
    with opened(file, form) as text:
        whole = text.readline(LONGEST)
        if _object(whole) is not None and text.readline(1):
            return None  # an object a line
    with opened(file, form) as text:
        whole = text.read(_DOCUMENT + 1)
    if len(whole) > _DOCUMENT:
        return None
    try:
        read = json.loads(whole)
        rows = read if isinstance(read, list) else _wrapped(read, names)
        if not all(isinstance(row, dict) for row in rows) or not _is_sound(read):
            return None
    except (ValueError, RecursionError):
        return None
    return [(number, json.dumps(row, ensure_ascii=False), row) for number, row in enumerate(rows, 1)]


def _wrapped(document: Any, names: Sequence[str]) -> list[Any]:
    """The rows in ``{"products": [...], "next": ...}``, which say more of ``names`` than it does; else it as one."""
    lists = [one for one in document.values() if isinstance(one, list) and one] if isinstance(document, dict) else []
    lists = [one for one in lists if isinstance(one[0], dict)]
    if len(lists) != 1 or _told(lists[0][0], names) <= _told(document, names):
        return [document]
    return lists[0]


def _told(row: dict[str, Any], names: Sequence[str]) -> int:
    return sum(look_up(row, name) is not None for name in names)

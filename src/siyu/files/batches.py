"""The shape in which every reader of text gives its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

ORIGIN, LINE, PART, MALFORMED, RAW = "_origin", "_line", "_part", "_malformed", "_raw"

OWN = (
    (ORIGIN, pa.string()),  # the file's path
    (LINE, pa.int64()),  # line of the file, 1 = the first
    (PART, pa.int32()),  # 0, or the place among the rows that one line gives
    (MALFORMED, pa.bool_()),
    (RAW, pa.string()),  # the line, where the columns do not hold all of it
)


def schema(names: Sequence[str]) -> pa.Schema:
    """Text columns ``names``, and the reader's own."""
    return pa.schema([(name, pa.string()) for name in names] + list(OWN))


def batch(
    shape: pa.Schema,
    columns: Mapping[str, Sequence[str | None] | pa.Array],
    *,
    origin: str,
    lines: Sequence[int],
    parts: Sequence[int] | None = None,
    malformed: bool = False,
    raw: Sequence[str | None] | None = None,
) -> pa.RecordBatch:
    """Rows in ``shape``; columns not given are null.

    Raises:
        UnicodeEncodeError: a value holds bytes that are no text.
    """
    count = len(lines)
    own: dict[str, pa.Array] = {
        ORIGIN: pa.repeat(pa.scalar(origin), count),
        LINE: pa.array(lines, pa.int64()),
        PART: pa.array(parts, pa.int32()) if parts is not None else pa.repeat(pa.scalar(0, pa.int32()), count),
        MALFORMED: pa.repeat(pa.scalar(malformed), count),
        RAW: pa.array(raw, pa.string()) if raw is not None else pa.nulls(count, pa.string()),
    }
    arrays = [
        own[field.name]
        if field.name in own
        else _texts(columns[field.name])
        if field.name in columns
        else pa.nulls(count, pa.string())
        for field in shape
    ]
    return pa.record_batch(arrays, schema=shape)


def _texts(values: Sequence[str | None] | pa.Array) -> pa.Array:
    return values if isinstance(values, pa.Array) else pa.array(values, pa.string())

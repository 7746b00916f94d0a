"""Readers of text files: one row schema a source, batches of text columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa

from siyu.domain.registry import Registry
from siyu.events.files import SourceFile
from siyu.events.settings import SourceSettings

Reader = Callable[[SourceSettings, Sequence[SourceFile]], pa.RecordBatchReader]

READERS: Registry[Reader] = Registry(
    "event file format",
    "siyu.event_formats",
    {
        "csv": "siyu.events.readers.csv_rows:read_csv",
        "jsonl": "siyu.events.readers.json_rows:read_json",
        "segment": "siyu.events.readers.segment:read_segment",
    },
)


def reader(kind: str) -> Reader:
    """The reader of ``kind``."""
    return READERS.load(kind)

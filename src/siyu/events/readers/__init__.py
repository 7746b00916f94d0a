"""Readers of text files: one row schema a source, batches of text columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa

from siyu.domain.registry import Registry
from siyu.events.settings import SourceSettings
from siyu.files import SourceFile

Reader = Callable[[SourceSettings, Sequence[SourceFile]], pa.RecordBatchReader]

READERS: Registry[Reader] = Registry(
    "event file format",
    "siyu.event_formats",
    {
        "csv": "siyu.events.readers.text:read_lines",
        "jsonl": "siyu.events.readers.text:read_objects",
        "segment": "siyu.events.readers.segment:read_segment",
    },
)


def reader(kind: str) -> Reader:
    """The reader of ``kind``."""
    return READERS.load(kind)

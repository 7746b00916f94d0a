"""Readers of text files: one row schema a source, batches of text columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa

from siyu.domain.registry import Registry
from siyu.files import SourceFile

if TYPE_CHECKING:
    from siyu.events.settings import SourceSettings

Reader: TypeAlias = "Callable[[SourceSettings, Sequence[SourceFile]], pa.RecordBatchReader]"
"""Rows of files as batches of text columns: the file's own, for the mapping, or those of ``settings.FIELDS``."""

READERS: Registry[Reader] = Registry(
    "event file format",
    "siyu.event_formats",
    {
        "csv": "siyu.events.readers.text:read_lines",
        "jsonl": "siyu.events.readers.text:read_objects",
        "ga4": "siyu.events.readers.ga4:read_ga4",
        "segment": "siyu.events.readers.segment:read_segment",
    },
)


def reader(kind: str) -> Reader:
    """The reader of ``kind``."""
    return READERS.load(kind)

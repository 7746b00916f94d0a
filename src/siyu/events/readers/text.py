"""CSV and JSON as :mod:`siyu.files` reads them, under the settings of a source."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from siyu.events.settings import FIELDS, SourceSettings
from siyu.files import SourceFile, read_csv, read_json


def read_lines(source: SourceSettings, files: Sequence[SourceFile]) -> pa.RecordBatchReader:
    """Rows of CSV files; see :func:`siyu.files.read_csv`."""
    return read_csv(files, source.form)


def read_objects(source: SourceSettings, files: Sequence[SourceFile]) -> pa.RecordBatchReader:
    """Rows of JSON files: the columns that the mapping names."""
    names = tuple(dict.fromkeys(source.columns.get(field, field) for field in FIELDS))
    return read_json(files, source.form, names, flat=True)

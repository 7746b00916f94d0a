"""CSV and JSON lines in the shop's own columns, which the mapping names."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

import pyarrow as pa

from siyu.catalogue.settings import FIELDS, CatalogueSettings
from siyu.domain.errors import SettingsError
from siyu.files import SourceFile, read_csv, read_json
from siyu.files.json_rows import look_up, objects


def read_lines(source: CatalogueSettings, files: Sequence[SourceFile]) -> pa.RecordBatchReader:
    """Rows of CSV files; see :func:`siyu.files.read_csv`."""
    return read_csv(files, source.form)


def read_objects(source: CatalogueSettings, files: Sequence[SourceFile]) -> pa.RecordBatchReader:
    """Rows of JSON files: the columns that the mapping names, each a key or a dotted path.

    Raises:
        SettingsError: the mapping names what none of the first objects has.
    """
    mapped = [name for named in source.columns.values() for name in ((named,) if isinstance(named, str) else named)]
    mapped += source.attributes.values()
    names = (*mapped, *FIELDS)
    rows = [row for file in files for found, _ in islice(objects(file, source.form, names), 1) for _, _, row in found]
    _check(source, rows, mapped)
    # a moment that no object states is not missing in each of them
    dated = any(look_up(row, "observed_at") is not None for row in rows)
    fields = [field for field in FIELDS if dated or field != "observed_at"]
    return read_json(files, source.form, tuple(dict.fromkeys((*mapped, *fields))))


def _check(source: CatalogueSettings, rows: Sequence[dict[str, Any]], mapped: Sequence[str]) -> None:
    missing = [name for name in mapped if rows and all(look_up(row, name) is None for row in rows)]
    if missing:
        known = sorted({key for row in rows for key in row})
        raise SettingsError(
            f"Source {source.name!r} has no column {missing[0]!r}.",
            why=f"Its objects hold: {', '.join(known)[:500]}.",
            next_step="Correct [columns] or [attributes] in the mapping.",
            field=missing[0],
        )

"""Reads files of people through :mod:`siyu.files`, every column as text, with the file and the line of each row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from siyu.domain.errors import InputError
from siyu.files import SourceFile, TextForm, fetched, format_of, read_csv, read_json
from siyu.files.batches import LINE, MALFORMED, RAW
from siyu.privacy.settings import PeopleSettings

COLUMNS: Final = (
    "user_id",
    "email",
    "phone",
    "language",
    "timezone",
    "consent_purpose",
    "consent_channel",
    "consent_state",
    "consent_at",
    "consent_how",
    "consent_text",
)
"""Columns of a people file; only ``user_id`` must be there. Several rows of one user hold several consents."""

FILE: Final = "_file"
"""Column: name of the file that a row came from."""

OWN: Final = ((FILE, pa.string()), (LINE, pa.int64()), (MALFORMED, pa.bool_()), (RAW, pa.string()))
"""Columns that say where a row came from, and what it said where :data:`COLUMNS` do not hold all of it."""


def read(files: Sequence[SourceFile], settings: PeopleSettings) -> pa.Table:
    """All rows of ``files``, in order: :data:`COLUMNS` and :data:`OWN`; a line that is no row is ``_malformed``.

    Raises:
        InputError: a file is absent, of an unknown kind or encoding, damaged, or has no ``user_id``.
    """
    tables = [_READERS[format_of(file.path)](file, settings) for file in files]
    return pa.concat_tables(tables) if tables else bare(pa.table({}))


def bare(table: pa.Table) -> pa.Table:
    """``table`` (in any of :data:`COLUMNS`) with all columns of a reading; its rows are of no file."""
    count = table.num_rows
    nulls = pa.nulls(count, pa.string())
    found = {name: table[name].cast(pa.string()) if name in table.column_names else nulls for name in COLUMNS}
    own: dict[str, pa.Array] = {name: pa.nulls(count, kind) for name, kind in OWN}
    return pa.table({**found, **own, MALFORMED: pa.repeat(pa.scalar(False), count)})


def _csv(file: SourceFile, settings: PeopleSettings) -> pa.Table:
    return _ours(file, _decoded(settings, lambda form: read_csv([file], form)), settings)


def _json(file: SourceFile, settings: PeopleSettings) -> pa.Table:
    names = tuple(dict.fromkeys(settings.columns.get(name, name) for name in COLUMNS))
    table = _decoded(settings, lambda form: read_json([file], form, names, flat=True))
    users = table[settings.columns.get("user_id", "user_id")]
    rows = table.num_rows - (pc.sum(table[MALFORMED]).as_py() or 0)
    if rows and users.null_count == table.num_rows:
        raise _no_user(file, [name for name in names if table[name].null_count < table.num_rows])
    return _ours(file, table, settings)


def _decoded(settings: PeopleSettings, rows: Callable[[TextForm], pa.RecordBatchReader]) -> pa.Table:
    """All rows, in the encoding that the settings state; where they state none, in the one the file is in."""
    try:
        return rows(settings.form).read_all()
    except InputError as error:
        likely = error.facts.get("encoding")
        if not likely or "encoding" in settings.model_fields_set:
            raise
        return rows(replace(settings.form, encoding=str(likely))).read_all()


def _parquet(file: SourceFile, settings: PeopleSettings) -> pa.Table:
    with TemporaryDirectory() as folder:
        try:
            table = pq.ParquetFile(fetched(file, Path(folder))).read()
            texts = {name: table[name].cast(pa.string()) for name in _wanted(table.column_names, settings).values()}
        except (pa.ArrowException, OSError) as error:
            raise InputError(
                f"{file.name} cannot be read as Parquet.",
                why=_cause(error),
                next_step="Export it again, with columns of plain values.",
                file=file.name,
            ) from error
    count = table.num_rows
    lines = pa.array(range(1, count + 1), pa.int64())
    own = {LINE: lines, MALFORMED: pa.repeat(pa.scalar(False), count), RAW: pa.nulls(count, pa.string())}
    return _ours(file, pa.table({**texts, **own}), settings)


_READERS: Final[dict[str, Callable[[SourceFile, PeopleSettings], pa.Table]]] = {
    "csv": _csv,
    "jsonl": _json,
    "parquet": _parquet,
}


def _cause(error: Exception) -> str:
    """What failed, without the row it failed at: that may hold an address, and errors are logged."""
    return (getattr(error, "strerror", None) or str(error).split(":")[0]) + "."


def _wanted(names: Sequence[str], settings: PeopleSettings) -> dict[str, str]:
    """Our column names to those of ``names`` that hold them; letter case does not matter."""
    theirs = {name.lower(): name for name in reversed(names)}
    asked = {name: settings.columns.get(name, name).strip().lower() for name in COLUMNS}
    return {name: theirs[column] for name, column in asked.items() if column in theirs}


def _ours(file: SourceFile, table: pa.Table, settings: PeopleSettings) -> pa.Table:
    theirs = _wanted(table.column_names, settings)
    if "user_id" not in theirs:
        raise _no_user(file, [name for name in table.column_names if not name.startswith("_")])
    nulls = pa.nulls(table.num_rows, pa.string())
    found = {name: table[theirs[name]] if name in theirs else nulls for name in COLUMNS}
    own = {name: table[name] for name in (LINE, MALFORMED, RAW)}
    return pa.table({**found, FILE: pa.repeat(pa.scalar(file.name), table.num_rows), **own})


def _no_user(file: SourceFile, names: Sequence[str]) -> InputError:
    return InputError(
        f"{file.name} has no column for the person's id.",
        why=f"Its columns are: {', '.join(names[:20])}.",
        next_step='Say which one it is: columns = { user_id = "..." } under [people] in siyu.toml.',
        file=file.name,
        field="user_id",
    )

"""``catalogue_raw``: the rows of a catalogue's files. A catalogue fits in memory; events have a reader of their own."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Sequence
from glob import glob
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from siyu.catalogue.settings import CatalogueSettings
from siyu.domain.errors import InputError
from siyu.engine.port import Engine, ParquetFiles, Sql

_FORMATS = {".parquet": "parquet", ".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
_LARGEST = 2_000_000_000


def open_files(engine: Engine, source: CatalogueSettings) -> tuple[tuple[str, ...], pa.Schema]:
    """Make ``catalogue_raw`` readable; return the files' names and its columns.

    Raises:
        InputError: a file is missing, too large, not decodable, or not of the format.
    """
    paths = sorted({Path(path) for entry in source.paths for path in _found(entry)})
    kinds = {source.format if source.format != "auto" else _format(path) for path in paths}
    if len(kinds) > 1:
        raise InputError(
            f"Source {source.name!r} mixes {' and '.join(sorted(kinds))}.", next_step="Make a source of each."
        )
    if kinds == {"parquet"}:
        schema = _open_parquet(engine, paths)
    else:
        read = _csv_rows if kinds == {"csv"} else _json_rows
        table = pa.concat_tables(
            [_table(read(_text(path, source), source), path) for path in paths], promote_options="default"
        )
        engine.table("catalogue_raw", table)
        schema = table.schema
    return tuple(path.name for path in paths), schema


def _open_parquet(engine: Engine, paths: Sequence[Path]) -> pa.Schema:
    for path in paths:
        try:
            pq.read_metadata(path)
        except (pa.ArrowInvalid, OSError) as error:
            raise InputError(
                f"{path.name} is no Parquet file.", why=str(error), next_step="Export it again."
            ) from error
    engine.table("catalogue_files", ParquetFiles(tuple(map(str, paths))))
    engine.table("catalogue_raw", Sql("SELECT *, FALSE AS _malformed FROM catalogue_files"))
    first = next(iter(engine.batches("SELECT * FROM catalogue_raw LIMIT 1")), None)
    return first.schema if first is not None else pq.read_schema(paths[0]).append(pa.field("_malformed", pa.bool_()))


def _found(entry: str) -> list[str]:
    found = [path for path in glob(entry, recursive=True) if Path(path).is_file()]
    found = found or [entry] * Path(entry).is_file()
    if not found:
        raise InputError(f"There is no file {entry!r}.", why="Nothing fits that name.", next_step="Correct paths.")
    return found


def _format(path: Path) -> str:
    ending = path.with_suffix("").suffix if path.suffix.lower() in (".gz", ".zst") else path.suffix
    if ending.lower() not in _FORMATS:
        raise InputError(
            f"The format of {path.name} is not known.", why=f"Known: {', '.join(_FORMATS)}.", next_step="Set format."
        )
    return _FORMATS[ending.lower()]


def _text(path: Path, source: CatalogueSettings) -> str:
    try:
        if path.suffix.lower() == ".gz":
            with gzip.open(path) as packed:
                raw = packed.read(_LARGEST + 1)
        else:
            with pa.input_stream(str(path), compression="detect") as stream:
                raw = stream.read(_LARGEST + 1)
        if len(raw) > _LARGEST:
            raise InputError(f"{path.name} is too large for a catalogue.", why=f"Over {_LARGEST:,} bytes.")
        return raw.removeprefix(b"\xef\xbb\xbf").decode(source.encoding)
    except (UnicodeDecodeError, LookupError, OSError, EOFError) as error:
        raise InputError(
            f"{path.name} cannot be read as {source.encoding}.",
            why=str(error),
            next_step="Set the encoding it was written in, for example gb18030.",
            file=path.name,
        ) from error


def _csv_rows(text: str, source: CatalogueSettings) -> tuple[list[str], list[list[str] | None]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=source.delimiter)
    rows: list[list[str] | None] = []
    header: list[str] = []
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return header, rows
        except csv.Error:
            rows.append(None)
            continue
        if not header:
            header = [name.strip() for name in row]
        elif row:
            rows.append(row if len(row) == len(header) else None)


def _json_rows(text: str, source: CatalogueSettings) -> tuple[list[str], list[list[str] | None]]:
    del source
    parsed = [_object(line) for line in text.split("\n") if line.strip()]
    names = list(dict.fromkeys(name for row in parsed if row for name in row))
    return names, [None if row is None else [_cell(row.get(name)) for name in names] for row in parsed]


def _object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _table(read: tuple[list[str], list[list[str] | None]], path: Path) -> pa.Table:
    names, rows = read
    if len(set(names)) != len(names):
        raise InputError(f"{path.name} names a column twice.", why=", ".join(names)[:500], next_step="Rename one.")
    empty = [""] * len(names)
    columns = list(zip(*(row or empty for row in rows), strict=True)) or [()] * len(names)
    made: dict[str, Iterable[Any]] = {
        name: pa.array([cell or None for cell in column], pa.string())
        for name, column in zip(names, columns, strict=True)
    }
    made["_file"] = pa.array([path.name] * len(rows), pa.string())
    made["_row"] = pa.array(range(1, len(rows) + 1), pa.int64())
    made["_malformed"] = pa.array([row is None for row in rows], pa.bool_())
    return pa.table(made)

"""``catalogue_raw``: the rows of a source's files, whatever their format, with where each came from."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from siyu.catalogue.feeds import FEEDS
from siyu.catalogue.feeds.recognising import recognised
from siyu.catalogue.settings import CatalogueSettings
from siyu.domain.errors import InputError
from siyu.domain.progress import Progress, Step, silent
from siyu.engine.port import Engine, ParquetFiles, Sql
from siyu.engine.sql import quote
from siyu.files import SourceFile, fetched
from siyu.files.batches import OWN

SPOOL = ".catalogue"
"""Folder under the engine's root in which text lies as Parquet while it is imported, so that memory holds a batch."""

BOOKKEEPING = ("_file", "_row", "_part", "_malformed", "_raw")
"""Columns of ``catalogue_raw`` that are no product's."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The files of a source, open as ``catalogue_raw`` with the columns of ``schema``."""

    files: tuple[SourceFile, ...]
    format: str
    schema: pa.Schema


@contextmanager
def opened_files(
    engine: Engine, source: CatalogueSettings, files: tuple[SourceFile, ...], progress: Progress = silent
) -> Iterator[Opened]:
    """Make ``catalogue_raw`` readable for as long as the block lasts.

    Raises:
        InputError: a file is missing, too large, not decodable, or not of the format.
    """
    folder = Path(engine.root) / SPOOL
    shutil.rmtree(folder, ignore_errors=True)
    try:
        kinds = {source.format if source.format != "auto" else recognised(file, source) for file in files}
        if len(kinds) > 1:
            raise InputError(
                f"Source {source.name!r} mixes {' and '.join(sorted(kinds))}.",
                why="The files of one source are read in one way.",
                next_step="Make a source of each.",
            )
        kind = kinds.pop()
        read = (
            _open_parquet(engine, files, folder) if kind == "parquet" else _spool(engine, source, kind, files, progress)
        )
        _require_items(source, files, read)
        yield Opened(files, kind, read)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _require_items(source: CatalogueSettings, files: tuple[SourceFile, ...], schema: pa.Schema) -> None:
    names = [name for name in schema.names if name not in BOOKKEEPING and name not in dict(OWN)]
    if not names:
        raise InputError(
            f"{', '.join(file.name for file in files)} is empty.",
            why="It has no header and no rows.",
            next_step="Export it again.",
            file=files[0].name,
        )
    if not {"item"} & {*names, *source.columns, *source.constants}:
        raise InputError(
            f"{files[0].name} has no column for the product's id.",
            why=f"Its columns are: {', '.join(names)[:500]}.",
            next_step='Say which one it is: columns = { item = "..." } for this source in siyu.toml.',
            file=files[0].name,
            field="item",
        )


def _open_parquet(engine: Engine, files: tuple[SourceFile, ...], folder: Path) -> pa.Schema:
    paths = [fetched(file, folder) for file in files]
    for file, path in zip(files, paths, strict=True):
        try:
            pq.read_metadata(path)
        except (pa.ArrowInvalid, OSError) as error:
            raise InputError(
                f"{file.name} is no Parquet file.", why=str(error), next_step="Export it again.", file=file.name
            ) from error
    engine.table("catalogue_files", ParquetFiles(tuple(map(str, paths))))
    extra = "CAST(0 AS INT) AS _part, FALSE AS _malformed, CAST(NULL AS VARCHAR) AS _raw"
    engine.table("catalogue_raw", Sql(f"SELECT *, {extra} FROM catalogue_files"))
    first = next(iter(engine.batches("SELECT * FROM catalogue_raw LIMIT 1")), None)
    return first.schema if first is not None else pq.read_schema(paths[0]).append(pa.field("_raw", pa.string()))


def _spool(
    engine: Engine, source: CatalogueSettings, kind: str, files: tuple[SourceFile, ...], progress: Progress
) -> pa.Schema:
    folder = Path(engine.root) / SPOOL
    folder.mkdir(mode=0o700, parents=True)
    path = folder / f"{uuid4().hex}.parquet"
    rows = FEEDS.load(kind)(source, files)
    count = 0
    with pq.ParquetWriter(path, rows.schema, compression="lz4") as writer:
        for batch in rows:
            writer.write_batch(batch)
            count += batch.num_rows
            progress(Step("catalogue.read", count))
    engine.table("catalogue_files", ParquetFiles((str(path),)))
    own = {name for name, _ in OWN}
    names = ", ".join(quote(name) for name in rows.schema.names if name not in own)
    kept = "_origin AS _file, _line AS _row, _part, _malformed, _raw"
    engine.table("catalogue_raw", Sql(f"SELECT {names + ', ' if names else ''}{kept} FROM catalogue_files"))
    return rows.schema

"""``import_raw``: the rows of a source's files, whatever their format, with where each came from."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from siyu.domain.errors import InputError
from siyu.domain.progress import Progress, Step
from siyu.engine.port import Engine, ParquetFiles, Sql
from siyu.events.readers import reader
from siyu.events.settings import SourceSettings
from siyu.files import SourceFile, fetched, format_of
from siyu.files.batches import OWN

_OWN_COLUMNS = ("parquet", "csv", "jsonl")
"""Formats in the shop's own columns, which the mapping names."""

SPOOL = ".intake"
"""Folder under the engine's root in which text files lie as Parquet while they are imported (owner only)."""


def sweep(engine: Engine) -> None:
    """Remove what an import that was killed has left of its spool."""
    shutil.rmtree(Path(engine.root) / SPOOL, ignore_errors=True)


class Intake:
    """Makes ``import_raw`` readable for as long as the block lasts.

    Parquet is read where it lies. Text is first written to a spool as Parquet, every column text, with ``_raw`` (the
    line, where columns do not hold all of it) and ``_malformed``. The spool holds raw ids, so it is removed at the
    end; what a kill leaves is removed by the next import.

    Attributes:
        rows: rows in the files.
        source: the source as its rows are to be mapped (without the columns that its reader has made ours).
        schema: columns of ``import_raw``.
    """

    def __init__(self, engine: Engine, source: SourceSettings, files: Sequence[SourceFile], progress: Progress) -> None:
        self.files = tuple(files)
        self._engine = engine
        self.source = source
        self._source = source
        self._progress = progress
        self._folder = Path(engine.root) / SPOOL
        self.rows = 0
        self.schema = pa.schema([])

    def __enter__(self) -> Intake:
        shutil.rmtree(self._folder, ignore_errors=True)
        try:
            self._open()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def names(self) -> list[str]:
        """The files' own columns."""
        return [name for name in self.schema.names if name not in {name for name, _ in OWN}]

    def _open(self) -> None:
        formats = {self._source.format if self._source.format != "auto" else format_of(f.path) for f in self.files}
        if len(formats) > 1:
            raise InputError(
                f"Source {self._source.name!r} mixes {' and '.join(sorted(formats))}.",
                why="The files of one source are read in one way.",
                next_step="Make a source of each.",
            )
        kind = formats.pop()
        if kind == "parquet":
            self._number()
        else:
            self._spool(kind)
        first = next(iter(self._engine.batches("SELECT * FROM import_raw LIMIT 1")), None)
        self.schema = first.schema if first is not None else self.schema
        if kind not in _OWN_COLUMNS:  # a call of Segment's has our columns already
            kept = {
                f: c for f, c in self._source.columns.items() if c in self.schema.names or f not in self.schema.names
            }
            self.source = self._source.model_copy(update={"columns": kept})

    def _number(self) -> None:
        """Rows of Parquet files, in the order of the files, with their place among all as ``_key``."""
        here = [fetched(file, self._folder) for file in self.files]
        counts = [_rows(path) for path in here]
        self.rows = sum(counts)
        paths = list(map(str, here))
        before = [sum(counts[:place]) for place in range(len(counts))]
        self._engine.table("import_files", ParquetFiles(tuple(paths)))
        self._engine.table("import_offsets", pa.table({"path": paths, "before": pa.array(before, pa.int64())}))
        extra = "CAST(0 AS INT) AS _part, FALSE AS _malformed, CAST(NULL AS VARCHAR) AS _raw"
        numbered = f"SELECT r.*, o.before + r._row AS _key, {extra} FROM import_files r JOIN import_offsets o"
        self._engine.table("import_raw", Sql(f"{numbered} ON o.path = r._file"))

    def _spool(self, kind: str) -> None:
        self._folder.mkdir(mode=0o700, parents=True)
        path = self._folder / f"{uuid4().hex}.parquet"
        rows = reader(kind)(self._source, self.files)
        with pq.ParquetWriter(path, rows.schema, compression="lz4") as writer:
            for batch in rows:
                writer.write_batch(batch)
                self.rows += batch.num_rows
                self._progress(Step("import.read", self.rows))
        self.schema = rows.schema
        self._engine.table("import_files", ParquetFiles((str(path),)))
        place = "CAST(_row AS BIGINT) AS _key"
        own = {name for name, _ in OWN}
        names = ", ".join('"' + name.replace('"', '""') + '"' for name in rows.schema.names if name not in own)
        kept = f"{place}, _origin AS _file, _line AS _row, _part, _malformed, _raw"
        self._engine.table("import_raw", Sql(f"SELECT {names + ', ' if names else ''}{kept} FROM import_files"))


def _rows(path: Path) -> int:
    try:
        return int(pq.read_metadata(path).num_rows)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(
            f"{path.name} is no Parquet file.", why=str(error), next_step="Export it again.", file=path.name
        ) from error

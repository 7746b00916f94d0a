"""The embedded engine: DuckDB over Parquet, one machine, the default."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from siyu.domain.errors import StorageError
from siyu.engine import manifest
from siyu.engine.layers import Layer, crowded, layers
from siyu.engine.manifest import DataFile, HiddenKeys, Manifest
from siyu.engine.port import BatchFunction, ParquetFiles, Source, Sql
from siyu.engine.sql import literal, quote

_DENSE, _LIGHT = "zstd", "lz4"
_ROWS, _KEYS, _KEPT = "rows", "keys", "kept"
"""Folders of one version: what was given, which keys it hides, and the earlier rows where all is written as one."""


class EmbeddedEngine:
    """DuckDB in this process; datasets are Parquet files under ``root``.

    Example:
        >>> import tempfile
        >>> engine = EmbeddedEngine(Path(tempfile.mkdtemp()))
        >>> engine.write("SELECT 1 AS a UNION ALL SELECT 2", "numbers")
        1
        >>> engine.table("numbers", "numbers")
        >>> [batch.to_pydict() for batch in engine.batches("SELECT sum(a)::BIGINT AS s FROM numbers")]
        [{'s': [3]}]
    """

    def __init__(self, root: Path, *, memory: str = "2GB", threads: int = 0) -> None:
        self.root = Path(root)
        self.root.mkdir(parents=True, exist_ok=True)
        self._connection = duckdb.connect(
            config={
                "memory_limit": memory,
                "temp_directory": str(self.root / ".spill"),
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                **({"threads": str(threads)} if threads else {}),
            }
        )
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("SET preserve_insertion_order = false")

    def table(self, name: str, source: Source, *, after: int = 0) -> None:
        """Make ``source`` readable as ``name``; see :class:`siyu.engine.port.Engine`."""
        inner = f"{name}#rows"
        if isinstance(source, pa.Table):
            rows = source  # found by the query below by its name
            self._connection.execute(f"CREATE OR REPLACE TABLE {quote(inner)} AS SELECT * FROM rows")
            scan = f"SELECT * FROM {quote(inner)}"
            del rows
        else:
            scan = self._scan(source, after)
        with _storage_errors(f"reading {name}"):
            self._connection.execute(f"CREATE OR REPLACE VIEW {quote(name)} AS {scan}")

    def write(
        self,
        source: str | pa.RecordBatchReader,
        dataset: str,
        *,
        append: bool = False,
        supersede: str | None = None,
        partition_by: Sequence[str] = (),
        meta: Mapping[str, object] | None = None,
        scratch: bool = False,
    ) -> int:
        """Publish a query or a stream; see :class:`siyu.engine.port.Engine`."""
        packing = _LIGHT if scratch else _DENSE

        def fill_folder(folder: Path) -> None:
            if isinstance(source, str):
                self._copy(source, folder, packing, partition_by)
            else:
                _stream(source, source.schema, folder, packing)

        return self._publish(dataset, fill_folder, append=append, supersede=supersede, meta=meta)

    def map_arrow(
        self,
        sql: str,
        function: BatchFunction,
        schema: pa.Schema,
        dataset: str,
        *,
        append: bool = False,
        supersede: str | None = None,
        meta: Mapping[str, object] | None = None,
        scratch: bool = False,
        rows: int = 65_536,
    ) -> int:
        """Publish a batch function over a query; see :class:`siyu.engine.port.Engine`."""
        packing = _LIGHT if scratch else _DENSE

        def fill_folder(folder: Path) -> None:
            _stream((function(batch) for batch in self.batches(sql, rows=rows)), schema, folder, packing)

        return self._publish(dataset, fill_folder, append=append, supersede=supersede, meta=meta)

    def batches(self, sql: str, *, rows: int = 65_536) -> Iterator[pa.RecordBatch]:
        """Rows of ``sql`` in batches; each call has a cursor of its own, so that readers may be nested."""
        cursor = self._connection.cursor()
        try:
            with _storage_errors("running a query"):
                yield from cursor.sql(sql).to_arrow_reader(rows)
        finally:
            cursor.close()

    def drop(self, dataset: str) -> None:
        """Remove a dataset; see :class:`siyu.engine.port.Engine`."""
        manifest.forget(self.root, dataset)

    def _scan(self, source: str | ParquetFiles | Sql, after: int) -> str:
        if isinstance(source, Sql):
            return source.text
        return _outside_scan(source) if isinstance(source, ParquetFiles) else self._dataset_scan(source, after)

    def _dataset_scan(self, dataset: str, after: int) -> str:
        found = manifest.require(self.root, dataset)
        scans = [self._layer_scan(dataset, layer) for layer in layers(found, after=after)]
        if scans:
            return " UNION ALL ".join(scans)
        return f"SELECT * FROM {self._files(dataset, found.files[:1])} WHERE false"

    def _layer_scan(self, dataset: str, layer: Layer) -> str:
        scan = f"SELECT r.* FROM {self._files(dataset, layer.files)} AS r"
        for key in sorted({keys.key for keys in layer.hides}):
            hiding = self._files(dataset, tuple(keys for keys in layer.hides if keys.key == key))
            scan = f"SELECT r.* FROM ({scan}) AS r ANTI JOIN {hiding} AS h ON h.{quote(key)} = r.{quote(key)}"
        return scan

    def _files(self, dataset: str, files: Sequence[DataFile] | Sequence[HiddenKeys]) -> str:
        paths = _list([str(self.root / dataset / file.path) for file in files])
        return f"read_parquet({paths}, hive_partitioning = false)"

    def _copy(self, sql: str, folder: Path, packing: str = _DENSE, partition_by: Sequence[str] = ()) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        cursor = self._connection.cursor()
        try:
            with _storage_errors("writing a dataset"):
                if partition_by:
                    keys = ", ".join(quote(name) for name in partition_by)
                    options = f"PARTITION_BY ({keys}), WRITE_PARTITION_COLUMNS true"
                    target = folder
                else:
                    options, target = "ROW_GROUP_SIZE 122880", folder / "part-0.parquet"
                cursor.execute(
                    f"COPY ({sql}) TO {literal(str(target))} (FORMAT parquet, COMPRESSION {packing}, {options})"
                )
        finally:
            cursor.close()

    def _publish(
        self,
        dataset: str,
        fill_folder: Callable[[Path], None],
        *,
        append: bool,
        supersede: str | None,
        meta: Mapping[str, object] | None,
    ) -> int:
        before = manifest.find(self.root, dataset)
        version = (before.version if before else 0) + 1
        folder = self.root / dataset / f"v{version}-{uuid4().hex[:8]}"
        try:
            folder.mkdir(parents=True)
            fill_folder(folder / _ROWS)
            added = self._described(folder / _ROWS, version)
            if before and supersede:
                now = self._superseded(dataset, before, supersede, added, folder)
            elif before and append:
                now = replace(before, files=before.files + added)
            else:
                now = Manifest(version, added)
            manifest.switch(self.root, dataset, replace(now, version=version, meta=dict(meta or {})))
        except BaseException as error:
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, OSError):
                raise StorageError(
                    f"Dataset {dataset!r} could not be written.",
                    why=str(error),
                    next_step="Free space or make the folder writable, then run the stage again; nothing was changed.",
                ) from error
            raise
        manifest.drop_strays(
            self.root, dataset
        )  # after the switch: nothing that fails now may touch what was published
        return version

    def _superseded(
        self, dataset: str, before: Manifest, supersede: str, added: tuple[DataFile, ...], folder: Path
    ) -> Manifest:
        """``before`` with ``added`` on top and the keys of ``supersede`` hidden, in layers or written as one."""
        version = before.version + 1
        self._copy(f"SELECT DISTINCT * FROM ({supersede})", folder / _KEYS)
        (path,) = (folder / _KEYS).glob("*.parquet")
        (key,) = pq.read_schema(path).names
        count = pq.read_metadata(path).num_rows
        keys = HiddenKeys(str(path.relative_to(self.root / dataset)), key, count, version)
        merged = replace(before, files=before.files + added, hides=(*before.hides, keys) if count else before.hides)
        if not crowded(before, sum(file.rows for file in added)):
            return replace(merged, hidden=sum(file.rows for file in merged.files) - self._count(dataset, merged))
        older = replace(merged, files=before.files)
        scans = [self._layer_scan(dataset, layer) for layer in layers(older)]
        self._copy(" UNION ALL ".join(scans), folder / _KEPT)
        return Manifest(version, self._described(folder / _KEPT, version) + added)

    def _count(self, dataset: str, found: Manifest) -> int:
        scans = " UNION ALL ".join(self._layer_scan(dataset, layer) for layer in layers(found))
        return sum(batch.column(0)[0].as_py() for batch in self.batches(f"SELECT count(*) FROM ({scans})"))

    def _described(self, folder: Path, version: int) -> tuple[DataFile, ...]:
        dataset_folder = folder.parent.parent
        return tuple(_describe(path, dataset_folder, version) for path in sorted(folder.rglob("*.parquet")))


def _describe(path: Path, dataset_folder: Path, version: int) -> DataFile:
    return DataFile(str(path.relative_to(dataset_folder)), pq.read_metadata(path).num_rows, version)


def _stream(
    batches: Iterator[pa.RecordBatch] | pa.RecordBatchReader, schema: pa.Schema, folder: Path, packing: str
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(folder / "part-0.parquet", schema, compression=packing) as writer:
        for batch in batches:
            if batch.num_rows:
                writer.write_batch(batch)


def _list(paths: Sequence[str]) -> str:
    return "[" + ", ".join(literal(path) for path in paths) + "]"


def _outside_scan(files: ParquetFiles) -> str:
    return (
        "SELECT * EXCLUDE (filename, file_row_number), filename AS _file, file_row_number + 1 AS _row FROM "
        f"read_parquet({_list(files.paths)}, filename = true, file_row_number = true, union_by_name = true)"
    )


class _storage_errors:  # noqa: N801 - reads as a phrase: with _storage_errors("writing")
    """Turns DuckDB's input-output and memory errors into ours; others (a wrong query) pass as they are."""

    def __init__(self, doing: str) -> None:
        self._doing = doing

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (duckdb.IOException, duckdb.OutOfMemoryException)):
            raise StorageError(
                f"The engine failed while {self._doing}.",
                why=str(error).splitlines()[0],
                next_step="Free disk space, or raise [engine] memory in siyu.toml, then run the stage again.",
            ) from error

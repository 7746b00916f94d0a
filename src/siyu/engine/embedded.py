"""The embedded engine: DuckDB over Parquet, one machine, the default."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import duckdb
import pyarrow as pa
from pydantic import BaseModel

from siyu.domain.errors import StorageError
from siyu.engine.manifest import DataFile, HiddenKeys
from siyu.engine.port import BatchFunction, NoOptions, ParquetFiles, Source, Sql
from siyu.engine.publishing import DENSE, LIGHT, ParquetEngine, stream
from siyu.engine.sql import literal, quote


class EmbeddedEngine(ParquetEngine):
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

    Options: ClassVar[type[BaseModel]] = NoOptions

    def __init__(self, root: Path, *, memory: str = "2GB", threads: int = 0, options: NoOptions | None = None) -> None:
        del options  # none beyond memory and threads
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
            self._connection.register("given#rows", source)
            self._connection.execute(f'CREATE OR REPLACE TABLE {quote(inner)} AS SELECT * FROM "given#rows"')
            self._connection.unregister("given#rows")
            scan = f"SELECT * FROM {quote(inner)}"
        else:
            scan = self._scan(source, after)
        with _storage_errors(f"reading {name}"):
            self._connection.execute(f"CREATE OR REPLACE VIEW {quote(name)} AS {scan}")

    def seal(self) -> None:
        """From now on nothing outside ``root`` can be read or written, in SQL or as a dataset; there is no way back."""
        self._connection.execute(
            f"SET allowed_directories = {_list(sorted({str(self.root), str(self.root.resolve())}))}"
        )
        self._connection.execute("SET enable_external_access = false")

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
        packing = LIGHT if scratch else DENSE

        def fill_folder(folder: Path) -> None:
            stream((function(batch) for batch in self.batches(sql, rows=rows)), schema, folder, packing)

        return self._publish(dataset, fill_folder, append=append, supersede=supersede, meta=meta)

    def batches(self, sql: str, *, rows: int = 65_536) -> Iterator[pa.RecordBatch]:
        """Rows of ``sql`` in batches; each call has a cursor of its own, so that readers may be nested."""
        cursor = self._connection.cursor()
        try:
            with _storage_errors("running a query"):
                yield from cursor.sql(sql).to_arrow_reader(rows)
        finally:
            cursor.close()

    def _scan(self, source: str | ParquetFiles | Sql, after: int) -> str:
        if isinstance(source, Sql):
            return source.text
        return _outside_scan(source) if isinstance(source, ParquetFiles) else self._dataset_scan(source, after)

    def _files(self, dataset: str, files: Sequence[DataFile] | Sequence[HiddenKeys]) -> str:
        paths = _list([str(self.root / dataset / file.path) for file in files])
        return f"read_parquet({paths}, hive_partitioning = false)"

    def _copy(self, sql: str, folder: Path, packing: str = DENSE, partition_by: Sequence[str] = ()) -> None:
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
        if isinstance(error, duckdb.IOException) and "No space left" in str(error):
            named = re.search(r'[^"\\ ]*/[^"\\ ]+', str(error))
            raise StorageError(
                "The disk is full.",
                why=f"{named[0] if named else self._doing}: No space left on device.",
                next_step="Free space, then run the stage again; nothing was changed.",
                retry=True,
            ) from error
        if isinstance(error, (duckdb.IOException, duckdb.OutOfMemoryException)):
            raise StorageError(
                f"The engine failed while {self._doing}.",
                why=str(error).splitlines()[0],
                next_step="Free disk space, or raise [engine] memory in siyu.toml, then run the stage again.",
            ) from error

"""The Spark engine: the same datasets, SQL and batch functions on any Spark, through Spark Connect."""

from __future__ import annotations

import os
import re
import shutil
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel

from siyu.domain.errors import StorageError
from siyu.engine.manifest import DataFile, HiddenKeys
from siyu.engine.port import BatchFunction, ParquetFiles, Source, Sql
from siyu.engine.publishing import DENSE, LIGHT, ParquetEngine
from siyu.engine.spark_batches import OutsideReader, Worker, plain, task_list
from siyu.engine.spark_options import SparkOptions
from siyu.engine.spark_session import open_session
from siyu.engine.sql import quote

SPOOL = ".spark"
"""Folder under the engine's root for small tables, owner only; one inside it for each session, removed when it ends."""

_PACKINGS = {DENSE: "zstd", LIGHT: "snappy"}


@dataclass(slots=True)
class _View:
    """Something readable by name. Spark binds a view to what its names mean now; ours mean what they will mean later,
    so a view is made when a query needs it, and again when what it reads has been made anew.
    """

    make: Callable[[], Any]
    reads: frozenset[str] = frozenset()
    made: int = 0


class SparkEngine(ParquetEngine):
    """Spark over Parquet files in a folder that all its machines see under the same path.

    Relational work runs as SQL translated by :mod:`siyu.engine.dialect`, batch functions through ``mapInArrow``.
    Streams and small tables are written by this process. Needs the extra ``spark``.
    """

    Options: ClassVar[type[BaseModel]] = SparkOptions

    def __init__(
        self, root: Path, *, memory: str = "2GB", threads: int = 0, options: SparkOptions | None = None
    ) -> None:
        self.root = Path(root)
        self.root.mkdir(parents=True, exist_ok=True)
        self._session = open_session(options or SparkOptions(), memory=memory, threads=threads)
        from siyu.engine.dialect import to_spark  # of the extra, which open_session has found

        self._translate = to_spark
        self._views: dict[str, _View] = {}
        self._clock = count(1)
        _sweep(self.root / SPOOL)
        self._spool = self.root / SPOOL / f"{os.uname().nodename}-{os.getpid()}-{uuid4().hex[:8]}"
        weakref.finalize(self, shutil.rmtree, self._spool, ignore_errors=True)

    def table(self, name: str, source: Source, *, after: int = 0) -> None:
        """Make ``source`` readable as ``name``; see :class:`siyu.engine.port.Engine`."""
        if isinstance(source, pa.Table):
            self._views[name] = _View(self._kept(source))
        elif isinstance(source, ParquetFiles):
            self._views[name] = _View(self._outside(source))
        else:
            text = source.text if isinstance(source, Sql) else self._dataset_scan(source, after)
            translated = self._translate(text)
            self._views[name] = _View(lambda: self._run(translated.text), translated.reads)

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
            with _storage_errors("running a batch function"):
                self._session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(rows))
                made = self._frame(sql).mapInArrow(Worker(function, schema, rows), _spark_schema(schema))
                self._save(made, folder, packing)

        return self._publish(dataset, fill_folder, append=append, supersede=supersede, meta=meta)

    def batches(self, sql: str, *, rows: int = 65_536) -> Iterator[pa.RecordBatch]:
        """Rows of ``sql`` in batches, as they arrive from Spark."""
        with _storage_errors("running a query"):
            frame = self._frame(sql)
            plan = frame._plan.to_proto(self._session.client)  # toArrow would hold all rows at once
            for found in self._session.client.to_table_as_iterator(plan, frame._plan.observations):
                if isinstance(found, pa.Table):
                    for batch in found.to_batches(max_chunksize=rows):
                        yield plain(batch)

    def _frame(self, sql: str) -> Any:
        translated = self._translate(sql)
        for name in translated.reads:
            self._prepare(name)
        return self._run(translated.text)

    def _run(self, text: str) -> Any:
        try:
            return self._session.sql(text)
        except Exception as error:
            error.add_note(f"The query was: {text}")
            raise

    def _prepare(self, name: str) -> int:
        """Make the view ``name`` and what it reads, where that is not done already; when it was made."""
        view = self._views.get(name)
        if view is None:
            return 0
        latest = max((self._prepare(other) for other in view.reads if other != name), default=0)
        if view.made <= latest:
            view.make().createOrReplaceTempView(name)
            view.made = next(self._clock)
        return view.made

    def _files(self, dataset: str, files: Sequence[DataFile] | Sequence[HiddenKeys]) -> str:
        paths = [self.root / dataset / file.path for file in files]
        name = f"files_{dataset}_{hash(tuple(map(str, paths))) & 0xFFFFFFFFFFFF:x}"
        self._views.setdefault(name, _View(lambda: self._parquet(paths)))
        return quote(name)

    def _parquet(self, paths: Sequence[Path]) -> Any:
        schema = _spark_schema(pq.read_schema(paths[0]))
        return self._session.read.schema(schema).parquet(*map(_uri, paths))

    def _kept(self, rows: pa.Table) -> Callable[[], Any]:
        path = self._spool / f"{uuid4().hex[:12]}.parquet"
        self._spool.parent.mkdir(exist_ok=True, mode=0o700)
        self._spool.mkdir(exist_ok=True, mode=0o700)
        pq.write_table(plain(rows), path, compression="lz4")
        return lambda: self._parquet([path])

    def _outside(self, files: ParquetFiles) -> Callable[[], Any]:
        reader = OutsideReader.of(files.paths)
        tasks = self._kept(task_list(files.paths))
        return lambda: tasks().mapInArrow(reader, _spark_schema(reader.schema))

    def _copy(self, sql: str, folder: Path, packing: str = DENSE, partition_by: Sequence[str] = ()) -> None:
        with _storage_errors("writing a dataset"):
            self._save(self._frame(sql), folder, packing, partition_by)

    def _save(self, frame: Any, folder: Path, packing: str, partition_by: Sequence[str] = ()) -> None:
        columns = {f"__part_{name}": frame[name] for name in partition_by}  # Spark leaves out what it parts by
        writer = (frame.withColumns(columns) if columns else frame).write.mode("overwrite")
        writer.partitionBy(*columns).option("compression", _PACKINGS[packing]).parquet(_uri(folder))
        folder.mkdir(parents=True, exist_ok=True)
        if next(folder.rglob("*.parquet"), None) is None:
            pq.write_table(_arrow_schema(frame.schema).empty_table(), folder / "part-0.parquet")


def _sweep(spools: Path) -> None:
    """Remove what sessions that were killed on this machine have left."""
    for folder in spools.glob(f"{os.uname().nodename}-*"):
        pid = folder.name.split("-")[-2]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _uri(path: Path) -> str:
    return f"file://{path.resolve()}"


def _spark_schema(schema: pa.Schema) -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(plain(schema), prefer_timestamp_ntz=True)


def _arrow_schema(schema: Any) -> pa.Schema:
    from pyspark.sql.pandas.types import to_arrow_schema

    return plain(to_arrow_schema(schema, timezone="UTC"))


class _storage_errors:  # noqa: N801 - reads as a phrase: with _storage_errors("writing")
    """Turns failures of Spark itself into ours; others (a wrong query, a batch function's) pass as they are."""

    def __init__(self, doing: str) -> None:
        self._doing = doing

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is not None and type(error).__name__ in _LOST:
            details = _DETAILS.search(str(error))
            raise StorageError(
                f"Spark failed while {self._doing}.",
                why=(details[1] if details else str(error).splitlines()[0])[:300],
                next_step="Look at Spark's own log, then run the stage again; nothing was changed.",
                retry=True,
            ) from error


_LOST = {"SparkConnectGrpcException", "RetriesExceeded", "_InactiveRpcError", "_MultiThreadedRendezvous"}
"""What is raised where the server is gone or broke down; a wrong query or a failing function has its own class."""
_DETAILS = re.compile(r'details = "([^"]+)"')

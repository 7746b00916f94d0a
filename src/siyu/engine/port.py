"""The engine port: five methods over published datasets, written once for one machine and for a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

BatchFunction = Callable[[pa.RecordBatch], pa.RecordBatch]


@dataclass(frozen=True, slots=True)
class ParquetFiles:
    """Parquet files from outside, with two columns more: ``_file`` (path) and ``_row`` (1 = first row of the file)."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sql:
    """A query that becomes readable under a name (a view: nothing is copied)."""

    text: str


Source: TypeAlias = str | ParquetFiles | Sql | pa.Table


class Engine(Protocol):
    """Runs SQL (DuckDB's dialect, the subset of ``docs/reference/sql-subset.md``) and batch functions over datasets.

    A dataset is a name such as ``events`` under the engine's root. It is published atomically: readers see the old
    version or the new one, never half of it, whatever happens to the writer.
    """

    root: Path

    def table(self, name: str, source: Source, *, after: int = 0) -> None:
        """Make ``source`` readable in SQL as ``name``.

        Args:
            source: a dataset's name, Parquet files from outside, a query, or a small Arrow table.
            after: for a dataset, only the files appended by versions later than this one.

        Raises:
            MissingDataError: there is no such dataset.
        """
        ...

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
        """Publish the rows of a query or of a stream as ``dataset`` and return its new version.

        Args:
            append: keep the rows already there.
            supersede: a query of one column; rows already there whose value in the column of that name is in its
                answer are hidden from now on, the others are kept. So a daily run rewrites only whom it touched; a key
                without new rows is deleted. Layers are written as one again before they make reading dear.
            partition_by: rows that these separate land in different files.
            meta: stored in the manifest (JSON values), replacing what was there.
            scratch: for a stage's own use: lightly compressed; the stage drops it.
        """
        ...

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
        """Publish ``function`` over the batches of ``sql``; one row must hold all that one row of work needs.

        A batch has at most ``rows`` rows; the rest is as in :meth:`write`.
        """
        ...

    def batches(self, sql: str, *, rows: int = 65_536) -> Iterator[pa.RecordBatch]:
        """The rows of ``sql`` as Arrow batches of at most ``rows`` rows; nothing assumes they fit in memory."""
        ...

    def drop(self, dataset: str) -> None:
        """Remove ``dataset``; nothing happens where there is none."""
        ...


class NoOptions(BaseModel):
    """Options of an engine that has none beyond memory and threads."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EngineFactory(Protocol):
    """Opens an engine over a folder that all its machines see."""

    Options: type[BaseModel]

    def __call__(self, root: Path, *, memory: str, threads: int, options: Any) -> Engine:
        """``memory`` as ``2GB``; ``threads`` 0 takes every core; ``options`` is an ``Options``."""
        ...

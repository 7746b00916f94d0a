"""What runs on Spark's workers: batch functions, and the reading of Parquet files from outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

import pyarrow as pa
import pyarrow.parquet as pq

from siyu.engine.port import BatchFunction

Shaped = TypeVar("Shaped", pa.Schema, pa.Table, pa.RecordBatch)


def plain(shaped: Shaped) -> Shaped:
    """Without what Spark has no word for: no column is "not null", no number unsigned, no text large or a dictionary.

    Example:
        >>> plain(pa.schema([pa.field("n", pa.uint32(), nullable=False), ("t", pa.large_string())])).types
        [DataType(int64), DataType(string)]
    """
    schema = shaped if isinstance(shaped, pa.Schema) else shaped.schema
    relaxed = pa.schema([pa.field(field.name, _plain_type(field.type)) for field in schema])
    if isinstance(shaped, pa.Schema):
        return relaxed
    return shaped if shaped.schema.equals(relaxed) else cast("Shaped", shaped.cast(relaxed))


_SIMPLE = {
    pa.uint8(): pa.int16(),
    pa.uint16(): pa.int32(),
    pa.uint32(): pa.int64(),
    pa.uint64(): pa.int64(),
    pa.large_string(): pa.string(),
    pa.large_binary(): pa.binary(),
    pa.string_view(): pa.string(),
    pa.binary_view(): pa.binary(),
    pa.null(): pa.string(),
    pa.float16(): pa.float32(),
}


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _plain_type(kind.value_type)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(_plain_type(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(field.name, _plain_type(field.type)) for field in kind])
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", kind.tz)
    return _SIMPLE.get(kind, kind)


@dataclass(frozen=True, slots=True)
class Worker:
    """A batch function as Spark calls it: over the batches of one partition."""

    function: BatchFunction
    schema: pa.Schema
    rows: int

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """What ``function`` makes of each batch of at most ``rows`` rows."""
        for given in batches:
            for start in range(0, given.num_rows, self.rows):
                made = self.function(plain(given.slice(start, self.rows)))
                if made.num_rows:
                    yield plain(made.cast(self.schema))


def task_list(paths: Sequence[str]) -> pa.Table:
    """The row groups of Parquet files, one row each: path, number, and the rows that come before it in its file."""
    rows: list[tuple[str, int, int]] = []
    for path in paths:
        known, before = pq.read_metadata(path), 0
        for group in range(known.num_row_groups):
            rows.append((path, group, before))
            before += known.row_group(group).num_rows
    names = {"path": pa.string(), "row_group": pa.int32(), "before": pa.int64()}
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return pa.table({name: pa.array(column, names[name]) for name, column in zip(names, columns, strict=True)})


@dataclass(frozen=True, slots=True)
class OutsideReader:
    """Reads the row groups of :func:`task_list` with ``_file`` and ``_row``; columns a file lacks are null."""

    schema: pa.Schema

    @classmethod
    def of(cls, paths: Sequence[str]) -> OutsideReader:
        """A reader for files whose columns are united by name."""
        schemas = [pq.read_schema(path).remove_metadata() for path in paths]
        united = plain(pa.unify_schemas(schemas, promote_options="permissive"))
        return cls(united.append(pa.field("_file", pa.string())).append(pa.field("_row", pa.int64())))

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The rows of the row groups named by ``batches``."""
        for tasks in batches:
            for task in tasks.to_pylist():
                yield from self._read(task["path"], task["row_group"], task["before"])

    def _read(self, path: str, row_group: int, before: int) -> Iterator[pa.RecordBatch]:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(row_groups=[row_group]):
                size = batch.num_rows
                own = {
                    "_file": pa.array([path], pa.string()).take(pa.array([0] * size, pa.int8())),
                    "_row": pa.array(range(before + 1, before + size + 1), pa.int64()),
                }
                columns = [
                    own[field.name]
                    if field.name in own
                    else plain(batch).column(field.name).cast(field.type)
                    if field.name in batch.schema.names
                    else pa.nulls(size, field.type)
                    for field in self.schema
                ]
                yield pa.record_batch(columns, schema=self.schema)
                before += size

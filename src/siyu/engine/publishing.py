"""What engines share: datasets as Parquet files with a manifest, published in one step, in layers where asked for."""

from __future__ import annotations

import errno
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from siyu.domain.errors import StorageError
from siyu.engine import manifest
from siyu.engine.layers import Layer, crowded, layers
from siyu.engine.manifest import DataFile, HiddenKeys, Manifest
from siyu.engine.sql import quote

DENSE, LIGHT = "zstd", "lz4"
"""How datasets are packed: to last, and for a stage's own use."""

_ROWS, _KEYS, _KEPT = "rows", "keys", "kept"
"""Folders of one version: what was given, which keys it hides, and the earlier rows where all is written as one."""


class ParquetEngine(ABC):
    """The half of an engine that does not depend on who runs the SQL. Any of them opens what another has written.

    An engine adds: how to name files in SQL (:meth:`_files`), how to write a query as Parquet (:meth:`_copy`), and
    how to read one (:meth:`batches`).
    """

    root: Path

    @abstractmethod
    def batches(self, sql: str, *, rows: int = 65_536) -> Iterator[pa.RecordBatch]:
        """The rows of ``sql`` as Arrow batches; see :class:`siyu.engine.port.Engine`."""

    @abstractmethod
    def _files(self, dataset: str, files: Sequence[DataFile] | Sequence[HiddenKeys]) -> str:
        """Files of a dataset as something that may stand after FROM."""

    @abstractmethod
    def _copy(self, sql: str, folder: Path, packing: str = DENSE, partition_by: Sequence[str] = ()) -> None:
        """Write the rows of ``sql`` as Parquet files with all their columns under ``folder``, at least one file."""

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
        packing = LIGHT if scratch else DENSE

        def fill_folder(folder: Path) -> None:
            if isinstance(source, str):
                self._copy(source, folder, packing, partition_by)
            else:
                stream(source, source.schema, folder, packing)

        return self._publish(dataset, fill_folder, append=append, supersede=supersede, meta=meta)

    def drop(self, dataset: str) -> None:
        """Remove a dataset; see :class:`siyu.engine.port.Engine`."""
        manifest.forget(self.root, dataset)

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
                    why=f"{folder.parent}: {os.strerror(error.errno) if error.errno else error}.",
                    next_step="Free space or make the folder writable, then run the stage again; nothing was changed.",
                    retry=error.errno in (errno.ENOSPC, errno.EDQUOT),
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
        self._copy(f"SELECT DISTINCT * FROM ({supersede}) AS k", folder / _KEYS)
        hidden = self._described(folder / _KEYS, version)
        (key,) = pq.read_schema(self.root / dataset / hidden[0].path).names
        keys = tuple(HiddenKeys(file.path, key, file.rows, version) for file in hidden if file.rows)
        merged = replace(before, files=before.files + added, hides=before.hides + keys)
        if not crowded(before, sum(file.rows for file in added)):
            return replace(merged, hidden=sum(file.rows for file in merged.files) - self._count(dataset, merged))
        older = replace(merged, files=before.files)
        scans = [self._layer_scan(dataset, layer) for layer in layers(older)]
        self._copy(" UNION ALL ".join(scans), folder / _KEPT)
        kept = self._described(folder / _KEPT, before.version)  # not new: who reads what is new must not see them
        return Manifest(version, kept + added)

    def _count(self, dataset: str, found: Manifest) -> int:
        scans = " UNION ALL ".join(self._layer_scan(dataset, layer) for layer in layers(found))
        return sum(batch.column(0)[0].as_py() for batch in self.batches(f"SELECT count(*) FROM ({scans}) AS rows"))

    def _described(self, folder: Path, version: int) -> tuple[DataFile, ...]:
        dataset_folder = folder.parent.parent
        files = [
            DataFile(str(path.relative_to(dataset_folder)), pq.read_metadata(path).num_rows, version)
            for path in sorted(folder.rglob("*.parquet"))
        ]
        return tuple(file for file in files if file.rows) or tuple(files[:1])


def stream(
    batches: Iterator[pa.RecordBatch] | pa.RecordBatchReader, schema: pa.Schema, folder: Path, packing: str
) -> None:
    """Write batches as one Parquet file in ``folder``; one without rows where there are none.

    Parquet's own types are all that is stored: other readers would take Arrow's (a dictionary) at their word.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "part-0.parquet"
    with pq.ParquetWriter(
        path, schema, compression=packing, store_schema=False, use_dictionary=_repeating(schema)
    ) as writer:
        for batch in batches:
            if batch.num_rows:
                writer.write_batch(batch)


def _repeating(schema: pa.Schema) -> list[str]:
    """Leaf columns whose values are said once: those of dictionary types, or all but measured amounts without any.

    A dictionary of values that hardly repeat only makes a file larger, and slower to write.
    """
    leaves = [leaf for field in schema for leaf in _leaves(field.type, field.name)]
    said = [path for path, kind in leaves if pa.types.is_dictionary(kind)]
    return said or [path for path, kind in leaves if not pa.types.is_floating(kind)]


def _leaves(kind: pa.DataType, path: str) -> Iterator[tuple[str, pa.DataType]]:
    """Leaf columns as Parquet names them."""
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from _leaves(kind.value_type, f"{path}.list.element")
    elif pa.types.is_struct(kind):
        for field in kind:
            yield from _leaves(field.type, f"{path}.{field.name}")
    else:
        yield path, kind

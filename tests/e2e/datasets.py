"""What the datasets of a project say, whoever wrote them: compared row by row, in any order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from siyu.engine import Engine, manifest, open_engine

OF_A_COPY = {"quarantine": ("payload",), "imports": ("place",)}
"""Columns that differ between copies of a project: what is sealed with a number drawn anew, and where files lie."""


@dataclass(frozen=True)
class Contents:
    """The rows of one dataset, doubles to nine significant digits, and their checksum: the sum of every row's hash."""

    rows: pa.Table
    checksum: str


def contents(tables: Path) -> dict[str, Contents]:
    """Every dataset under ``tables``, read as Parquet without the engine that wrote it."""
    engine = open_engine("embedded", tables, memory="2GB")
    names = sorted(path.parent.name for path in tables.glob(f"*/{manifest.NAME}"))
    return {name: _contents(engine, name) for name in names}


def differences(one: Mapping[str, Contents], other: Mapping[str, Contents], scratch: Path) -> dict[str, str]:
    """Datasets whose checksums differ, each with its rows that only the one or only the other has, and an example."""
    engine = open_engine("embedded", scratch, memory="2GB")
    found: dict[str, str] = {}
    for name in sorted(one.keys() | other.keys()):
        left, right = one.get(name), other.get(name)
        if left is None or right is None:
            found[name] = "only the one has it" if left else "only the other has it"
        elif left.checksum != right.checksum:
            found[name] = f"{_only(engine, left, right)}; {_only(engine, right, left)}"
    return found


def _contents(engine: Engine, name: str) -> Contents:
    engine.table("read", name)
    batches = list(engine.batches("SELECT * FROM read"))
    (first, *_) = batches or [None]
    if first is None:
        return Contents(pa.table({}), "no rows")
    rows = pa.Table.from_batches(batches)
    rows = rows.drop_columns([column for column in OF_A_COPY.get(name, ()) if column in rows.schema.names])
    rounded = pa.table([_rounded(column.combine_chunks()) for column in rows.columns], names=rows.schema.names)
    engine.table("rounded", rounded)
    sums = "SELECT CAST(sum(hash(a_whole_row)) AS VARCHAR) AS total, count(*) AS n FROM rounded AS a_whole_row"
    ((total, n),) = [tuple(row.values()) for batch in engine.batches(sums) for row in batch.to_pylist()]
    types = [f"{field.name} {field.type}" for field in rounded.schema]
    return Contents(rounded, f"{total} of {n} rows of {types}")


def _only(engine: Engine, one: Contents, other: Contents) -> str:
    engine.table("one", one.rows)
    engine.table("other", other.rows)
    try:
        rows = [r for b in engine.batches("SELECT * FROM one EXCEPT ALL SELECT * FROM other") for r in b.to_pylist()]
    except Exception as error:  # other columns, or other types
        return f"{error}: {one.rows.schema}"
    return f"{len(rows)} of {one.rows.num_rows} rows, {str(rows[:1])[:1500]}"


def _rounded(array: pa.Array) -> pa.Array:
    kind = array.type
    if pa.types.is_floating(kind):
        return _significant(array)
    if pa.types.is_list(kind):
        inner = _rounded(array.flatten())
        lengths = np.diff(array.offsets.to_numpy()) if array.null_count == 0 else _lengths(array)
        offsets = pa.array(np.concatenate(([0], np.cumsum(lengths))), pa.int32())
        return pa.ListArray.from_arrays(offsets, inner, mask=array.is_null())
    if pa.types.is_struct(kind):
        fields = [_rounded(part) for part in array.flatten()]
        return pa.StructArray.from_arrays(fields, names=[field.name for field in kind], mask=array.is_null())
    return array


def _lengths(array: pa.ListArray) -> np.ndarray:
    return np.where(array.is_null().to_numpy(zero_copy_only=False), 0, np.diff(array.offsets.to_numpy()))


def _significant(array: pa.Array) -> pa.Array:
    """Doubles to nine significant digits."""
    values = array.fill_null(0.0).to_numpy(zero_copy_only=False).astype(float)
    with np.errstate(all="ignore"):
        scale = 10.0 ** (8 - np.floor(np.log10(np.abs(values))))
        rounded = np.where(np.isfinite(scale) & (scale > 0), np.round(values * scale) / scale, values) + 0.0
    return pa.array(rounded, pa.float64(), mask=array.is_null().to_numpy(zero_copy_only=False))

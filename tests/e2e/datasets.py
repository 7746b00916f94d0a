"""What the datasets of a project say, whoever wrote them: compared row by row, in any order."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siyu.engine import manifest, open_engine

SEALED = {"quarantine": ("payload",)}
"""Columns that are encrypted: the same row is sealed differently every time."""


@dataclass(frozen=True)
class Contents:
    """The rows of one dataset, each as text, with how often it occurs; and its types."""

    rows: Counter[str]
    types: tuple[tuple[str, str], ...]

    @property
    def checksum(self) -> str:
        """Depends on every row and not on their order."""
        digests = Counter({hashlib.sha256(row.encode()).hexdigest(): n for row, n in self.rows.items()})
        return hashlib.sha256(json.dumps([self.types, sorted(digests.items())]).encode()).hexdigest()


def contents(tables: Path) -> dict[str, Contents]:
    """Every dataset under ``tables``, read as Parquet without the engine that wrote it."""
    names = sorted(path.parent.name for path in tables.glob(f"*/{manifest.NAME}"))
    return {name: _contents(tables, name) for name in names}


def differences(one: dict[str, Contents], other: dict[str, Contents]) -> dict[str, tuple[str, str]]:
    """Datasets whose checksums differ, each with a row that only the one and a row that only the other has."""
    found: dict[str, tuple[str, str]] = {}
    for name in sorted(one.keys() | other.keys()):
        left, right = one.get(name), other.get(name)
        if left is None or right is None:
            found[name] = (str(left is not None), str(right is not None))
        elif left.checksum != right.checksum:
            found[name] = (_only(left, right), _only(right, left))
    return found


def _only(one: Contents, other: Contents) -> str:
    rows = one.rows - other.rows
    return f"{rows.total()} of {one.rows.total()} rows: {min(rows)[:1000]}" if rows else str(one.types)


def _contents(tables: Path, name: str) -> Contents:
    engine = open_engine("embedded", tables, memory="1GB")
    engine.table("t", name)
    rows: Counter[str] = Counter()
    types: tuple[tuple[str, str], ...] = ()
    for batch in engine.batches("SELECT * FROM t"):
        shown = batch.drop_columns([column for column in SEALED.get(name, ()) if column in batch.schema.names])
        types = tuple((field.name, str(field.type)) for field in shown.schema)
        rows.update(json.dumps(_same(row), ensure_ascii=False, sort_keys=True) for row in shown.to_pylist())
    return Contents(rows, types)


def _same(value: Any) -> Any:
    """A value as it is on every engine: doubles to nine significant digits."""
    if isinstance(value, float):
        return f"{value:.9g}"
    if isinstance(value, dict):
        return {key: _same(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_same(inner) for inner in value]
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if hasattr(value, "isoformat") else value

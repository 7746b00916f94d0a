"""What every test of imports needs: keys that can be checked, and a writer of small files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from siyu.domain.clock import Clock
from siyu.engine.embedded import EmbeddedEngine
from siyu.events import ImportReport, SourceSettings, import_events


def name_of(raw: str) -> str:
    """The pseudonym that the tests give to a raw id."""
    return hashlib.sha256(raw.encode()).hexdigest()[:32]


def pseudonymise(raw: pa.Array) -> pa.Array:
    return pa.array([name_of(one) for one in raw.to_pylist()], pa.string())


def encrypt(payload: pa.Array) -> pa.Array:
    return pa.array([one.encode()[::-1] for one in payload.to_pylist()], pa.binary())


Importer = Callable[..., ImportReport]


@pytest.fixture
def take(engine: EmbeddedEngine, clock: Clock) -> Importer:
    """Import with settings given as keywords; accounts are always checked."""

    def run(**settings: Any) -> ImportReport:
        source = SourceSettings(**{"name": "shop", "constants": {"currency": "CNY"}, **settings})
        report = import_events(engine, source, pseudonymise=pseudonymise, encrypt=encrypt, clock=clock)
        assert report.read == report.accepted + sum(report.quarantined.values())
        assert sum(report.fields.values()) == sum(report.quarantined.values())
        assert sum(report.kinds.values()) == report.events
        return report

    return run


def rows(engine: EmbeddedEngine, dataset: str, order: str = "1") -> list[dict[str, Any]]:
    engine.table(dataset, dataset)
    return [row for batch in engine.batches(f"SELECT * FROM {dataset} ORDER BY {order}") for row in batch.to_pylist()]


def set_aside(engine: EmbeddedEngine) -> list[tuple[int, str, str]]:
    return [(row["row"], row["reason"], row["field"]) for row in rows(engine, "quarantine", '"row"')]


def jsonl(path: Path, *lines: dict[str, Any] | str) -> str:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    path.write_text(text + "\n", "utf-8")
    return str(path)

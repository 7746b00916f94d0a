"""The same files give the same datasets on Spark, in one import and in two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from siyu.domain.clock import Clock
from siyu.engine import Engine, open_engine
from siyu.events import SourceSettings, import_events

from .conftest import encrypt, jsonl, pseudonymise

pytestmark = pytest.mark.slow
DATASETS = {"events": "event_id", "quarantine": 'file, "row", reason', "returns_waiting": "event_id"}


def days() -> list[list[dict[str, Any] | str]]:
    """Two days: links, orders, copies, a bot, a review, returns before and after what they undo, rows that are none."""
    first: list[dict[str, Any] | str] = [
        {"user_id": "u", "anonymous_id": "a", "kind": "identify", "ts": "2026-05-01T09:00:00Z"},
        {"anonymous_id": "a", "kind": "search", "ts": "2026-05-01T09:10:00Z", "query": "red shoes"},
        {"user_id": "u", "kind": "purchase", "ts": "2026-05-01T09:20:00Z", "item": "x", "quantity": 2, "order_id": "o"},
        {"user_id": "u", "kind": "purchase", "ts": "2026-05-01T09:25:00Z", "item": "y", "quantity": 1, "order_id": "o"},
        {"user_id": "u", "kind": "return", "ts": "2026-05-03T09:00:00Z", "item": "x", "quantity": 3},
        {"user_id": "v", "kind": "return", "ts": "2026-05-03T09:00:00Z", "item": "x", "quantity": 1},
        {"event_id": "m", "user_id": "v", "kind": "browse", "ts": "2026-05-01T10:00:00Z", "item": "x"},
        {"event_id": "m", "user_id": "v", "kind": "browse", "ts": "2026-05-01T10:00:00Z", "item": "z"},
        {
            "user_id": "v",
            "kind": "review",
            "ts": "2026-05-01T11:00:00Z",
            "item": "x",
            "text": "真丝很舒服",
            "rating": 5,
        },
        {"user_id": "v", "kind": "browse", "ts": "tomorrow", "item": "x"},
        "{broken",
    ]
    first += [
        {"user_id": "robot", "kind": "browse", "ts": f"2026-05-01T10:00:{n % 60:02d}Z", "item": f"{n}"}
        for n in range(120)
    ]
    second: list[dict[str, Any] | str] = [
        {"user_id": "v", "kind": "purchase", "ts": "2026-05-02T09:00:00Z", "item": "x", "quantity": 1},
        {"user_id": "u", "kind": "purchase", "ts": "2026-05-02T09:00:00Z", "item": "x", "quantity": 1},
        {"user_id": "u", "kind": "browse", "ts": "2026-05-01T09:40:00Z", "item": "x"},
        first[2],
        {"event_id": "m", "user_id": "v", "kind": "browse", "ts": "2026-05-01T10:00:00Z", "item": "x"},
    ]
    return [first, second]


def taken(engine: Engine, folder: Path, clock: Clock) -> tuple[list[Any], dict[str, list[dict[str, Any]]]]:
    reports = []
    for number in (1, 2):
        source = SourceSettings(name="shop", paths=(str(folder / f"{number}.jsonl"),), constants={"currency": "CNY"})
        reports.append(import_events(engine, source, pseudonymise=pseudonymise, encrypt=encrypt, clock=clock))
    rows: dict[str, list[dict[str, Any]]] = {}
    for dataset, order in DATASETS.items():
        engine.table(dataset, dataset)
        rows[dataset] = [
            row for batch in engine.batches(f"SELECT * FROM {dataset} ORDER BY {order}") for row in batch.to_pylist()
        ]
    return reports, rows


def test_an_import_is_the_same_on_spark(tmp_path: Path, clock: Clock, sail: dict[str, object]) -> None:
    for number, lines in enumerate(days(), 1):
        jsonl(tmp_path / f"{number}.jsonl", *lines)
    here = taken(open_engine("embedded", tmp_path / "here", memory="500MB", threads=1), tmp_path, clock)
    there = taken(open_engine("spark", tmp_path / "there", options=sail), tmp_path, clock)
    assert here[0] == there[0]
    assert here[1] == there[1]
    first, second = here[0]
    assert (first.quarantined["bot"], first.quarantined["orphan-return"], second.healed) == (120, 1, 2)

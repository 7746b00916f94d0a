"""A kill at any step: the next import of the same files ends where an undisturbed one does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from siyu.domain.clock import Clock
from siyu.engine.embedded import EmbeddedEngine
from siyu.events import ImportReport, SourceSettings, import_events

from .conftest import encrypt, jsonl, pseudonymise, rows

DAY = "2026-05-0"
LINES: list[dict[str, Any] | str] = [
    {"user_id": "u", "anonymous_id": "a", "kind": "browse", "ts": f"{DAY}1T10:00:00Z", "item": "x"},
    {"anonymous_id": "a", "kind": "search", "ts": f"{DAY}1T10:05:00Z", "query": "red shoes"},
    {"user_id": "u", "kind": "purchase", "ts": f"{DAY}1T10:06:00Z", "item": "x", "quantity": 2},
    {"user_id": "u", "kind": "return", "ts": f"{DAY}2T10:06:00Z", "item": "x", "quantity": 1},
    {"user_id": "u", "kind": "return", "ts": f"{DAY}2T10:06:00Z", "item": "y"},
    {"user_id": "u", "kind": "purchase", "ts": f"{DAY}1T10:06:00Z", "item": "x", "quantity": 2},
    "nonsense",
]


class KilledError(BaseException):
    """What stands for kill -9: nothing of ours catches it."""


def run(engine: EmbeddedEngine, clock: Clock, *paths: str) -> ImportReport:
    source = SourceSettings(name="shop", paths=paths)
    return import_events(engine, source, pseudonymise=pseudonymise, encrypt=encrypt, clock=clock)


def state(engine: EmbeddedEngine) -> list[list[dict[str, Any]]]:
    return [rows(engine, name, order) for name, order in
            (("events", "event_id"), ("quarantine", '"row"'), ("aliases", "alias"), ("imports", "file"))]  # fmt: skip


def _dying(publish: Callable[..., int], at: int, *, after: bool) -> Callable[..., int]:
    count = 0

    def dying(self: EmbeddedEngine, dataset: str, *fill: Any, **options: Any) -> int:
        nonlocal count
        lasting = dataset in ("imports", "aliases", "events", "quarantine")
        if lasting and count == at and not after:
            raise KilledError
        version = publish(self, dataset, *fill, **options)
        count += lasting
        if lasting and count == at + 1 and after:
            raise KilledError
        return version

    return dying


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(5))
def test_kill_at_every_publish(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, at: int, after: bool
) -> None:
    """Published are, in order: the intent, aliases, events, quarantine, the journal; kill before or after each."""
    first = jsonl(tmp_path / "1.jsonl", {"user_id": "u", "kind": "purchase", "ts": f"{DAY}1", "item": "x"})
    second = jsonl(tmp_path / "2.jsonl", *LINES)
    whole = EmbeddedEngine(tmp_path / "whole", memory="1GB", threads=1)
    run(whole, clock, first)
    undisturbed = run(whole, clock, second)

    engine = EmbeddedEngine(tmp_path / "killed", memory="1GB", threads=1)
    run(engine, clock, first)
    with monkeypatch.context() as patched:
        patched.setattr(EmbeddedEngine, "_publish", _dying(EmbeddedEngine._publish, at, after=after))
        with pytest.raises(KilledError):
            run(engine, clock, second)

    if at == 4 and after:  # the journal was the last: the import had succeeded
        assert state(engine) == state(whole)
        return
    report = run(EmbeddedEngine(tmp_path / "killed", memory="1GB", threads=1), clock, second)
    again = EmbeddedEngine(tmp_path / "killed", memory="1GB", threads=1)
    assert state(again) == state(whole)
    assert (report.read, report.accepted, report.events) == (undisturbed.read, undisturbed.accepted, undisturbed.events)
    assert dict(report.quarantined) == dict(undisturbed.quarantined)
    assert report.resumed == (at > 0 or after)
    assert run(again, clock, first, second).read == 0


def test_another_writer_after_the_kill_is_not_taken_for_ours(
    tmp_path: Path, engine: EmbeddedEngine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = jsonl(tmp_path / "2.jsonl", *LINES)
    write = engine.write

    def dying(source: Any, dataset: str, **options: Any) -> int:
        if dataset == "events":
            raise KilledError
        return write(source, dataset, **options)

    monkeypatch.setattr(engine, "write", dying)
    with pytest.raises(KilledError):
        run(engine, clock, second)
    monkeypatch.setattr(engine, "write", write)
    other = SourceSettings(name="messages", paths=(jsonl(tmp_path / "o.jsonl", LINES[0]),))
    import_events(engine, other, pseudonymise=pseudonymise, encrypt=encrypt, clock=clock)
    report = run(engine, clock, second)
    assert (report.events, dict(report.quarantined)["duplicate-id"]) == (3, 1)  # the browse came by the other source


def test_erased_manifest_meta_of_events_does_no_harm(tmp_path: Path, engine: EmbeddedEngine, clock: Clock) -> None:
    path = jsonl(tmp_path / "1.jsonl", *LINES)
    run(engine, clock, path)
    engine.table("kept", "events")
    engine.write("SELECT * FROM kept", "events")  # another room rewrites it, without meta
    assert run(engine, clock, path).skipped == ("1.jsonl",)

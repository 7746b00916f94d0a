"""The audit log holds every change to it against itself."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from siyu.store import audit
from siyu.store.database import Store, open_store

AT = datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "siyu.db"


@pytest.fixture
def store(path: Path) -> Store:
    store = open_store(path)
    with store.connection() as connection:
        for number, action in enumerate(("campaign.create", "campaign.approve", "person.erase")):
            detail = {"n": number, "词": "新"}
            audit.append(connection, at=AT, actor="ann", action=action, subject="spring", detail=detail)
    return store


def test_a_log_left_alone_is_whole_and_starts_from_zeros(store: Store) -> None:
    with store.reading() as connection:
        verdict = audit.verify(connection)
        newest = audit.entries(connection, subject="spring", limit=1)[0]
    assert (verdict.entries, verdict.broken_at, verdict.head) == (3, None, newest.hash)
    assert (newest.seq, newest.action, newest.at) == (3, "person.erase", AT)


def test_an_empty_log_is_whole(path: Path) -> None:
    with open_store(path).reading() as connection:
        assert audit.verify(connection) == audit.Verdict(0, None, audit.GENESIS)


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = 'bob'", "DELETE FROM audit"])
def test_the_database_refuses_changes(store: Store, change: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"), store.connection() as connection:
        connection.execute(text(change))


@pytest.mark.parametrize(
    ("change", "broken_at"),
    [
        ("UPDATE audit SET detail = '{}' WHERE seq = 2", 2),
        ("UPDATE audit SET at = at + 1 WHERE seq = 1", 1),
        ("DELETE FROM audit WHERE seq = 1", 1),
        ("UPDATE audit SET hash = 'f' WHERE seq = 3", 3),
    ],
)
def test_a_change_behind_its_back_is_found(store: Store, path: Path, change: str, broken_at: int) -> None:
    store.close()
    with sqlite3.connect(path) as plain:
        plain.execute("DROP TRIGGER audit_no_update")
        plain.execute("DROP TRIGGER audit_no_delete")
        plain.execute(change)
    with open_store(path).reading() as connection:
        assert audit.verify(connection).broken_at == broken_at

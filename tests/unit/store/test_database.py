"""The store on real SQLite files: transactions, durability, failures in our words."""

from __future__ import annotations

import sqlite3
import stat
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from siyu.domain.errors import MissingExtraError, SettingsError, StorageError
from siyu.store import meta
from siyu.store.database import Store, open_store
from siyu.store.tables import SCHEMA_VERSION

FULL, NORMAL = 2, 1  # what PRAGMA synchronous answers


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "siyu.db"


def _put(store: Store, name: str, value: object) -> None:
    with store.connection() as connection:
        meta.put(connection, name, value)


def _get(store: Store, name: str) -> object:
    with store.reading() as connection:
        return meta.get(connection, name)


def _put_and_fail(connection: Connection) -> None:
    meta.put(connection, "half", 1)
    raise ZeroDivisionError


def test_what_is_committed_is_there_after_reopening(path: Path) -> None:
    _put(open_store(path), "shop", {"name": "灯 & Co", "since": 2011})
    assert _get(open_store(f"sqlite:///{path}"), "shop") == {"name": "灯 & Co", "since": 2011}


def test_an_error_in_the_block_takes_everything_back(path: Path) -> None:
    store = open_store(path)
    with pytest.raises(ZeroDivisionError), store.connection() as connection:
        _put_and_fail(connection)
    assert _get(store, "half") is None


def test_the_file_is_private_and_in_wal_mode_with_foreign_keys(path: Path) -> None:
    store = open_store(path)
    _put(store, "a", 1)
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    with store.reading() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert connection.execute(text("PRAGMA secure_delete")).scalar() == 1


def test_durable_transactions_sync_fully_and_only_they(path: Path) -> None:
    store = open_store(path)
    for durable, level in ((False, NORMAL), (True, FULL), (False, NORMAL)):
        with store.connection(durable=durable) as connection:
            assert connection.execute(text("PRAGMA synchronous")).scalar() == level


def test_a_reader_neither_waits_for_a_writer_nor_sees_its_half(path: Path) -> None:
    store = open_store(path)
    _put(store, "n", 1)
    with store.connection() as writer:
        meta.put(writer, "n", 2)
        assert _get(store, "n") == 1
    assert _get(store, "n") == 2


def test_opening_does_not_wait_for_a_writer(path: Path) -> None:
    first = open_store(path)
    with first.connection():
        assert _get(open_store(path, busy_seconds=0.05), "schema") == SCHEMA_VERSION


def test_a_second_writer_is_told_that_the_store_is_locked(path: Path) -> None:
    first, second = open_store(path), open_store(path, busy_seconds=0.05)
    with first.connection(), pytest.raises(StorageError, match="Another process is writing") as refused:
        _put(second, "a", 1)
    assert refused.value.retry
    assert refused.value.next_step


def test_a_newer_schema_is_refused_and_left_alone(path: Path) -> None:
    _put(open_store(path), "schema", SCHEMA_VERSION + 1)
    with pytest.raises(StorageError, match="newer version") as refused:
        open_store(path)
    assert refused.value.facts == {"found": SCHEMA_VERSION + 1, "known": SCHEMA_VERSION}
    with sqlite3.connect(path) as plain:
        assert plain.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone() == (str(SCHEMA_VERSION + 1),)


def test_a_full_disk_is_named_and_nothing_is_kept(path: Path) -> None:
    store = open_store(path)
    with store.reading() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar()
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))  # as if the disk ended here
    with pytest.raises(StorageError, match="disk is full"):
        _put(store, "big", "x" * 1_000_000)
    assert _get(store, "big") is None


def test_something_that_is_no_database_is_named(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"user_id,email\n" * 500)
    with pytest.raises(StorageError, match="not a store of Siyu"):
        open_store(path)


def test_a_damaged_file_is_named(path: Path) -> None:
    store = open_store(path)
    with store.connection() as connection:
        for number in range(200):
            meta.put(connection, f"name{number}", "x" * 500)
    store.close()
    with sqlite3.connect(path) as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = bytearray(path.read_bytes())
    whole[4096:] = b"\xff" * (len(whole) - 4096)
    path.write_bytes(whole)
    with pytest.raises(StorageError, match="damaged"):
        _get(open_store(path), "name1")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be opened"):
        open_store(tmp_path / "file" / "siyu.db")


@pytest.mark.parametrize("url", ["mysql://root@host/shop", "nonsense"])
def test_other_databases_are_refused_without_showing_a_password(url: str) -> None:
    with pytest.raises(SettingsError, match="cannot be used"):
        open_store(url)


def test_a_missing_driver_comes_with_its_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "psycopg"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)  # as where it is not installed
    with pytest.raises(MissingExtraError, match="pip install"):
        open_store("postgresql+psycopg://siyu:secret@127.0.0.1:1/shop")

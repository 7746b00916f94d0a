"""What feeds bring that is no product: each is named with file, row, field and reason; what is sound is kept."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from siyu.catalogue import CatalogueSettings, import_products
from siyu.domain.errors import InputError
from siyu.engine.embedded import EmbeddedEngine

from .conftest import Look, Take, at

HEADER = "item,title,price,currency,stock\n"
GOOD = "ok,Mug,9,CNY,3\n"


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        ("a,Cup,-1,CNY,1", "price", "bad-price"),
        ("a,Cup,1e308,CNY,1", "price", "bad-price"),
        ("a,Cup,NaN,CNY,1", "price", "bad-price"),
        ("a,Cup,inf,CNY,1", "price", "bad-price"),
        ("a,Cup,free,CNY,1", "price", "bad-price"),
        ("a,Cup,=1+1,CNY,1", "price", "bad-price"),
        ("a,Cup,0,CNY,1", "price", "zero-price"),
        ("a,Cup,9,XQZ,1", "price", "bad-currency"),
        ("a,Cup,9,,1", "price", "bad-currency"),
        ("a,Cup,9 USD,CNY,1", "price", "bad-currency"),
        ("a,Cup,9,CNY,lots", "stock", "bad-stock"),
        ("a,Cup,9,CNY,-4", "stock", "bad-stock"),
        ("a,?,9,CNY,1", "title", "bad-title"),
        ("a,Cup,9", "row", "malformed"),
        ("a,Cup,9,CNY,1,more", "row", "malformed"),
        ('a,"Cup,9,CNY,1', "row", "malformed"),
        ("a,Cu\0p,9,CNY,1", "row", "malformed"),
        (",Cup,9,CNY,1", "item", "missing-item"),
    ],
)
def test_each_fault_is_named_and_the_rest_is_kept(take: Take, look: Look, line: str, field: str, reason: str) -> None:
    report = take(HEADER + GOOD + line + "\n")
    assert [(p.file, p.row, p.field, p.reason) for p in report.problems] == [("p.csv", 3, field, reason)]
    assert "ok" in {row["item"] for row in look("products")}
    assert {**report.rejected, **report.refused} == {reason: 1}


def test_a_row_that_is_left_out_is_shown(take: Take) -> None:
    """Which of the equal ids it was, and what it held for a time."""
    report = take("item,title,price,currency,observed_at\na,Cup,9,CNY,31.12.2025\nb,Mug,9,CNY,46143.5\n")
    assert [(p.row, p.reason, p.value) for p in report.problems] == [
        (2, "bad-time", "31.12.2025 | Cup"),
        (3, "bad-time", "46143.5 | Mug"),
    ]


def test_moments_are_read_as_those_of_events(take: Take, look: Look) -> None:
    report = take(
        "item,title,price,currency,observed_at\na,Cup,9,CNY,46143.5\nb,Mug,9,CNY,2026-05-01T10:00:00Z\n",
        time_formats=("excel", "iso"),
    )
    assert (report.used, {row["item"] for row in look("products")}) == (2, {"a", "b"})


def test_parquet_of_odd_types(engine: EmbeddedEngine, tmp_path: Path) -> None:
    """NaN is no stock, a decimal is a price, a map holds attributes, a whole number may be a moment."""
    odd = pa.table(
        {
            "item": [1.0, 2.0],
            "title": pa.array(["Cup", "Mug"]).dictionary_encode(),
            "price": pa.array([Decimal("9.90"), None], pa.decimal128(10, 2)),
            "currency": ["CNY", "CNY"],
            "stock": [float("nan"), 3.0],
            "attributes": [{"material": "silk"}, None],
            "observed_at": [1_777_636_800, 1_777_636_800],
        }
    )
    pq.write_table(odd, tmp_path / "p.parquet")
    source = CatalogueSettings(name="shop", paths=(str(tmp_path / "p.parquet"),))
    report = import_products(engine, source, clock=at(1, 6))
    assert (report.products, dict(report.rejected), dict(report.refused)) == (2, {}, {})
    assert report.slots["attr.material"] == 1


@pytest.mark.parametrize(
    ("written", "price", "currency"),
    [
        ("15.00 USD", 15.0, "USD"),
        ("USD 1,299.50", 1299.5, "USD"),
        ("1.299,50 €", 1299.5, "EUR"),
        ("￥１９９", 199.0, "CNY"),
        ("12,5", 12.5, "CNY"),
        ("1299元", 1299.0, "CNY"),
        ("£7", 7.0, "GBP"),
    ],
)
def test_prices_as_they_are_written(take: Take, look: Look, written: str, price: float, currency: str) -> None:
    line = {"item": "a", "title": "Cup", "price": written, "currency": "CNY" if currency == "CNY" else None}
    take(json.dumps(line), name="p.jsonl")
    (product,) = look("products")
    assert (product["price"], product["currency"]) == (price, currency)


TITLES = [
    ("<b>Mug</b> <img src=x onerror=alert(1)>", "Mug"),
    ("Mug {{7*7}} ${7*7} <%= 1 %>", "Mug {{7*7}} ${7*7} <%= 1 %>"),
    ("{% for x in y %}Mug{% endfor %}", "{% for x in y %}Mug{% endfor %}"),
    ("=HYPERLINK(1) Mug", "=HYPERLINK(1) Mug"),
    ("Mug\u202e\u200b", "Mug"),
    ("Mug\nwith a break", "Mug with a break"),
]


@pytest.mark.parametrize(("title", "kept"), TITLES)
def test_markup_templates_and_formulas_are_text(take: Take, look: Look, title: str, kept: str) -> None:
    take(json.dumps({"item": "a", "title": title}), name="p.jsonl")
    assert look("products")[0]["title"] == kept


def packed(text: str, *, name: str = "p.csv") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return buffer.getvalue()


REFUSED: dict[str, tuple[str, bytes, dict[str, Any], str]] = {
    "gzip cut off": ("p.csv.gz", gzip.compress((HEADER + GOOD * 9000).encode())[:-20], {}, "read to its end"),
    "no gzip": ("p.csv.gz", HEADER.encode(), {}, "read to its end"),
    "zip bomb": ("p.csv.zip", packed(HEADER + "a,Mug,9,CNY,3\n" * 2_000_000), {}, "unpacks to more"),
    "zip that leads out": ("p.csv.zip", packed(HEADER, name="../p.csv"), {}, "leads out"),
    "GB18030 undeclared": (
        "p.csv",
        (HEADER + "a,青花瓷杯子,9,CNY,3\n" * 3).encode("gb18030"),
        {},
        'encoding = "gb18030"',
    ),
    "no header": ("p.csv", b"item,item\na,b\n", {}, "no header"),
    "a million columns": ("p.csv", ",".join(f"c{n}" for n in range(1_000_000)).encode() + b"\n", {}, "columns"),
    "unknown ending": ("p.dat", b"x", {}, "not known"),
    "no Parquet": ("p.parquet", b"x" * 100, {}, "no Parquet"),
    "empty": ("p.csv", b"", {}, "is empty"),
    "in its own columns": ("p.csv", b"sku,name\na,Mug\n", {}, "no column for the product's id"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_files_that_are_refused_say_what_to_do_and_change_nothing(
    engine: EmbeddedEngine, tmp_path: Path, fault: str
) -> None:
    name, content, more, words = REFUSED[fault]
    (tmp_path / name).write_bytes(content)
    source = CatalogueSettings(name="shop", paths=(str(tmp_path / name),), **more)
    with pytest.raises(InputError) as caught:
        import_products(engine, source, clock=at(1))
    assert name in str(caught.value)
    assert words in str(caught.value)
    assert caught.value.next_step
    assert [path.name for path in engine.root.iterdir() if not path.name.startswith(".")] == []


def test_gb18030_is_read_where_it_is_declared(take: Take, look: Look) -> None:
    take((HEADER + "a,青花瓷杯子,9,CNY,3\n").encode("gb18030"), encoding="gb18030")
    assert look("products")[0]["title"] == "青花瓷杯子"


def test_a_mark_before_the_header_is_no_part_of_it(take: Take, look: Look) -> None:
    take(b"\xef\xbb\xbf" + (HEADER + GOOD).encode())
    assert look("products")[0]["item"] == "ok"


def test_a_field_of_ten_megabytes_costs_its_row_only(take: Take, look: Look) -> None:
    report = take(HEADER + f"a,{'x' * 10_000_000},9,CNY,3\n" + GOOD)
    assert dict(report.rejected) == {"malformed": 1}
    assert [row["item"] for row in look("products")] == ["ok"]


def test_tabs_are_known_by_the_ending(take: Take, look: Look) -> None:
    take((HEADER + GOOD).replace(",", "\t"), name="p.tsv")
    assert look("products")[0]["title"] == "Mug"


def test_a_column_that_no_object_has(engine: EmbeddedEngine, tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text('{"sku": "a", "title": "Mug"}\n', "utf-8")
    source = CatalogueSettings(name="shop", paths=(str(tmp_path / "p.jsonl"),), columns={"item": "code"})
    with pytest.raises(Exception, match=r"no column 'code'.*sku, title"):
        import_products(engine, source, clock=at(1))


def test_problems_of_the_last_import_are_kept_by_source(take: Take, look: Look) -> None:
    take(HEADER + "a,Cup,-1,CNY,1\n", clock=at(1))
    take(HEADER + "a,Cup,1,CNY,x\n", clock=at(2))
    kept = [(row["source"], row["file"], row["row"], row["item"], row["reason"]) for row in look("catalogue_problems")]
    assert kept == [("shop", "p.csv", 2, "a", "bad-stock")]

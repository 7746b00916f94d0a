"""Google Merchant feeds: text and XML say the same; sale windows become price history; what is refused names where."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from siyu.catalogue import CatalogueSettings, import_products
from siyu.catalogue.importing import refresh_products
from siyu.domain.clock import FixedClock
from siyu.domain.errors import InputError
from siyu.engine.embedded import EmbeddedEngine

from .conftest import Look, Take, at

WINDOW = "2026-05-10T08:00+0800/2026-05-12T00:00Z"  # from the 10th 00:00 UTC until the 12th
TEXT = (
    "ID\ttitle\tdescription\tlink\timage link\tadditional_image_link\tavailability\tprice\tsale_price\t"
    "sale_price_effective_date\tbrand\tgtin\tcondition\titem_group_id\tproduct_type\tgoogle_product_category\tcolor\t"
    "size\tsize_system\tproduct_detail(section_name:attribute_name:attribute_value)\tunit_pricing_measure\tcustom_label_0\n"
    "TS-1\tTee, white\t<b>Soft</b> tee\thttps://shop.example/ts-1\thttps://shop.example/1.jpg\t"
    "https://shop.example/2.jpg,https://shop.example/3.jpg\tin stock\t15.00 USD\t12.00 USD\t"
    f"{WINDOW}\tAcme\t4006381333931\tnew\tTS\tHome > Women>Tees, Home > Tees\t212\twhite\t38\tEU\t"
    "General:Fabric:Cotton, 100%,Care:Wash:30 °C\t\tpaid traffic\n"
    "RI-1\tRice\t\thttps://shop.example/ri-1\t\t\tout_of_stock\t5.00 USD\t\t\tAcme\t123\tnew\t\t\tFood > Rice\t\t\t\t\t"
    "2kg\t\n"
)
XML = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title><link>https://shop.example</link>
<item><g:id>TS-1</g:id><title>Tee, white</title><description>&lt;b&gt;Soft&lt;/b&gt; tee</description>
<link>https://shop.example/ts-1</link><g:image_link>https://shop.example/1.jpg</g:image_link>
<g:additional_image_link>https://shop.example/2.jpg</g:additional_image_link>
<g:additional_image_link>https://shop.example/3.jpg</g:additional_image_link>
<g:availability>in_stock</g:availability><g:price>15.00 USD</g:price><g:sale_price>12.00 USD</g:sale_price>
<g:sale_price_effective_date>{WINDOW}</g:sale_price_effective_date><g:brand>Acme</g:brand><g:gtin>4006381333931</g:gtin>
<g:condition>new</g:condition><g:item_group_id>TS</g:item_group_id>
<g:product_type>Home &gt; Women&gt;Tees, Home &gt; Tees</g:product_type>
<g:google_product_category>212</g:google_product_category><g:color>white</g:color><g:size>38</g:size>
<g:size_system>EU</g:size_system><g:custom_label_0>paid traffic</g:custom_label_0>
<g:product_detail><g:section_name>General</g:section_name><g:attribute_name>Fabric</g:attribute_name>
<g:attribute_value>Cotton, 100%</g:attribute_value></g:product_detail>
<g:product_detail><g:attribute_name>Wash</g:attribute_name>
<g:attribute_value>30 °C</g:attribute_value></g:product_detail>
</item>
<item><g:id>RI-1</g:id><title>Rice</title><link>https://shop.example/ri-1</link>
<g:availability>out_of_stock</g:availability>
<g:price>5.00 USD</g:price><g:brand>Acme</g:brand><g:gtin>123</g:gtin><g:condition>new</g:condition>
<g:google_product_category>Food &gt; Rice</g:google_product_category>
<g:unit_pricing_measure>2kg</g:unit_pricing_measure></item>
</channel></rss>
"""
ATOM = (
    XML.replace('<rss version="2.0" xmlns:g', '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g')
    .replace("<channel>", "")
    .replace("</channel></rss>", "</feed>")
    .replace("<item>", "<entry>")
    .replace("</item>", "</entry>")
    .replace("<description>", "<summary>")
    .replace("</description>", "</summary>")
    .replace("<link>https://shop.example/ts-1</link>", '<link rel="alternate" href="https://shop.example/ts-1"/>')
)


def told(look: Look) -> dict[tuple[str, str], Any]:
    """(item, slot) to the values of its facts, oldest first."""
    found: dict[tuple[str, str], list[Any]] = {}
    for fact in look("facts", "item, slot, valid_from, value"):
        found.setdefault((fact["item"], fact["slot"]), []).append(fact["value"])
    return {key: values[0] if len(values) == 1 else values for key, values in found.items()}


@pytest.mark.parametrize(
    ("name", "content"),
    [("feed.txt", TEXT), ("feed.xml", XML), ("atom.xml", ATOM), ("feed.xml.gz", gzip.compress(XML.encode()))],
)
def test_every_form_says_the_same(take: Take, look: Look, name: str, content: str | bytes) -> None:
    report = take(content, name=name, clock=at(1))
    assert (report.rows, report.used, dict(report.refused)) == (2, 2, {"bad-gtin": 1})
    (problem,) = report.problems
    assert (problem.file, problem.item, problem.field, problem.value) == (name, "RI-1", "gtin", "123")
    facts = told(look)
    tee = {slot: value for (item, slot), value in facts.items() if item == "TS-1"}
    assert tee == {
        "title": "Tee, white",
        "description": "Soft tee",
        "url": "https://shop.example/ts-1",
        "image": "https://shop.example/1.jpg",
        "image.2": "https://shop.example/2.jpg",
        "image.3": "https://shop.example/3.jpg",
        "availability": "in_stock",
        "price": ["15.00 USD", "12.00 USD", "15.00 USD"],
        "price.list": "15.00 USD",
        "brand": "Acme",
        "gtin": "4006381333931",
        "condition": "new",
        "group": "TS",
        "category": "Home > Women > Tees",
        "attr.color": "white",
        "attr.size": "38",
        "derived.size": "eu:38",
        "attr.Fabric": "Cotton, 100%",
        "attr.Wash": "30 °C",
    }
    assert facts["RI-1", "stock"] == "0"
    assert facts["RI-1", "category"] == "Food > Rice"
    assert facts["RI-1", "derived.unit_price"] == "0.25"  # 5 dollars for 2,000 g
    assert "paid traffic" not in str(facts)


def test_a_sale_price_holds_in_its_window(take: Take, look: Look, engine: EmbeddedEngine) -> None:
    take(TEXT, name="feed.txt", clock=at(1))
    seen: list[float] = []
    for moment in (at(9, hour=23), at(10), at(11, hour=23), at(12)):
        refresh_products(engine, clock=moment)
        seen.append(next(row["price"] for row in look("products") if row["item"] == "TS-1"))
    assert seen == [15, 12, 12, 15]


def test_a_sale_that_is_called_off_does_not_come(take: Take, look: Look, engine: EmbeddedEngine) -> None:
    take(TEXT, name="feed.txt", clock=at(1))
    take(TEXT.replace("12.00 USD\t" + WINDOW, "\t"), name="feed.txt", clock=at(5))
    refresh_products(engine, clock=at(11))
    assert next(row["price"] for row in look("products") if row["item"] == "TS-1") == 15
    assert ("TS-1", "price.list") not in told(look)


def test_reading_again_in_and_after_the_window_changes_nothing(take: Take, look: Look) -> None:
    spans: list[list[tuple[str, int, int | None]]] = []
    for day in (1, 2, 10, 11, 12, 20):
        assert take(TEXT.replace("paid", f"paid {day}"), name="feed.txt", clock=at(day)).rows == 2
        spans.append(
            [
                (row["value"], row["valid_from"].day, row["valid_until"].day if row["valid_until"] else None)
                for row in look("facts", "valid_from")
                if (row["item"], row["slot"]) == ("TS-1", "price")
            ]
        )
    assert set(map(tuple, spans)) == {(("15.00 USD", 1, 10), ("12.00 USD", 10, 12), ("15.00 USD", 12, None))}


def test_gb18030_xml_is_read_as_it_declares(take: Take, look: Look) -> None:
    xml = XML.replace('encoding="UTF-8"', 'encoding="GB2312"').replace("Tee, white", "白色上衣")
    take(xml.replace("°", "度").encode("gb18030"), name="feed.xml")
    assert told(look)["TS-1", "title"] == "白色上衣"


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10 if n else "&lol;" * 10}">' for n in range(9))
    + "]><rss><channel><item><id>&lol8;</id></item></channel></rss>"
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (BOMB, "document type or entities"),
        ('<?xml version="1.0"?><!DOCTYPE r SYSTEM "file:///etc/passwd"><rss/>', "document type or entities"),
        (XML.replace("</channel>", ""), "line"),
        (XML[: len(XML) // 2], "line"),
        ("<rss><channel></channel></rss>", "no <item> or <entry>"),
        (XML.replace("Rice", "Ri\x00ce"), "line"),
    ],
    ids=["entity bomb", "external", "unclosed", "cut", "empty", "NUL"],
)
def test_xml_that_is_refused_names_file_and_line(
    engine: EmbeddedEngine, tmp_path: Path, content: str, words: str
) -> None:
    (tmp_path / "feed.xml").write_text(content, "utf-8")
    source = CatalogueSettings(name="shop", paths=(str(tmp_path / "feed.xml"),))
    with pytest.raises(InputError, match=r"feed\.xml") as caught:
        import_products(engine, source, clock=at(1))
    assert words in str(caught.value)
    assert caught.value.next_step
    assert caught.value.facts["row"]
    assert not (engine.root / "facts").exists()


def test_a_field_of_ten_megabytes_costs_its_product_only(take: Take, look: Look) -> None:
    report = take(XML.replace("&lt;b&gt;Soft", "x" * 10_000_000), name="feed.xml")
    assert dict(report.rejected) == {"malformed": 1}
    assert {item for item, _ in told(look)} == {"RI-1"}
    assert report.problems[0].row == 3


def test_a_feed_without_ids_says_so(engine: EmbeddedEngine, tmp_path: Path) -> None:
    (tmp_path / "feed.txt").write_text("title\tprice\nTee\t15 USD\n", "utf-8")
    source = CatalogueSettings(name="shop", paths=(str(tmp_path / "feed.txt"),), format="google")
    with pytest.raises(InputError, match="no id"):
        import_products(engine, source, clock=at(1))


@pytest.mark.parametrize(
    ("window", "day", "price"),
    [
        ("2026-05-03/2026-05-04", at(4, hour=12), 12.0),  # a bare end date is its last second
        ("2026-05-03/2026-05-04", at(5), 15.0),
        ("", at(1), 12.0),  # a sale price without a window is in force now
        ("2026-05-03T10:00:00Z/", at(28), 12.0),
    ],
)
def test_windows_in_every_form(
    take: Take, look: Look, engine: EmbeddedEngine, window: str, day: FixedClock, price: float
) -> None:
    take(TEXT.replace(WINDOW, window), name="feed.txt", clock=at(1))
    refresh_products(engine, clock=day)
    assert next(row["price"] for row in look("products") if row["item"] == "TS-1") == price

"""Shopify exports: several lines a product, in both spellings of the header; the real sample stores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from siyu.catalogue import CatalogueSettings, import_products
from siyu.domain.errors import InputError, SettingsError
from siyu.engine.embedded import EmbeddedEngine

from .conftest import Look, Take, at

OLD = (
    "Handle,Title,Body (HTML),Vendor,Type,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,"
    "Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,"
    "Variant Barcode,Image Src,Variant Image,Status\n"
)
NEW = (
    "URL handle,Title,Description,Vendor,Type,Published on online store,Option1 name,Option1 value,Option2 name,"
    "Option2 value,SKU,Inventory tracker,Inventory quantity,Continue selling when out of stock,Price,Compare-at price,"
    "Barcode,Product image URL,Variant image URL,Status\n"
)
LINES = """pot,Clay Pot,"<p>Classic <b>clay</b></p><script>x()</script>",Acme,Garden,true,Size,Small,Colour,Red,P-S,shopify,3,{deny},9.99,12.00,,https://cdn.example/1.jpg,,active
pot,,,,,,,Large,,Red,P-L,shopify,-2,{deny},15.99,15.99,4006381333931,https://cdn.example/2.jpg,https://cdn.example/L.jpg,
pot,,,,,,,Large,,Blue,P-LB,shopify,0,{goes_on},15.99,,,,,
pot,,,,,,,,,,,,,,,,,https://cdn.example/3.jpg,,
lamp,Lamp,Plain,Acme,Light,true,Title,Default Title,,,,,7,{deny},50,,,,,active
draft,Hidden,,Acme,Light,true,Title,Default Title,,,,shopify,7,{deny},50,,,,,draft
"""
FORMS = {
    "old": OLD + LINES.format(deny="deny", goes_on="continue"),
    "new": NEW + LINES.format(deny="FALSE", goes_on="TRUE"),
}


def products(look: Look) -> dict[str, dict[str, Any]]:
    return {row["item"]: row for row in look("products")}


@pytest.mark.parametrize("form", FORMS)
def test_every_variant_is_a_product(take: Take, look: Look, form: str) -> None:
    report = take(FORMS[form], constants={"currency": "USD"}, options={"store": "https://shop.example"})
    assert (report.format, report.rows, report.used) == ("shopify", 5, 5)  # the line of an image alone is no product
    found = products(look)
    assert sorted(found) == ["P-L", "P-LB", "P-S", "draft", "lamp"]
    small, large, blue = (found[item] for item in ("P-S", "P-L", "P-LB"))
    assert small["title"] == "Clay Pot - Small / Red"
    assert small["description"] == "Classic clay"
    assert (small["price"], small["currency"], small["brand"], small["category"]) == (9.99, "USD", "Acme", "Garden")
    assert small["url"] == "https://shop.example/products/pot"
    assert small["attributes"] == [{"name": "Colour", "value": "Red"}, {"name": "Size", "value": "Small"}]
    assert [row["stock"] for row in (small, large, blue)] == [3, 0, None]  # below nothing is nothing; blue goes on
    assert [row["image"] for row in (small, large)] == ["https://cdn.example/1.jpg", "https://cdn.example/L.jpg"]
    assert (found["lamp"]["title"], found["lamp"]["stock"]) == ("Lamp", None)  # not tracked
    assert found["draft"]["stock"] == 0
    facts = {(row["item"], row["slot"]): row["value"] for row in look("facts")}
    assert facts["P-S", "price.list"] == "12.00"
    assert ("P-L", "price.list") not in facts  # it is no reduction
    assert (facts["P-L", "gtin"], facts["P-L", "group"]) == ("4006381333931", "pot")
    assert facts["P-S", "derived.size"] == "alpha:S"
    assert facts["P-S", "image.3"] == "https://cdn.example/3.jpg"


def test_a_product_as_one(take: Take, look: Look) -> None:
    take(FORMS["old"], constants={"currency": "USD"}, options={"level": "product"})
    pot = products(look)["pot"]
    assert (pot["title"], pot["price"], pot["stock"]) == ("Clay Pot", 15.99, None)
    assert pot["attributes"] == [{"name": "Colour", "value": "Red, Blue"}, {"name": "Size", "value": "Small, Large"}]


def test_without_skus_of_their_own_variants_go_by_their_options(take: Take, look: Look) -> None:
    take(FORMS["old"].replace("P-LB", "P-L"), constants={"currency": "USD"})
    assert {"pot:Small:Red", "pot:Large:Red", "pot:Large:Blue"} <= set(products(look))


def test_a_product_over_two_chunks_stays_one(take: Take, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siyu.files.opening.LINES", 3)
    take(FORMS["old"], constants={"currency": "USD"})
    assert products(look)["P-LB"]["title"] == "Clay Pot - Large / Blue"


def test_what_is_no_export_and_options_that_are_none(engine: EmbeddedEngine, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("Title,Price\nPot,3\n", "utf-8")
    plain = {"name": "shop", "paths": (str(tmp_path / "p.csv"),), "format": "shopify"}
    with pytest.raises(InputError, match="no Shopify product export"):
        import_products(engine, CatalogueSettings(**plain), clock=at(1))
    with pytest.raises(SettingsError, match="level"):
        import_products(engine, CatalogueSettings(**plain, options={"level": "shelf"}), clock=at(1))
    with pytest.raises(ValueError, match="did you mean 'shopify'"):
        CatalogueSettings(**{**plain, "format": "shopfy"})


def test_sample_stores(engine: EmbeddedEngine, real_data: Path) -> None:
    """Counted by hand with a spreadsheet's filter: products = handles; variants = lines with a price."""
    folder = real_data / "shopify"
    source = CatalogueSettings(name="shop", paths=(str(folder / "*.csv"),), constants={"currency": "USD"})
    report = import_products(engine, source, clock=at(1))
    assert report.format == "shopify"
    assert dict(report.rejected) == {}
    assert dict(report.refused) == {}
    assert report.unpriced == 0
    engine.table("products", "products")
    titles = [row["title"] for b in engine.batches("SELECT * FROM products ORDER BY item") for row in b.to_pylist()]
    assert "Clay Plant Pot - Large" in titles
    assert "Anchor Bracelet Mens - Gold" in titles
    assert all(titles)

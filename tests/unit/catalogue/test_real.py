"""Online Retail and Complete Journey, against counts derived with pandas."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from siyu.catalogue import CatalogueSettings, import_products
from siyu.domain.clock import FixedClock
from siyu.engine.embedded import EmbeddedEngine

AS_OF = datetime(2011, 11, 9, tzinfo=UTC)
CODES = ("POST", "DOT", "M", "C2", "D", "S", "B", "BANK CHARGES", "AMAZONFEE", "CRUK", "PADS")


@pytest.mark.slow
def test_online_retail(real_data: Path, engine: EmbeddedEngine) -> None:
    path = real_data / "online_retail" / "online_retail.parquet"
    source = CatalogueSettings(
        name="online-retail",
        paths=(str(path),),
        columns={"item": "StockCode", "title": "Description", "price": "UnitPrice", "observed_at": "InvoiceDate"},
        constants={"currency": "GBP", "language": "en"},
        item_case="upper",
        moments="day",
        title_rule="frequent",
        title_reject="[^A-Z]*|[A-Z][^A-Z]*",
        title_letters=3,
        not_products=CODES,
    )
    report = import_products(engine, source, clock=FixedClock(AS_OF))

    frame = pd.read_parquet(path)
    frame["item"] = frame["StockCode"].str.strip().str.upper()
    frame["moment"] = pd.to_datetime(frame["InvoiceDate"])
    frame = frame[~frame["item"].isin(CODES)]
    assert report.rows == 541_909
    assert report.used == len(frame)

    priced = frame[frame["UnitPrice"] > 0].copy()
    priced["day"] = priced["moment"].dt.floor("D")
    counts = priced.groupby(["item", "day", "UnitPrice"]).size().reset_index(name="n")
    mode = counts.sort_values(["item", "day", "n", "UnitPrice"], ascending=[True, True, False, False])
    mode = mode.drop_duplicates(["item", "day"])
    changed = mode["UnitPrice"].ne(mode.groupby("item")["UnitPrice"].shift())
    assert report.slots["price"] == int(changed.sum())

    engine.table("products", "products")
    found = {
        row["item"]: row
        for batch in engine.batches("SELECT item, title, price, first_seen FROM products")
        for row in batch.to_pylist()
    }
    known = mode[mode["day"] < AS_OF.replace(tzinfo=None)].groupby("item")["UnitPrice"].last()
    assert {item: row["price"] for item, row in found.items() if row["price"] is not None} == known.to_dict()
    assert found["85123A"]["title"] == "WHITE HANGING HEART T-LIGHT HOLDER"
    assert not [row["title"] for row in found.values() if row["title"] and row["title"] == row["title"].lower()]


def test_complete_journey(real_data: Path, engine: EmbeddedEngine) -> None:
    path = real_data / "complete_journey" / "products.parquet"
    source = CatalogueSettings(
        name="complete-journey",
        paths=(str(path),),
        columns={
            "item": "product_id",
            "title": ("product_type", "package_size"),
            "category": ("department", "product_category", "product_type"),
        },
        attributes={"size": "package_size"},
        constants={"language": "en"},
        observed_at=datetime(2017, 1, 1, tzinfo=UTC),
    )
    report = import_products(engine, source, clock=FixedClock(datetime(2017, 12, 1, tzinfo=UTC)))
    frame = pd.read_parquet(path)
    assert (report.rows, report.products) == (len(frame), frame["product_id"].nunique())
    assert report.slots["attr.size"] == int(frame["package_size"].notna().sum())
    assert report.slots["brand"] == int(frame["brand"].notna().sum())
    assert "price" not in report.slots
    engine.table("products", "products")
    (row,) = next(iter(engine.batches("SELECT * FROM products WHERE item = '26190'"))).to_pylist()
    assert row["category"] == "GROCERY > FRUIT - SHELF STABLE > APPLE SAUCE"
    assert (row["title"], row["price"], row["price_band"]) == ("APPLE SAUCE 50 OZ", None, None)

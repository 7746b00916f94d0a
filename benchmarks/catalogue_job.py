"""What the benchmark of catalogues runs, each a process of its own: ``python -m benchmarks.catalogue_job ours ...``."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)
_COLOURS, _SIZES = ("red", "blue", "green", "black", "white"), ("S", "M", "L", "XL")
_KINDS = ("Linen shirt", "Wool scarf", "Canvas bag", "Leather belt", "真丝衬衫", "羊毛围巾", "帆布包", "纯棉T恤")


def _products(count: int) -> Iterator[tuple[str, str, str, str, int, str, str]]:
    """Item, title, category, brand, price in cents, colour, size: the same for one ``count``."""
    drawn = Random(7)
    for number in range(count):
        kind, colour, size = drawn.choice(_KINDS), drawn.choice(_COLOURS), drawn.choice(_SIZES)
        category = f"Clothes > {kind.split()[-1]}"
        title = f"{kind} {number} {colour}"
        yield f"sku-{number}", title, category, f"Brand {number % 400}", drawn.randrange(500, 90_000), colour, size


def make(path: Path, form: str, products: str) -> dict[str, object]:
    """A file of ``products``: ``csv`` with five prices of each and a row in ten twice, ``google`` or ``shopify``."""
    drawn, rows = Random(11), 0
    with path.open("w", encoding="utf-8", newline="") as handle:
        out = csv.writer(handle, delimiter="\t" if form == "google" else ",", lineterminator="\n")
        out.writerow(_HEADS[form])
        for item, title, category, brand, cents, colour, size in _products(int(products)):
            for row in _ROWS[form](item, title, category, brand, cents, colour, size, drawn):
                out.writerow(row)
                rows += 1
    return {"rows": rows, "mb": round(path.stat().st_size / 1e6)}


_HEADS = {
    form: next(csv.reader([said]))
    for form, said in {
        "csv": "item,title,category,brand,price,currency,stock,url,attributes,observed_at",
        "google": "id,title,link,image_link,availability,price,sale_price,brand,product_type,color,size",
        "shopify": "Handle,Title,Body (HTML),Vendor,Type,Published,Option1 Name,Option1 Value,Variant SKU,"
        "Variant Inventory Tracker,Variant Inventory Qty,Variant Price,Image Src,Status",
    }.items()
}


def _csv(item: str, title: str, category: str, brand: str, cents: int, colour: str, size: str, drawn: Random) -> list:
    told = json.dumps({"colour": colour, "size": size})
    rows = []
    for month in range(5):
        at = (NOW - timedelta(days=30 * (5 - month))).strftime("%Y-%m-%dT%H:%M:%SZ")
        price = f"{cents * (100 + drawn.randrange(-10, 11)) / 10_000:.2f}"
        stock = drawn.randrange(100)
        rows.append([item, title, category, brand, price, "CNY", stock, f"https://a.example/{item}", told, at])
    return rows + rows[-1:] * (drawn.random() < 0.5)


def _google(item: str, title: str, category: str, brand: str, cents: int, colour: str, size: str, _: Random) -> list:
    link = f"https://a.example/{item}"
    price = f"{cents / 100:.2f} CNY"
    return [[item, title, link, f"{link}.jpg", "in_stock", price, "", brand, category, colour, size]]


def _shopify(item: str, title: str, category: str, brand: str, cents: int, _: str, size: str, drawn: Random) -> list:
    body = f"<p>{title} &amp; more</p><ul><li>soft</li><li>warm</li></ul>"
    price, image = f"{cents / 100:.2f}", f"https://a.example/{item}"
    first = [item, title, body, brand, category, "true", "Size", size, item, "shopify", drawn.randrange(100), price]
    return [[*first, f"{image}.jpg", "active"], [item, *[""] * 11, f"{image}-2.jpg", ""]]


_ROWS = {"csv": _csv, "google": _google, "shopify": _shopify}


def ours(state: Path, path: str, memory: str) -> dict[str, object]:
    """Import the file: facts with their history, products in force."""
    from siyu.catalogue import CatalogueSettings, import_products
    from siyu.domain.clock import FixedClock
    from siyu.engine.embedded import EmbeddedEngine

    source = CatalogueSettings(name="shop", paths=(path,), constants={"currency": "CNY"})
    report = import_products(EmbeddedEngine(state / "tables", memory=memory), source, clock=FixedClock(NOW))
    said = {"read": report.rows, "products": report.products, "facts": report.facts, "as": report.format}
    return said | {"left_out": sum(report.rejected.values()) + sum(report.refused.values())}


def pandas(answer: Path, path: str, _: str) -> dict[str, object]:
    """What many would write: read it, drop equal rows, keep the last row of each product. No check, no history."""
    import pandas as pd

    rows = pd.read_csv(path, sep="\t" if path.endswith(".tsv") else ",", dtype=str)
    key = next(name for name in ("item", "id", "Variant SKU") if name in rows)
    last = rows.drop_duplicates().dropna(subset=[key]).drop_duplicates(key, keep="last")
    last.to_parquet(answer)
    return {"read": len(rows), "products": len(last)}


_JOBS: dict[str, Callable[[Path, str, str], dict[str, object]]] = {"make": make, "ours": ours, "pandas": pandas}

if __name__ == "__main__":
    print(json.dumps(_JOBS[sys.argv[1]](Path(sys.argv[2]), sys.argv[3], sys.argv[4])))

"""Shopify's product export: one line a variant or a further image; what concerns the product stands in its first line.

Columns: https://help.shopify.com/en/manual/products/import-export/using-csv. Both spellings are read: ``Handle``,
``Variant Price`` ... of exports until 2024, and ``URL handle``, ``Price`` ... of later ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from siyu.catalogue.feeds.options import options
from siyu.catalogue.settings import CatalogueSettings
from siyu.domain.errors import InputError
from siyu.files import SourceFile, read_csv
from siyu.files.batches import LINE, MALFORMED, RAW, batch, schema
from siyu.text.prices import price

_NAMES = {
    "handle": ("handle", "url handle"),
    "title": ("title",),
    "body": ("body (html)", "description"),
    "vendor": ("vendor",),
    "category": ("product category",),
    "type": ("type", "custom product type"),
    "published": ("published", "published on online store"),
    "status": ("status",),
    "sku": ("variant sku", "sku"),
    "barcode": ("variant barcode", "barcode"),
    "price": ("variant price", "price"),
    "list_price": ("variant compare at price", "compare-at price"),
    "tracker": ("variant inventory tracker", "inventory tracker"),
    "quantity": ("variant inventory qty", "inventory quantity"),
    "policy": ("variant inventory policy", "continue selling when out of stock"),
    "image": ("image src", "product image url"),
    "variant_image": ("variant image", "variant image url"),
    "option1": ("option1 name",),
    "value1": ("option1 value",),
    "option2": ("option2 name",),
    "value2": ("option2 value",),
    "option3": ("option3 name",),
    "value3": ("option3 value",),
    "condition": ("google shopping / condition",),
    "gender": ("google shopping / gender",),
    "age_group": ("google shopping / age group",),
    "mpn": ("google shopping / mpn",),
}  # fmt: skip
_SHAPE = (
    "item", "title", "description", "category", "brand", "price", "list_price", "stock", "availability", "url", "image",
    "images", "group", "gtin", "mpn", "condition", "attributes",
)  # fmt: skip
_PLAIN = "default title"
_OF_PRODUCT = (
    "title",
    "body",
    "vendor",
    "category",
    "type",
    "published",
    "status",
    "condition",
    "gender",
    "age_group",
    "mpn",
)

Line = dict[str, str]


class ShopifyOptions(BaseModel):
    """Options of the format ``shopify``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: Literal["variant", "product"] = Field("variant", description="What counts as one product.")
    item: Literal["sku", "handle"] = Field(
        "sku", description="What a variant is called: its SKU where each has one of its own, or handle and options."
    )
    store: str = Field("", pattern=r"^(https://[^\s/]+)?$", description="The shop's address, for links to products.")


@dataclass(slots=True)
class _Product:
    """The lines of one handle."""

    handle: str
    line: int
    first: Line
    variants: list[tuple[int, Line]] = field(default_factory=list)
    images: list[str] = field(default_factory=list)


def read_shopify(source: CatalogueSettings, files: Sequence[SourceFile]) -> pa.RecordBatchReader:
    """Variants (or products) of exports, in the fields of a catalogue. A line of images only gives no row.

    Prices carry no currency: set it as a constant of the source. A product that is a draft, archived or not published
    is ``discontinued``. Stock counts only where Shopify tracks it and does not sell beyond it.

    Raises:
        InputError: a file has no column for the handle; see also :func:`siyu.files.read_csv`.
        SettingsError: an option is unknown.
    """
    chosen = options(source, ShopifyOptions)
    shape = schema(_SHAPE)
    return pa.RecordBatchReader.from_batches(
        shape, (rows for file in files for rows in _rows(source, file, chosen, shape))
    )


def _rows(
    source: CatalogueSettings, file: SourceFile, chosen: ShopifyOptions, shape: pa.Schema
) -> Iterator[pa.RecordBatch]:
    reader = read_csv([file], source.form)
    places = {name.strip().lower(): name for name in reader.schema.names}
    named = {ours: places[theirs] for ours, spelled in _NAMES.items() for theirs in spelled if theirs in places}
    if "handle" not in named or "price" not in named:
        raise InputError(
            f"{file.name} is no Shopify product export.",
            why="It has no column for the handle or the price of a variant.",
            next_step='Export products from Shopify again, or set format = "csv" and map its columns.',
            file=file.name,
            row=1,
            field="Handle",
        )
    open_product: _Product | None = None
    for found in reader:
        if found.num_rows and found.column(MALFORMED)[0].as_py():
            lines = found.column(LINE).to_pylist()
            yield batch(
                shape, {}, origin=str(file.path), lines=lines, malformed=True, raw=found.column(RAW).to_pylist()
            )
            continue
        done, open_product = _gathered(found, named, open_product)
        yield _batch(done, chosen, file, shape)
    if open_product:
        yield _batch([open_product], chosen, file, shape)


def _gathered(
    found: pa.RecordBatch, named: dict[str, str], product: _Product | None
) -> tuple[list[_Product], _Product | None]:
    """Products that ended within a batch, and the one that may go on in the next."""
    done: list[_Product] = []
    columns = [found.column(name).to_pylist() for name in named.values()]
    for number, *cells in zip(found.column(LINE).to_pylist(), *columns, strict=True):
        line = {key: cell.strip() for key, cell in zip(named, cells, strict=True) if cell and cell.strip()}
        handle = line.get("handle", product.handle if product else "")
        if product is None or handle != product.handle:
            done += [product] if product else []
            product = _Product(handle, number, line)
        if line.get("image") and line["image"] not in product.images:
            product.images.append(line["image"])
        if "price" in line or "value1" in line or "sku" in line or line is product.first:
            product.variants.append((number, line))
    return done, product


def _batch(products: list[_Product], chosen: ShopifyOptions, file: SourceFile, shape: pa.Schema) -> pa.RecordBatch:
    made = [row for product in products for row in _made(product, chosen)]
    columns = {name: [row.get(name) for _, row in made] for name in _SHAPE}
    return batch(shape, columns, origin=str(file.path), lines=[line for line, _ in made])


def _made(product: _Product, chosen: ShopifyOptions) -> Iterator[tuple[int, Line]]:
    shared = _shared(product, chosen)
    names = [product.first.get(f"option{n}", "") for n in (1, 2, 3)]
    if chosen.level == "product":
        yield product.line, shared | {"item": product.handle} | _together(product, names)
        return
    skus = [line.get("sku", "") for _, line in product.variants]
    by_sku = chosen.item == "sku" and all(skus) and len(set(skus)) == len(skus)
    for number, line in product.variants:
        values = [line.get(f"value{n}", "") for n in (1, 2, 3)]
        told = [value for value in values if value and value.lower() != _PLAIN]
        row = shared | {
            "item": line["sku"] if by_sku else ":".join((product.handle, *told)) if product.handle else "",
            "title": _titled(shared.get("title", ""), told),
            "attributes": _attributes(product, names, values),
            **_of_variant(line),
        }
        if "variant_image" in line:
            row["image"] = line["variant_image"]
        yield number, {key: value for key, value in row.items() if value}


def _shared(product: _Product, chosen: ShopifyOptions) -> Line:
    first = product.first
    hidden = first.get("status", "active").lower() != "active" or first.get("published", "true").lower() == "false"
    row = {
        "title": first.get("title", ""),
        "description": first.get("body", ""),
        "category": first.get("category") or first.get("type", ""),
        "brand": first.get("vendor", ""),
        "condition": first.get("condition", ""),
        "mpn": first.get("mpn", ""),
        "group": product.handle,
        "availability": "discontinued" if hidden else "in_stock",
        "image": product.images[0] if product.images else "",
        "images": ",".join(product.images[1:]),
        "url": f"{chosen.store}/products/{product.handle}" if chosen.store and product.handle else "",
    }
    return {key: value for key, value in row.items() if value}


def _titled(title: str, told: Sequence[str]) -> str:
    return f"{title} - {' / '.join(told)}" if title and told else title


def _attributes(product: _Product, names: Sequence[str], values: Sequence[str]) -> str:
    pairs = {
        name: value for name, value in zip(names, values, strict=True) if name and value and value.lower() != _PLAIN
    }
    pairs |= {name: product.first[name] for name in ("gender", "age_group") if name in product.first}
    return json.dumps(pairs, ensure_ascii=False) if pairs else ""


def _of_variant(line: Line) -> Line:
    row = {"price": line.get("price", ""), "gtin": line.get("barcode", "").lstrip("'"), "stock": _stock(line)}
    before, now = price(line.get("list_price", "")), price(row["price"])
    if before and now and before[0] > now[0]:
        row["list_price"] = line["list_price"]
    return row


def _stock(line: Line) -> str:
    """What is left, where Shopify counts it and stops at nothing; below nothing is nothing."""
    goes_on = line.get("policy", "deny").lower() in ("continue", "true")
    if "tracker" not in line or goes_on or "quantity" not in line:
        return ""
    return "0" if line["quantity"].startswith("-") else line["quantity"]


def _together(product: _Product, names: Sequence[str]) -> Line:
    """A product as one: the dearest variant's price, so that no claim is too good; stock of all."""
    lines = [line for _, line in product.variants]
    priced = [(found[0], line) for line in lines if (found := price(line.get("price", "")))]
    dearest = max(priced, key=lambda pair: pair[0])[1] if priced else product.first
    stocks = [_stock(line) for line in lines]
    values = [", ".join(dict.fromkeys(v for line in lines if (v := line.get(f"value{n}")))) for n in (1, 2, 3)]
    row = _of_variant(dearest) | {"attributes": _attributes(product, names, values)}
    counted = all(stock.isdigit() for stock in stocks)
    row["stock"] = str(sum(map(int, stocks))) if stocks and counted else ""
    return {key: value for key, value in row.items() if value and (key != "gtin" or len(lines) == 1)}

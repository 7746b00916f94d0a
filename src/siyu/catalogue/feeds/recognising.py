"""Which format a product file is in: by its ending and, for text, by what its first line names."""

from __future__ import annotations

import csv

from siyu.catalogue.feeds.google import spelled
from siyu.catalogue.settings import CatalogueSettings
from siyu.files import SourceFile, format_of
from siyu.files.finding import PACKED
from siyu.files.opening import first_lines, opened

_GOOGLE = frozenset(
    {"link", "image_link", "availability", "condition", "gtin", "item_group_id", "google_product_category"}
)
_SHOPIFY = frozenset({"option1 name", "body (html)", "variant price", "compare-at price"})


def recognised(file: SourceFile, source: CatalogueSettings) -> str:
    """The name of the format of ``file``. A source that maps the item's column is in the shop's own columns.

    Raises:
        InputError: the ending is not known, or the file cannot be read.
    """
    endings = [ending.lower() for ending in file.path.suffixes if ending.lower() not in PACKED]
    if endings[-1:] == [".xml"]:
        return "google_xml"
    kind = format_of(file.path)
    if kind != "csv" or "item" in source.columns:
        return kind
    return by_header(header(file, source))


def header(file: SourceFile, source: CatalogueSettings) -> list[str]:
    """What the first line of a text file names."""
    with opened(file, source.form) as text:
        line = "".join(first_lines(text, source.header_line)[source.header_line - 1 :])[:1_000_000]
    try:
        return next(csv.reader([line], delimiter="\t" if "\t" in line else source.form.parted(file.path)), [])
    except csv.Error:
        return []


def by_header(names: list[str]) -> str:
    """``shopify``, ``google`` or ``csv``.

    Example:
        >>> by_header(["Handle", "Title", "Body (HTML)"]), by_header(["id", "title", "link", "availability", "price"])
        ('shopify', 'google')
        >>> by_header(["item", "title", "price", "url"])
        'csv'
    """
    lowered = {name.strip().lower() for name in names}
    if lowered & {"handle", "url handle"} and lowered & _SHOPIFY:
        return "shopify"
    known = {spelled(name) for name in names}
    return "google" if {"id", "title"} <= known and len(known & _GOOGLE) >= 2 else "csv"

"""The attributes of a Google Merchant Center feed, as the fields of a catalogue. Shared by its text and XML readers.

Product data specification: https://support.google.com/merchants/answer/7052112. Read as stated there:
``id`` 6324405, ``item_group_id`` 6324507, ``price`` 6324371, ``sale_price`` 6324471, ``sale_price_effective_date``
6324460 (two ISO 8601 moments parted by a slash), ``availability`` 6324448, ``condition`` 6324469, ``gtin`` 6324461,
``product_type`` 6324406, ``product_detail`` 9218260 (``section:name:value``), ``additional_image_link`` 6324370,
``size`` 6324492, ``size_system`` 6324502, ``unit_pricing_measure`` 6324455 (all under the same address).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from siyu.files.batches import OWN

RENAMED: Final = {
    "id": "item",
    "title": "title",
    "description": "description",
    "link": "url",
    "image_link": "image",
    "additional_image_link": "images",
    "availability": "availability",
    "price": "price",
    "sale_price": "sale_price",
    "brand": "brand",
    "gtin": "gtin",
    "mpn": "mpn",
    "condition": "condition",
    "item_group_id": "group",
    "unit_pricing_measure": "content",
    "product_detail": "details",
    "quantity": "stock",
    "inventory": "stock",
    "content_language": "language",
    "color": "attr.color",
    "size": "attr.size",
    "gender": "attr.gender",
    "age_group": "attr.age_group",
    "material": "attr.material",
    "pattern": "attr.pattern",
    "size_type": "attr.size_type",
}
"""Google's attribute to our field. What is not here is not read: labels, shipping, tax, cost of goods."""

SPECIAL: Final = ("product_type", "google_product_category", "sale_price_effective_date", "size_system")
"""Attributes that are read together with others."""

FIELDS: Final = tuple(dict.fromkeys((*RENAMED.values(), "category", "sale_starts", "sale_ends", "size")))


def spelled(name: str) -> str:
    """An attribute's name as the specification writes it.

    Example:
        >>> spelled("g:Image Link"), spelled("product_detail(section_name:attribute_name:attribute_value)")
        ('image_link', 'product_detail')
    """
    bare = re.sub(r"\s*\(.*\)\s*$|\[.*\]\s*$", "", name.strip().lower()).rpartition(":")[2]
    return re.sub(r"[\s_-]+", "_", bare.strip())


def fields(batch: pa.RecordBatch) -> dict[str, pa.Array]:
    """Columns of a batch, named as :func:`spelled` says, as fields of a catalogue."""
    have = {name: batch.column(name) for name in batch.schema.names if name in RENAMED or name in SPECIAL}
    found: dict[str, pa.Array] = {}
    for name, field in RENAMED.items():
        if name in have:
            found[field] = pc.coalesce(found[field], have[name]) if field in found else have[name]
    categories = [_path(have[name]) for name in SPECIAL[:2] if name in have]
    if categories:
        found["category"] = pc.coalesce(*categories)
    if "sale_price_effective_date" in have:
        found["sale_starts"], found["sale_ends"] = _window(have["sale_price_effective_date"])
    if "size" in have and "size_system" in have:
        found["size"] = pc.coalesce(pc.binary_join_element_wise(have["size_system"], have["size"], " "), have["size"])
    return found


def own(batch: pa.RecordBatch) -> Mapping[str, pa.Array]:
    """The bookkeeping columns of a batch."""
    return {name: batch.column(name) for name, _ in OWN}


def _path(column: pa.Array) -> pa.Array:
    """The first of several paths, levels parted by `` > ``; a bare number of Google's taxonomy says nothing."""
    plain = pc.utf8_trim_whitespace(column)
    plain = pc.if_else(pc.match_substring_regex(plain, r"^\d*$"), None, plain)
    plain = pc.replace_substring_regex(plain, r"^([^,]*>[^,]*),[^,]*>.*$", r"\1")
    return pc.replace_substring_regex(plain, r"\s*>\s*", " > ")


def _window(column: pa.Array) -> tuple[pa.Array, pa.Array]:
    plain = pc.fill_null(pc.utf8_trim_whitespace(column), "")
    form = r"^(?P<starts>[^/]*?)\s*/\s*(?P<ends>[^/]*)$"
    found = pc.extract_regex(plain, form)
    starts, ends = (pc.struct_field(found, name) for name in ("starts", "ends"))
    return _moment(pc.coalesce(starts, _nullif(plain)), "T00:00:00"), _moment(ends, "T23:59:59")


def _moment(column: pa.Array, hour: str) -> pa.Array:
    """Moments with seconds and a colon in the offset; a bare date is its first or last second."""
    found = pc.replace_substring_regex(column, r"^(\d{4}-\d{2}-\d{2})$", r"\1" + hour)
    found = pc.replace_substring_regex(found, r"([T ]\d{2}:\d{2}) ?(Z|z|[+-]\d{2}:?\d{2})?$", r"\1:00\2")
    return _nullif(pc.replace_substring_regex(found, r"([+-]\d{2})(\d{2})$", r"\1:\2"))


def _nullif(column: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(column, ""), None, column)

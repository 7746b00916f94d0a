"""Calls of the Segment specification, e-commerce events of version 2: one row a product.

Source: Segment, "Spec: Ecommerce Events V2" and "Spec: Common fields" (track, identify, page, screen, alias, batch).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, Final

import pyarrow as pa

from siyu.events.settings import FIELDS, SourceSettings
from siyu.files import SourceFile
from siyu.files.batches import batch, schema
from siyu.files.json_rows import broken_batch, cell, objects

TRACKED: Final = {
    "product viewed": "browse",
    "product clicked": "browse",
    "products searched": "search",
    "product added": "cart",
    "order completed": "purchase",
    "order refunded": "return",
    "order cancelled": "return",
    "product reviewed": "review",
}
"""Names of track events (any case) and our kinds; others are quarantined as unknown-kind under their own name."""

_MOMENTS = ("timestamp", "originalTimestamp", "sentAt", "receivedAt")
_SHAPE = schema(FIELDS)


def read_segment(source: SourceSettings, files: Sequence[SourceFile]) -> pa.RecordBatchReader:
    """Rows of files of Segment calls. ``columns.item`` may name the property that is the item (default: product_id,
    else sku). An order gives one row a product, with ``<messageId>:<place>`` as id."""
    return pa.RecordBatchReader.from_batches(_SHAPE, _rows(source, files))


def _rows(source: SourceSettings, files: Sequence[SourceFile]) -> Iterator[pa.RecordBatch]:
    for file in files:
        for found, broken in objects(file, source.form):
            placed = [
                (line, part, said, row)
                for line, said, call in found
                for part, row in enumerate(flatten(call, item=source.columns.get("item", "product_id")))
            ]
            if placed:
                columns = {name: [cell(row.get(name)) for *_, row in placed] for name in FIELDS}
                yield batch(
                    _SHAPE,
                    columns,
                    origin=str(file.path),
                    lines=[line for line, *_ in placed],
                    parts=[part for _, part, *_ in placed],
                    raw=[said for _, _, said, _ in placed],
                )
            if broken:
                yield broken_batch(_SHAPE, file, broken)


def flatten(call: Mapping[str, Any], *, item: str = "product_id") -> list[dict[str, Any]]:
    """Canonical rows of one call, or of all calls of a batch; never none.

    Example:
        >>> order = {"type": "track", "event": "Order Completed", "messageId": "m", "userId": "u",
        ...          "properties": {"order_id": "o", "products": [{"product_id": "a"}, {"sku": "b"}]}}
        >>> [(row["event_id"], row["kind"], row["item"]) for row in flatten(order)]
        [('m:0', 'purchase', 'a'), ('m:1', 'purchase', 'b')]
    """
    inner = call.get("batch")
    if not isinstance(inner, list):
        return _call(call, item)
    shared = {key: call[key] for key in ("context", "sentAt") if key in call}
    rows = [row for one in inner for row in (_call({**shared, **one}, item) if isinstance(one, dict) else [{}])]
    return rows or [{}]


def _call(call: Mapping[str, Any], item: str) -> list[dict[str, Any]]:
    context, properties = _object(call.get("context")), _object(call.get("properties"))
    row = {
        "event_id": call.get("messageId"),
        "user_id": call.get("userId"),
        "anonymous_id": call.get("anonymousId"),
        "kind": call.get("type"),
        "ts": next((call[key] for key in _MOMENTS if call.get(key)), None),
        "user_agent": context.get("userAgent"),
        "language": context.get("locale"),
        "channel": call.get("channel"),
    }
    kind = str(call.get("type")).lower()
    if kind == "alias":
        return [{**row, "anonymous_id": call.get("previousId") or call.get("anonymousId")}]
    if kind in ("page", "screen"):
        return [{**row, "kind": "browse", **_product(properties, properties, item)}]
    return _track(row, call, properties, item) if kind == "track" else [row]


def _track(
    row: dict[str, Any], call: Mapping[str, Any], properties: Mapping[str, Any], item: str
) -> list[dict[str, Any]]:
    event = str(call.get("event"))
    kind = TRACKED.get(event.strip().lower())
    row |= {"kind": kind or event, "message_id": properties.get("message_id")}
    if kind == "search":
        return [{**row, "query": properties.get("query")}]
    if kind == "review":
        said = {"text": properties.get("review_body"), "rating": properties.get("rating")}
        return [{**row, **_product(properties, properties, item), **said, "unit_price": None}]
    products = properties.get("products")
    if kind not in ("purchase", "return") or not isinstance(products, list) or not products:
        return [{**row, **_product(properties, properties, item)}]
    row["order_id"] = properties.get("order_id")
    ids = (f"{row['event_id']}:{place}" for place in range(len(products))) if row["event_id"] else repeat(None)
    return [
        {**row, "event_id": id_, **_product(_object(product), properties, item)}
        for id_, product in zip(ids, products, strict=False)
    ]


def _product(product: Mapping[str, Any], order: Mapping[str, Any], item: str) -> dict[str, Any]:
    return {
        "item": product.get(item) or product.get("product_id") or product.get("sku"),
        "quantity": product.get("quantity"),
        "unit_price": product.get("price"),
        "currency": product.get("currency") or order.get("currency"),
        "order_id": order.get("order_id"),
    }


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

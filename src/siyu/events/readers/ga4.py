"""Google Analytics 4: rows of the BigQuery export (``events_YYYYMMDD``) as JSON lines, one event a line.

Schema: https://support.google.com/analytics/answer/7029846; names of events and of their parameters:
https://developers.google.com/analytics/devguides/collection/ga4/reference/events. An event about several items
becomes a row for each. ``user_id`` names a person, ``user_pseudo_id`` a device; ``event_timestamp`` counts microseconds
since 1970 in UTC. What is about no product, search or person here (``session_start``, ``scroll`` ...) is
``unknown-kind``; pages without an item are ``missing-item``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pyarrow as pa

from siyu.events.settings import FIELDS, SourceSettings
from siyu.files import SourceFile
from siyu.files.batches import batch, schema
from siyu.files.json_rows import broken_batch, cell, objects

KINDS: Final = {
    "view_item": "browse",
    "select_item": "browse",
    "page_view": "browse",
    "screen_view": "browse",
    "view_search_results": "search",
    "search": "search",
    "add_to_cart": "cart",
    "add_to_wishlist": "cart",
    "purchase": "purchase",
    "in_app_purchase": "purchase",
    "ecommerce_purchase": "purchase",
    "refund": "return",
    "login": "identify",
    "sign_up": "identify",
}
"""Event name to kind."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHAPE = schema(FIELDS)
_NOT_SET = frozenset({"", "(not set)", "(other)"})


def read_ga4(source: SourceSettings, files: Sequence[SourceFile]) -> pa.RecordBatchReader:
    """Rows of an export, in our columns; ``columns = { item = "item_variant" }`` takes the id from there."""
    return pa.RecordBatchReader.from_batches(_SHAPE, _rows(source, files))


def _rows(source: SourceSettings, files: Sequence[SourceFile]) -> Iterator[pa.RecordBatch]:
    key = source.columns.get("item", "item_id")
    for file in files:
        for found, broken in objects(file, source.form):
            placed = [
                (line, part, said, row)
                for line, said, event in found
                for part, row in enumerate(flatten(event, item=key))
            ]
            if placed:
                yield batch(
                    _SHAPE,
                    {name: [cell(row.get(name)) for *_, row in placed] for name in FIELDS},
                    origin=str(file.path),
                    lines=[line for line, *_ in placed],
                    parts=[part for _, part, *_ in placed],
                    raw=[said for _, _, said, _ in placed],
                )
            if broken:
                yield broken_batch(_SHAPE, file, broken)


def flatten(event: Mapping[str, Any], *, item: str = "item_id") -> list[dict[str, Any]]:
    """Our rows of one event: one an item, and never none.

    Example:
        >>> order = {"event_name": "purchase", "event_timestamp": "1767225600000000", "user_pseudo_id": "1.2",
        ...          "ecommerce": {"transaction_id": "o1"}, "items": [{"item_id": "a", "price": 5, "quantity": "2"}]}
        >>> row = flatten(order)[0]
        >>> row["kind"], row["ts"], row["item"], row["unit_price"], row["order_id"]
        ('purchase', '2026-01-01T00:00:00.000000+00:00', 'a', 5, 'o1')
    """
    name = str(event.get("event_name"))
    parameters = _parameters(event.get("event_params"))
    row = {
        "user_id": _set(event.get("user_id")),
        "anonymous_id": _set(event.get("user_pseudo_id")),
        "kind": KINDS.get(name, name),
        "ts": _moment(event.get("event_timestamp")),
        "channel": str(event.get("platform") or "").lower() or None,
        "language": _set(_object(event.get("device")).get("language")),
        "message_id": parameters.get("message_id"),
    }
    kind = row["kind"]
    if kind == "search":
        return [{**row, "query": parameters.get("search_term")}]
    if kind == "identify":
        return [row]
    order = _object(event.get("ecommerce"))
    shared = {
        "order_id": _set(order.get("transaction_id")) or parameters.get("transaction_id"),
        "currency": parameters.get("currency"),
    }
    items = event.get("items")
    lines = [one for one in items if isinstance(one, Mapping)] if isinstance(items, list) else []
    if kind not in ("purchase", "return"):
        shared["order_id"] = None
        lines = lines[:1] if name in ("page_view", "screen_view") else lines
    return [{**row, **shared, **_item(one, item, shared["currency"])} for one in lines] or [{**row, **shared}]


def _item(line: Mapping[str, Any], key: str, currency: Any) -> dict[str, Any]:
    own = _parameters(line.get("item_params"))
    price = line.get("price")
    if price is None and line.get("price_in_usd") is not None:
        price, currency = line["price_in_usd"], "USD"
    return {
        "item": _set(line.get(key)) or _set(own.get(key)) or _set(line.get("item_id")),
        "quantity": line.get("quantity"),
        "unit_price": price,
        "currency": own.get("currency") or currency if price is not None else None,
    }


def _parameters(found: object) -> dict[str, Any]:
    """``[{"key": "currency", "value": {"string_value": "USD"}}]`` as a dictionary, of values that are set."""
    pairs: dict[str, Any] = {}
    for one in found if isinstance(found, list) else ():
        value = _object(one).get("value")
        if isinstance(value, Mapping):
            value = next((v for k, v in value.items() if k.endswith("_value") and v is not None), None)
        if value is not None:
            pairs[str(one.get("key"))] = value
    return pairs


def _moment(micros: object) -> str | None:
    """A moment to the microsecond, or the words as they came, which are then no time."""
    try:
        return (_EPOCH + timedelta(microseconds=int(str(micros)))).isoformat(timespec="microseconds")
    except (ValueError, OverflowError):
        return None if micros is None else str(micros)


def _set(value: object) -> object:
    return None if value is None or (isinstance(value, str) and value in _NOT_SET) else value


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

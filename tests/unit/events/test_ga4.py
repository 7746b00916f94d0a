"""Rows of Google Analytics' export, shaped as BigQuery writes them (integers as text, repeated records, nulls)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from siyu.domain.registry import Registry
from siyu.engine import resolved
from siyu.engine.embedded import EmbeddedEngine
from siyu.events import SourceSettings
from siyu.events.readers import READERS

from .conftest import Importer, jsonl, name_of, rows, set_aside


def event(name: str, second: int, items: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    moment = datetime.fromisoformat(f"2026-05-01T10:00:{second:02d}.500000+00:00")
    parameters = {"ga_session_id": 7, **more.pop("parameters", {})}
    return {
        "event_date": "20260501",
        "event_timestamp": str(int(moment.timestamp() * 1_000_000)),
        "event_name": name,
        "event_params": [
            {"key": key, "value": {"string_value": None, ("int_value" if isinstance(v, int) else "string_value"): v}}
            for key, v in parameters.items()
        ],
        "user_id": None,
        "user_pseudo_id": "123.456",
        "device": {"category": "mobile", "language": "zh-cn"},
        "platform": "WEB",
        "items": items or [],
        **more,
    }


MUG = {"item_id": "mug", "item_name": "Mug", "price": 9.5, "price_in_usd": 1.3, "quantity": "2", "coupon": "(not set)"}
TEA = {"item_id": "tea", "price": None, "price_in_usd": 4.0, "quantity": None}
EVENTS = [
    event("session_start", 0),
    event("view_item", 1, [MUG], parameters={"currency": "EUR"}),
    event("view_search_results", 2, parameters={"search_term": "blue mug"}),
    event("add_to_cart", 3, [MUG], parameters={"currency": "EUR"}),
    event("login", 4, user_id="u1"),
    event(
        "purchase",
        5,
        [MUG, TEA],
        user_id="u1",
        parameters={"currency": "EUR"},
        ecommerce={"transaction_id": "o1", "purchase_revenue": 23.0},
    ),
    event(
        "refund",
        6,
        [{**MUG, "quantity": "1"}],
        user_id="u1",
        parameters={"currency": "EUR"},
        ecommerce={"transaction_id": "o1"},
    ),
    event("page_view", 7),
    {**event("view_item", 8, [MUG]), "event_timestamp": "soon"},
]


def test_an_export_becomes_events(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    report = take(paths=(jsonl(tmp_path / "e.json", *EVENTS),), format="ga4", constants={})
    # 9 events, the purchase of two items: 10 rows; session_start, page_view and the bad moment are set aside
    assert (report.read, report.accepted, report.links) == (10, 7, 1)
    assert set_aside(engine) == [(1, "unknown-kind", "kind"), (8, "missing-item", "item"), (9, "bad-time", "ts")]
    resolved.events(engine, name="who")
    query = "SELECT * FROM who ORDER BY ts, item"
    found = [row for batch in engine.batches(query) for row in batch.to_pylist()]
    assert {row["person"] for row in found} == {name_of("u1")}  # the device became the person who logged in
    told = [(r["kind"], r["item"], r["quantity"], r["unit_price"], r["currency"], r["order_id"]) for r in found]
    assert told == [
        ("browse", "mug", 2, 9.5, "EUR", None),
        ("search", None, 1, None, None, None),
        ("cart", "mug", 2, 9.5, "EUR", None),
        ("purchase", "mug", 2, 9.5, "EUR", "o1"),
        ("purchase", "tea", 1, 4, "USD", "o1"),  # only the dollar price is there
        ("return", "mug", 1, 9.5, "EUR", "o1"),
    ]
    assert found[1]["text"] == "blue mug"
    assert str(found[0]["ts"]) == "2026-05-01 10:00:01.500000"
    assert take(paths=(str(tmp_path / "e.json"),), format="ga4", constants={}).read == 0


def test_another_key_of_an_item_may_be_its_id(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    line = event("view_item", 1, [{**MUG, "item_variant": "mug-blue"}], parameters={"currency": "EUR"})
    take(paths=(jsonl(tmp_path / "e.jsonl", line),), format="ga4", columns={"item": "item_variant"}, constants={})
    assert rows(engine, "events")[0]["item"] == "mug-blue"


def test_a_format_is_taken_from_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="did you mean 'segment'"):
        SourceSettings(name="web", paths=("x",), format="segmnt")
    monkeypatch.setattr(Registry, "_paths", lambda self: {**self._table, "till": "shop.till:read"})
    assert "till" in READERS
    assert SourceSettings(name="web", paths=("x",), format="till").format == "till"

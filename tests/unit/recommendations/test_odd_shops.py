"""Shops of odd shapes and sizes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from siyu.domain.clock import FixedClock
from siyu.engine import schemas
from siyu.engine.embedded import EmbeddedEngine
from siyu.recommendations import RecommendationReport, RecommendationSettings, recommend

from .shop import NOW, Shop, moment


def publish(engine: EmbeddedEngine, person: np.ndarray, item: np.ndarray, *, catalogue: int) -> RecommendationReport:
    """Purchases and looks in turn, a minute apart; products of a catalogue of that size."""
    size = len(person)
    ts = pa.array(np.datetime64(moment(200)) + np.arange(size) % 250_000 * np.timedelta64(1, "m"), pa.timestamp("us"))
    columns = {
        "event_id": pa.array(np.arange(size).astype(str)),
        "person": pa.array(np.char.add("p", person.astype(str))),
        "kind": pa.array(np.where(np.arange(size) % 3 == 0, "purchase", "browse")),
        "ts": ts,
        "effective_ts": ts,
        "item": pa.array(np.char.add("i", item.astype(str))),
        "quantity": pa.array(np.ones(size)),
        "session_id": pa.array(np.char.add("s", (np.arange(size) // 5).astype(str))),
    }
    empty = {field.name: pa.nulls(size, field.type) for field in schemas.EVENTS if field.name not in columns}
    events = pa.table({name: {**columns, **empty}[name] for name in schemas.EVENTS.names}, schema=schemas.EVENTS)
    engine.write(events.to_reader(), "events")
    names = np.char.add("i", np.arange(catalogue).astype(str))
    first = pa.array(np.full(catalogue, np.datetime64(moment(730))), pa.timestamp("us"))
    known = {"item": pa.array(names), "title": pa.array(np.char.add("The ", names)), "first_seen": first}
    missing = {field.name: pa.nulls(catalogue, field.type) for field in schemas.PRODUCTS if field.name not in known}
    products = pa.table({name: {**known, **missing}[name] for name in schemas.PRODUCTS.names}, schema=schemas.PRODUCTS)
    engine.write(products.to_reader(), "products")
    return recommend(engine, RecommendationSettings(), clock=FixedClock(NOW))


@pytest.fixture
def big(tmp_path: Path) -> EmbeddedEngine:
    return EmbeddedEngine(tmp_path / "tables", memory="1GB")


def test_one_person_with_a_hundred_thousand_events(big: EmbeddedEngine) -> None:
    draw = np.random.default_rng(1)
    person = np.where(np.arange(101_000) < 100_000, 0, draw.integers(1, 50, 101_000))
    report = publish(big, person, draw.integers(0, 3_000, 101_000), catalogue=3_000)
    assert report.people == 50
    assert report.served["buy_again"] >= 1


@pytest.mark.slow
def test_a_million_products_and_few_events(big: EmbeddedEngine) -> None:
    draw = np.random.default_rng(2)
    item = np.where(draw.random(20_000) < 0.5, draw.integers(0, 1_000_000, 20_000), draw.integers(0, 50, 20_000))
    report = publish(big, draw.integers(0, 2_000, 20_000), item, catalogue=1_000_000)
    assert report.items == 1_000_000
    assert report.served["discover"] == report.people


def test_nothing_may_be_recommended(shop: Shop) -> None:
    for person in ("a", "b", "c"):
        shop.bought(person, "x", "y", days=3)
    shop.stock({"item": "x", "stock": 0}, {"item": "y", "title": None})
    report = shop.run()
    assert shop.rows() == []
    assert report.people == 3
    assert report.rows == {} == report.served


def test_one_person_and_one_product(shop: Shop) -> None:
    shop.bought("only", "thing", days=3)
    assert shop.run().people == 1
    assert shop.rows() == []


def test_nobody(shop: Shop) -> None:
    shop.stock({"item": "thing"})
    assert shop.run().people == 0
    assert shop.rows() == []

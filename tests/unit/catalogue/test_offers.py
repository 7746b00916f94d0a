"""Offers as facts."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa

from siyu.catalogue import offer_facts
from siyu.domain.campaigns import Offer
from siyu.domain.ids import ItemId
from siyu.engine.schemas import FACTS

WINDOW = {"start": datetime(2026, 5, 1, tzinfo=UTC), "end": datetime(2026, 5, 9, tzinfo=UTC)}
PRODUCTS = pa.table(
    {
        "item": ["a", "b", "c", "d"],
        "category": pa.array(["Toys", "Toys > Cars", "Toyshop", None], pa.string()),
    }
)


def test_a_category_covers_what_is_below_it() -> None:
    found = offer_facts([Offer("toys", category="Toys", percent_off=12.5, terms="One each", **WINDOW)], PRODUCTS)
    assert found.schema == FACTS
    rows = [(row["item"], row["slot"], row["value"], row["number"]) for row in found.to_pylist()]
    assert [row for row in rows if row[1] == "offer.percent_off"] == [
        ("a", "offer.percent_off", "12.5", 12.5),
        ("b", "offer.percent_off", "12.5", 12.5),
    ]
    assert {row[1] for row in rows} == {"offer.percent_off", "offer.starts", "offer.ends", "offer.terms"}
    assert {(row["valid_from"].day, row["valid_until"].day) for row in found.to_pylist()} == {(1, 9)}


def test_a_product_and_one_that_is_not_there() -> None:
    offers = [
        Offer("one", item=ItemId("d"), price=9.9, currency="CNY", stock=3, **WINDOW),
        Offer("two", item=ItemId("gone"), gift="a spoon", **WINDOW),
    ]
    found = offer_facts(offers, PRODUCTS).to_pylist()
    assert {row["item"] for row in found} == {"d"}
    assert [(r["value"], r["number"], r["unit"]) for r in found if r["slot"] == "offer.price"] == [("9.90", 9.9, "CNY")]
    assert offer_facts([], PRODUCTS).num_rows == 0

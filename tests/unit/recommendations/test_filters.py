"""Filters: each bars what it should, is counted once, and leaves the rest."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from siyu.recommendations.settings import FilterSettings

from .shop import Shop, moment, only


@pytest.fixture
def shelf(shop: Shop) -> Shop:
    """Ten people bought good and bad; cold has bought nothing and would be offered both."""
    for number in range(10):
        shop.bought(f"p{number}", "good", "bad", days=3)
    shop.event("cold", "search", None)
    return shop


@pytest.mark.parametrize(
    ("name", "told", "barred"),
    [
        ("out-of-stock", {"stock": 0}, {}),
        ("out-of-stock", {"stock": -3}, {}),
        ("no-title", {"title": None}, {}),
        ("no-title", {"title": "  "}, {}),
        ("not-in-force", {"first_seen": moment(-2)}, {}),
        ("excluded-item", {}, {"items": ("bad",)}),
        ("excluded-category", {"category": "Home > Knives"}, {"categories": ("Home",)}),
        ("excluded-category", {"category": "Home"}, {"categories": ("Home",)}),
        ("price-range", {"price": 5.0}, {"price_from": 10.0}),
        ("price-range", {"price": 500.0}, {"price_to": 100.0}),
        ("price-range", {"price": None}, {"price_to": 100.0}),
        ("price-range", {"price": float("nan")}, {"price_to": 100.0}),
    ],
)
def test_a_product_filter_bars_and_counts(shelf: Shop, name: str, told: dict[str, Any], barred: dict[str, Any]) -> None:
    shelf.stock({"item": "good", "price": 50.0, "stock": 1, "category": "Homeware"}, {"item": "bad", **told})
    report = shelf.run(filters=barred, weights=only("popularity"))
    assert shelf.items("cold") == ["good"]
    assert report.barred_items == {name: 1}


def test_without_a_catalogue_entry_nothing_is_offered(shelf: Shop) -> None:
    del shelf.products["bad"]
    report = shelf.run()
    assert shelf.items("cold") == ["good"]
    assert report.barred_items == {"no-catalogue-entry": 1}


def test_unknown_stock_is_no_bar(shelf: Shop) -> None:
    shelf.stock({"item": "good", "stock": None}, {"item": "bad", "stock": 1})
    report = shelf.run(weights=only("popularity"))
    assert sorted(shelf.items("cold")) == ["bad", "good"]
    assert report.barred_items == {}


def test_bought_products_are_not_discoveries_and_are_counted(shelf: Shop) -> None:
    report = shelf.run(weights=only("popularity"))
    assert all(not shelf.items(f"p{number}") for number in range(10))
    # eleven people times two popular products; ten of the eleven had bought both
    assert report.candidates == {"discover": 22}
    assert report.removed == {"discover": {"already-bought": 20}}
    assert report.rows == {"discover": 2}


def test_what_a_person_sent_back_is_not_offered_again(shelf: Shop) -> None:
    shelf.bought("picky", "bad", days=9)
    shelf.event("picky", "return", "bad", days=5, effective_ts=shelf.events[-1]["ts"])
    report = shelf.run(weights=only("popularity"))
    assert shelf.items("picky") == ["good"]
    assert report.removed["discover"]["returned"] == 1


def test_what_a_person_rated_badly_is_not_offered(shelf: Shop) -> None:
    shelf.event("critic", "review", "bad", rating=1.0)
    report = shelf.run(weights=only("popularity"))
    assert shelf.items("critic") == ["good"]
    assert report.removed["discover"]["disliked"] == 1


def test_a_person_may_be_spared_a_product_in_both_lanes(shelf: Shop) -> None:
    shelf.bought("p0", "bad", days=33)
    shelf.exclude("p0", "bad")
    shelf.exclude("cold", "bad")
    report = shelf.run()
    assert shelf.items("cold") == ["good"]
    assert shelf.items("p0", "buy_again") == []
    assert report.removed["buy_again"] == {"excluded-for-person": 1}


def test_price_bands_keep_discoveries_near_the_usual(shelf: Shop) -> None:
    shelf.stock({"item": "good", "price_band": "2"}, {"item": "bad", "price_band": "5"}, {"item": "own"})
    shelf.stock({"item": "own", "price_band": "1"})
    shelf.bought("thrifty", "own", days=2)
    report = shelf.run(weights=only("popularity"), filters={"price_bands": 1})
    assert shelf.items("thrifty") == ["good"]  # band 1; 2 is one away, 5 is four away
    # "bad" for thrifty; and "own" for the ten others, whose usual band is that of 2 and 5: 3.5, rounded 4
    assert report.removed["discover"]["price-band"] == 1 + 10
    # cold has no usual band: nothing is held against them
    assert set(shelf.items("cold")) == {"good", "bad", "own"}


def test_a_later_purchase_outweighs_a_return(shop: Shop) -> None:
    shop.bought("p", "soap", days=30)
    shop.event("p", "return", "soap", days=25, effective_ts=shop.events[-1]["ts"])
    shop.bought("p", "soap", days=20)
    shop.bought("p", "soap", days=10)
    shop.run()
    assert shop.items("p", "buy_again") == ["soap"]


def test_price_range_the_wrong_way_round_is_refused() -> None:
    with pytest.raises(ValidationError, match="price_from lies above price_to"):
        FilterSettings(price_from=9, price_to=3)


def test_an_exclusion_without_a_person_holds_for_everyone(shelf: Shop) -> None:
    shelf.exclude("", "bad")
    report = shelf.run(weights=only("popularity"))
    assert shelf.items("cold") == ["good"]
    assert report.barred_items == {"excluded-item": 1}

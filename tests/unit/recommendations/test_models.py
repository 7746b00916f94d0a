"""Popularity, looks and content by hand."""

from __future__ import annotations

import pytest

from .shop import Shop, moment, only, reason


def test_popular_counts_people_of_the_shortest_window_that_fills(shop: Shop) -> None:
    for number in range(3):
        shop.bought(f"p{number}", "now", days=5)
        shop.bought(f"p{number}", "now", days=6)  # the same people again: counted once
    for number in range(9):
        shop.bought(f"q{number}", "then", days=50)
    shop.event("cold", "search", None)
    shop.run(weights=only("popularity"), options={"popularity": {"enough": 1}})
    found = shop.of("cold")
    assert [row["item"] for row in found] == ["now"]
    assert (found[0]["reasons"][0]["count"], found[0]["reasons"][0]["number"]) == (3, 30.0)
    shop.run(weights=only("popularity"), options={"popularity": {"enough": 2}})
    assert [(row["item"], row["reasons"][0]["count"]) for row in shop.of("cold")] == [("then", 9), ("now", 3)]
    assert shop.of("cold")[0]["reasons"][0]["number"] == 90.0


def test_interests_choose_products_nobody_bought(shop: Shop) -> None:
    shop.event("p", "search", None)
    shop.cares("p", "attribute", "style=casual", weight=0.8)
    shop.cares("p", "keyword", "jeans", weight=0.5)
    shop.stock(
        {"item": "a", "title": "Blue jean", "attributes": [{"name": "style", "value": "casual"}]},
        {"item": "b", "title": "Red jeans"},
        {"item": "c", "title": "Hat"},
        {"item": "d", "title": "Cap"},
    )
    shop.run(weights=only("content"))
    found = shop.of("p")
    assert [row["item"] for row in found] == ["a", "b"]  # c and d share nothing with p
    told = [(reason["kind"], reason["facet"], reason["value"], reason["number"]) for reason in found[0]["reasons"]]
    assert told == [("interest", "attribute", "style=casual", 0.8), ("interest", "keyword", "jeans", 0.5)]
    # strengths: 0.7 * ln(1 + 4/1) / ln(5) = 0.7 for the style (1 of 4), 0.7 * ln(1 + 4/2) / ln(5) for the word (2 of 4)
    style, word = 0.8 * 0.7, 0.5 * 0.7 * 0.682606194
    assert found[0]["reasons"][0]["share"] == pytest.approx(style / (style + word), abs=1e-4)
    assert found[1]["score"] == pytest.approx(word / (style + word))


def test_chinese_words_and_category_paths_match(shop: Shop) -> None:
    shop.event("p", "search", None)
    shop.cares("p", "keyword", "牛仔裤", weight=0.6)
    shop.cares("p", "category", "服装", weight=0.4)
    shop.stock(
        {"item": "a", "title": "直筒牛仔裤", "language": "zh", "category": "服装 > 裤装"},
        {"item": "b", "title": "羊毛围巾", "language": "zh", "category": "服装 > 配饰"},
        {"item": "c", "title": "台灯", "language": "zh", "category": "家居"},
    )
    shop.run(weights=only("content"))
    assert shop.items("p") == ["a", "b"]


def test_new_products_say_so_with_their_age(shop: Shop) -> None:
    shop.event("p", "search", None)
    shop.cares("p", "brand", "Acme")
    shop.stock({"item": "old", "brand": "Acme"}, {"item": "fresh", "brand": "Acme", "first_seen": moment(6)})
    shop.run(weights=only("content"))
    assert shop.items("p") == ["fresh", "old"]
    assert reason(shop.of("p")[0], "new")["number"] == 6.0
    assert {found["kind"] for found in shop.of("p")[1]["reasons"]} == {"interest"}


def test_a_catalogue_read_for_the_first_time_is_not_all_new(shop: Shop) -> None:
    shop.event("p", "search", None)
    shop.cares("p", "brand", "Acme")
    shop.stock(*({"item": item, "brand": "Acme", "first_seen": moment(2)} for item in "abc"))
    shop.run(weights=only("content"))
    assert len(shop.of("p")) == 3
    assert {found["kind"] for row in shop.of("p") for found in row["reasons"]} == {"interest"}


def test_what_was_looked_at_and_not_bought_comes_back(shop: Shop) -> None:
    shop.looked("p", "lamp", days=9)
    shop.looked("p", "lamp", days=2)
    shop.event("p", "cart", "rug", days=2)
    shop.looked("p", "cup", days=2)
    shop.bought("p", "cup", days=1)
    shop.run(weights=only("viewed"))
    # cart weighs 3; two looks weigh 0.5 ** (2 / 14) + 0.5 ** (9 / 14), below 2
    assert shop.items("p") == ["rug", "lamp"]
    assert (shop.of("p")[1]["reasons"][0]["count"], shop.of("p")[1]["reasons"][0]["number"]) == (2, 2.0)

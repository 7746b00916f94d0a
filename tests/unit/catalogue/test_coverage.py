"""Full feeds: what is no longer listed is no longer sold, and comes back when it is listed again."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.domain.errors import InputError

from .conftest import Look, Take, at

HEADER = "item,title,price,currency\n"
BOTH = HEADER + "a,Mug,9,CNY\nb,Cup,5,CNY\n"


def shelf(look: Look) -> dict[str, tuple[Any, ...]]:
    return {row["item"]: (row["price"], row["stock"]) for row in look("products")}


def test_a_delta_says_nothing_of_what_it_lacks(take: Take, look: Look) -> None:
    take(BOTH, clock=at(1))
    assert take(HEADER + "a,Mug,9,CNY\n", clock=at(2)).vanished == 0
    assert shelf(look) == {"a": (9, None), "b": (5, None)}


def test_what_a_full_feed_lacks_is_not_sold_until_it_is_back(take: Take, look: Look) -> None:
    take(BOTH, clock=at(1), coverage="full")
    assert take(HEADER + "a,Mug,9,CNY\n", clock=at(2), coverage="full").vanished == 1
    assert shelf(look) == {"a": (9, None), "b": (5, 0)}
    assert take(HEADER + "a,Mug,9.0,CNY\n", clock=at(3), coverage="full").vanished == 0  # said once
    states = [
        (r["value"], r["valid_from"].day) for r in look("facts") if (r["item"], r["slot"]) == ("b", "availability")
    ]
    assert states == [("not_listed", 2)]
    take(BOTH, clock=at(4), coverage="full")
    assert shelf(look) == {"a": (9, None), "b": (5, None)}
    stock = [
        (r["valid_from"].day, r["valid_until"].day) for r in look("facts") if (r["item"], r["slot"]) == ("b", "stock")
    ]
    assert stock == [(2, 4)]


def test_a_price_that_a_full_feed_no_longer_states_is_no_price(take: Take, look: Look) -> None:
    take(BOTH, clock=at(1), coverage="full")
    report = take(HEADER + "a,Mug,,\nb,Cup,5,CNY\n", clock=at(2), coverage="full")
    assert shelf(look) == {"a": (None, None), "b": (5, None)}
    assert report.unpriced == 1
    assert take(HEADER + "a,Mug,,\nb,Cup,5.0,CNY\n", clock=at(3), coverage="full").rows == 2
    assert shelf(look)["a"] == (None, None)  # and it stays so


def test_availability_rules_over_stock(take: Take, look: Look) -> None:
    header = "item,title,stock,availability\n"
    lines = [
        "a,Mug,5,out of stock",
        "b,Cup,,https://schema.org/InStock",
        "c,Jar,,缺货",
        "d,Pot,2,maybe",
        "e,Urn,,PREORDER",
    ]
    report = take(header + "\n".join(lines) + "\n", clock=at(1))
    assert {item: stock for item, (_, stock) in shelf(look).items()} == {"a": 0, "b": None, "c": 0, "d": 2, "e": None}
    assert [(p.item, p.reason, p.value) for p in report.problems] == [("d", "bad-availability", "maybe")]
    take(header + "a,Mug,,in_stock\nc,Jar,4,有货\n", clock=at(2))
    assert {item: stock for item, (_, stock) in shelf(look).items()} == {
        "a": None,
        "b": None,
        "c": 4,
        "d": 2,
        "e": None,
    }


def test_a_full_feed_that_lacks_too_much_is_taken_for_damaged(take: Take, look: Look) -> None:
    lines = [f"p{n},Mug,9,CNY\n" for n in range(40)]
    take(HEADER + "".join(lines), clock=at(1), coverage="full")
    before = look("facts", "item, slot")
    for left in (0, 10):
        with pytest.raises(InputError, match="taken for damaged"):
            take(HEADER + "".join(lines[:left]), clock=at(2), coverage="full")
    assert look("facts", "item, slot") == before
    assert take(HEADER + "".join(lines[:10]), clock=at(2), coverage="full", max_vanished=1.0).vanished == 30

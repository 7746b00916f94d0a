"""Buying again: intervals and due-ness by hand."""

from __future__ import annotations

import pytest

from .shop import Shop, reason


def test_the_reason_tells_days_bought_on_and_the_own_interval(shop: Shop) -> None:
    for days in (90, 60, 30):
        shop.bought("p", "soap", days=days)
    shop.bought("p", "soap", days=30.1)  # the same day (UTC): counted once
    shop.run()
    found = reason(shop.of("p", "buy_again")[0], "repeat")
    # days 90, 60 and 30 ago: three purchase days, (90 - 30) / (3 - 1) = 30 days apart
    assert (found["count"], found["number"], found["value"], found["item"]) == (3, 30.0, "person", "soap")


def test_after_one_purchase_the_interval_is_everyones(shop: Shop) -> None:
    for person, gap in (("a", 10), ("b", 20), ("c", 30)):
        shop.bought(person, "soap", days=gap + 5)
        shop.bought(person, "soap", days=5)
    shop.bought("once", "soap", days=40)
    shop.run()
    found = reason(shop.of("once", "buy_again")[0], "repeat")
    # three people with one interval each: (10 + 20 + 30) / 3 = 20 days
    assert (found["count"], found["number"], found["value"]) == (1, 20.0, "everyone")


def test_what_nobody_buys_again_is_not_offered_again(shop: Shop) -> None:
    for person in ("a", "b", "c", "d"):
        shop.bought(person, "fridge", days=50)
    shop.run()
    assert all(not shop.of(person, "buy_again") for person in "abcd")


def test_two_who_bought_twice_do_not_make_it_a_habit_of_others(shop: Shop) -> None:
    for person in ("a", "b"):
        shop.bought(person, "lamp", days=50)
        shop.bought(person, "lamp", days=10)
    shop.bought("once", "lamp", days=20)
    shop.run()
    assert shop.items("a", "buy_again") == ["lamp"]
    assert shop.items("once", "buy_again") == []


def test_what_is_due_comes_before_what_was_just_bought(shop: Shop) -> None:
    # Both bought five times, thirty days apart. Tea is due today, coffee was bought yesterday. The frequencies are
    # sum 0.5 ** (age / 120); with early = 0 coffee keeps 1 / 30 of its score and tea all of it.
    for times in range(5):
        shop.bought("p", "tea", days=30 + 30 * times)
        shop.bought("p", "coffee", days=1 + 30 * times)
    shop.run(options={"personal_frequency": {"early": 0.0}})
    found = shop.of("p", "buy_again")
    assert [row["item"] for row in found] == ["tea", "coffee"]
    tea = sum(0.5 ** ((30 + 30 * times) / 120) for times in range(5))
    coffee = sum(0.5 ** ((1 + 30 * times) / 120) for times in range(5)) / 30
    assert found[1]["score"] == pytest.approx(coffee / tea)


def test_long_overdue_falls_behind(shop: Shop) -> None:
    # Interval 10 days each. Milk is due now; juice was last bought 160 days ago: due = 16, and the power law gives
    # 16 ** -0.5 = 1/4 of its (decayed) frequency.
    for days in (30, 20, 10):
        shop.bought("p", "milk", days=days)
        shop.bought("p", "juice", days=days + 150)
    shop.run(options={"personal_frequency": {"late": 0.5, "half_life": 100.0}})
    found = shop.of("p", "buy_again")
    assert [row["item"] for row in found] == ["milk", "juice"]
    assert found[1]["score"] == pytest.approx(0.5**1.5 / 4)  # 150 days older: 0.5 ** (150 / 100)


def test_a_returned_purchase_is_none(shop: Shop) -> None:
    for days in (60, 30):
        shop.bought("p", "soap", days=days, quantity=2.0)
    shop.event("p", "return", "soap", days=20, effective_ts=shop.events[-1]["ts"], quantity=2.0)
    shop.event("p", "return", "soap", days=20, effective_ts=shop.events[0]["ts"], quantity=1.0)
    shop.run()
    # the purchase of 30 days ago is undone in full, that of 60 days ago in part: one purchase day is left, no repeat
    assert shop.of("p", "buy_again") == []

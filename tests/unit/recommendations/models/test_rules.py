"""Association rules: support, confidence and lift as counted by hand, and what makes one rule count more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from siyu.recommendations.models.rules import _at_least

from ..shop import Shop, only, reason

RULES: dict[str, Any] = {"weights": only("rules"), "options": {"rules": {"window": "basket", "doubt": 0.0}}}


def grocery(shop: Shop) -> Shop:
    """Ten baskets: bread in 5, butter in 4 of them and in one more, salt in 5, of which 2 with bread."""
    for number in range(2):
        shop.bought(f"a{number}", "bread", "butter", days=20 + number)
    for number in range(2):
        shop.bought(f"b{number}", "bread", "butter", "salt", days=30 + number)
    shop.bought("c", "bread", days=40)
    shop.bought("d", "butter", days=41)
    for number in range(3):
        shop.bought(f"e{number}", "salt", days=50 + number)
    shop.bought("f", "soap", days=60)
    return shop


def test_a_rule_is_told_with_its_support_confidence_and_lift(shop: Shop) -> None:
    """bread -> butter: 4 of 5 baskets with bread, 5 of 10 baskets with butter; lift .8 / .5."""
    grocery(shop).run(**RULES)
    told = reason(shop.of("c")[0], "bought-together")
    assert (shop.items("c"), told["item"]) == (["butter"], "bread")
    assert (told["count"], told["facet"], told["value"]) == (4, "confidence", "80%")
    assert told["number"] == pytest.approx(1.6)


def test_what_is_no_more_than_chance_is_no_rule(shop: Shop) -> None:
    """bread -> salt: 2 of 5 baskets with bread (.4), 5 of 10 with salt (.5)."""
    grocery(shop).run(**RULES)
    assert "salt" not in shop.items("c")
    assert shop.items("f") == []


def test_what_was_only_looked_at_is_told_as_that(shop: Shop) -> None:
    grocery(shop).looked("g", "bread")
    shop.run(**RULES)
    told = shop.of("g")[0]["reasons"][0]
    assert (told["kind"], told["item"], told["count"]) == ("similar", "bread", 4)


def test_few_baskets_are_believed_less_than_many(shop: Shop) -> None:
    """3 of 4 beats 60 of 100 where nothing is doubted; Wilson at 2 standard errors, by hand:

    (.75 + .5 - 2 * sqrt(.75 * .25 / 4 + 4 / 64)) / (1 + 1) = .2943; (.6 + .02 - 2 * sqrt(.0024 + .0001)) / 1.04 = .5.
    """
    low = _at_least(np.array([0.75, 0.6]), np.array([4.0, 100.0]), 2.0)
    assert low == pytest.approx([0.2943, 0.5], abs=1e-4)
    for number in range(100):
        shop.bought(f"p{number:03}", "y", *(["common"] if number < 60 else []), days=5 + number / 10)
    for number in range(4):
        shop.bought(f"q{number}", "z", *(["rare"] if number < 3 else []), days=5)
    for number in range(200):
        shop.bought(f"r{number:03}", "other", days=9)
    shop.bought("asking", "y", "z", days=1)
    settings = {"window": "basket", "surprise": 0.0, "power": 1.0}
    shop.run(weights=only("rules"), options={"rules": {**settings, "doubt": 0.0}})
    assert shop.items("asking") == ["rare", "common"]
    shop.run(weights=only("rules"), options={"rules": {**settings, "doubt": 2.0}})
    assert shop.items("asking") == ["common", "rare"]


def test_old_baskets_can_be_left_out(shop: Shop) -> None:
    grocery(shop).bought("new", "bread", days=2)
    shop.bought("h", "soap", days=2)
    options = {**RULES["options"]["rules"], "days": 25.0, "least": 2, "confidence": 0.5}
    shop.run(weights=only("rules"), options={"rules": options})
    assert reason(shop.of("new")[0], "bought-together")["count"] == 2  # only a0 and a1 lie within 25 days


def test_without_baskets_people_make_the_rules(shop: Shop) -> None:
    for number in range(6):
        shop.bought(f"p{number}", "left", days=9)
        shop.bought(f"p{number}", "right", days=3)
    for number in range(6):
        shop.bought(f"q{number}", "else", days=3)
    shop.bought("half", "left", days=5)
    shop.run(weights=only("rules"))
    told = reason(shop.of("half")[0], "bought-together")
    assert (told["item"], told["count"], told["value"]) == ("left", 6, "86%")  # 6 of 7 people with left

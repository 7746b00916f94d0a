"""Variants of one style: a list shows one of them, however many sell, and says how many it passed over."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.engine import schemas

from .shop import Shop, moment, only


def _styles(shop: Shop, **styles: str) -> None:
    """Tell the group of products, by the fact the catalogue leaves."""
    rows: list[dict[str, Any]] = [
        {"item": item, "slot": "group", "value": style, "observed_at": moment(90), "valid_from": moment(90)}
        for item, style in styles.items()
    ]
    shop.datasets.setdefault("facts", (schemas.FACTS, []))[1].extend(rows)


@pytest.fixture
def wardrobe(shop: Shop) -> Shop:
    """Bought by: red 5, blue 4, green 3 (one dress in three colours), scarf 2, hat 1. Cold is offered them in order."""
    for number in range(5):
        shop.bought(f"p{number}", *("red", "blue", "green", "scarf", "hat")[: 5 - number], days=3)
    shop.event("cold", "search", None)
    _styles(shop, red="dress", blue="dress", green="dress", hat="hat")
    return shop


def test_one_of_a_group_by_default(wardrobe: Shop) -> None:
    report = wardrobe.run(weights=only("popularity"))
    assert wardrobe.items("cold") == ["red", "scarf", "hat"]
    # p4 bought red: of blue, green, scarf, hat it sees blue and not green. Cold misses blue and green. The others own
    # what would be passed over. p4's green and cold's two: three.
    assert report.removed["discover"]["same-group"] == 3


def test_as_many_as_the_settings_say(wardrobe: Shop) -> None:
    report = wardrobe.run(weights=only("popularity"), per_group=2)
    assert wardrobe.items("cold") == ["red", "blue", "scarf", "hat"]
    assert report.removed["discover"]["same-group"] == 1


def test_a_short_list_counts_what_stood_before_its_end(wardrobe: Shop) -> None:
    report = wardrobe.run(weights=only("popularity"), top=1)
    assert wardrobe.items("cold") == ["red"]
    assert "same-group" not in report.removed["discover"]


def test_a_group_that_is_no_longer_in_force_binds_nothing(wardrobe: Shop) -> None:
    for row in wardrobe.datasets["facts"][1]:
        row["valid_until"] = moment(1)
    wardrobe.run(weights=only("popularity"))
    assert wardrobe.items("cold") == ["red", "blue", "green", "scarf", "hat"]


def test_buying_again_shows_one_of_a_group_too(shop: Shop) -> None:
    for number in range(3):
        for days in (40, 20, 5):
            shop.bought(f"p{number}", "small", "large", "soap", days=days)
    _styles(shop, small="shampoo", large="shampoo")
    report = shop.run(goal="buy_again")
    assert len(shop.items("p0", "buy_again")) == 2
    assert report.removed["buy_again"]["same-group"] == 3


def test_a_long_row_of_variants_is_looked_through(shop: Shop) -> None:
    """A list of 2 looks at 6 products first; ten variants stand before the second style."""
    for number in range(12):
        shop.bought(f"p{number}", *(f"v{place:02}" for place in range(12 - number)), days=3)
    shop.bought("last", "other", days=3)
    shop.event("cold", "search", None)
    _styles(shop, **{f"v{place:02}": "one" for place in range(12)})
    shop.run(weights=only("popularity"), top=2)
    assert shop.items("cold") == ["v00", "other"]

"""The worked example of a fashion shop, in Chinese; every number is derived beside it."""

from __future__ import annotations

import math

import pytest

from .shop import Shop, only, reason

TITLES = {"t-shirt": "纯棉T恤", "jeans": "直筒牛仔裤", "sneakers": "小白鞋", "jacket": "牛仔外套", "dress": "连衣裙"}


@pytest.fixture
def fashion(shop: Shop) -> Shop:
    """u1 looked at three things and bought two; others bought what u1 bought, and more."""
    shop.stock(*({"item": item, "title": title, "category": "服装"} for item, title in TITLES.items()))
    shop.looked("u1", "t-shirt", "jeans", "sneakers", days=4)
    shop.bought("u1", "t-shirt", "jeans", days=3)
    shop.bought("u2", "t-shirt", "jeans", "sneakers", days=3)
    shop.bought("u3", "t-shirt", "sneakers", days=3)
    shop.bought("u4", "jeans", "jacket", days=3)
    shop.bought("u5", "jeans", "jacket", days=3)
    shop.bought("u6", "dress", days=3)
    return shop


def test_u1_is_offered_what_they_saw_and_like_minded_people_bought(fashion: Shop) -> None:
    fashion.run()
    found = fashion.of("u1")
    assert [row["item"] for row in found] == ["sneakers", "jacket", "dress"]
    assert {row["kind"] for row in found[0]["reasons"]} == {"bought-together", "viewed", "popular"}
    # looked at once, in the session of four days ago
    assert (reason(found[0], "viewed")["count"], reason(found[0], "viewed")["number"]) == (1, 4.0)
    # u2 and u3 bought sneakers, both within 30 days; too few products sold for that window, so the longest is used
    assert (reason(found[0], "popular")["count"], reason(found[0], "popular")["number"]) == (2, 36_500.0)


def test_the_reason_counts_baskets_and_lift(fashion: Shop) -> None:
    fashion.run(weights=only("item_to_item"))
    by_item = {row["item"]: row for row in fashion.of("u1")}
    assert set(by_item) == {"sneakers", "jacket"}
    # 6 baskets; t-shirt is in 3 (u1 u2 u3), jeans in 4 (u1 u2 u4 u5), sneakers in 2 (u2 u3), jacket in 2 (u4 u5).
    # t-shirt & sneakers: baskets u2, u3 -> 2; lift = 2 * 6 / (3 * 2) = 2.
    found = reason(by_item["sneakers"], "bought-together")
    assert (found["item"], found["count"], found["value"]) == ("t-shirt", 2, "basket")
    assert found["number"] == pytest.approx(2.0)
    assert found["share"] == pytest.approx(
        1.0, abs=1e-4
    )  # jeans & sneakers share one basket only: below the least of two
    # jeans & jacket: baskets u4, u5 -> 2; lift = 2 * 6 / (4 * 2) = 1.5.
    found = reason(by_item["jacket"], "bought-together")
    assert (found["item"], found["count"]) == ("jeans", 2)
    assert found["number"] == pytest.approx(1.5)
    # All baskets are equally old, so the cosines are 2 / sqrt(3 * 2) and 2 / sqrt(4 * 2). Both past products weigh the
    # same (one look and one purchase each), so the scores, over the best, are 1 and sqrt(6) / sqrt(8).
    assert by_item["sneakers"]["score"] == pytest.approx(1.0)
    assert by_item["jacket"]["score"] == pytest.approx(math.sqrt(6 / 8))


def test_nothing_bought_is_offered_as_new(fashion: Shop) -> None:
    fashion.run()
    for person in ("u1", "u2", "u3", "u4", "u5", "u6"):
        own = {row["item"] for row in fashion.events if row["person"] == person and row["kind"] == "purchase"}
        assert own.isdisjoint(fashion.items(person))

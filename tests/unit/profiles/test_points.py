"""Selling points: counted by person, quoted, and never from what is not said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from siyu.profiles import ProfileSettings
from siyu.profiles.reviews.points import wilson_low
from siyu.profiles.settings import ReviewSettings


def _aspects(shop: Any) -> dict[tuple[str, str], dict[str, Any]]:
    shop.engine.table("product_aspects", "product_aspects")
    rows = shop.rows("SELECT * FROM product_aspects")
    return {(row["item"], row["aspect"]): row for row in rows}


def _review(shop: Any, person: str, text: str, *, item: str = "dress", days: float = 5.0, rating: float = 5.0) -> Any:
    return shop.event(person, "review", item=item, text=text, days=days, rating=rating)


@pytest.fixture
def shop(shop: Any) -> Any:
    shop.products(
        {"item": "dress", "title": "Dress", "category": "Dresses"},
        {"item": "lamp", "title": "Lamp", "category": "Lamps"},
    )
    return shop


def test_what_people_praise_is_a_selling_point_with_their_words(shop: Any) -> None:
    rows = [_review(shop, f"u{n}", "面料很舒服，但是物流太慢") for n in range(6)]
    rows += [_review(shop, "u0", "面料很舒服"), _review(shop, "u9", "布料差", rating=1.0)]
    shop.write(rows)
    shop.build()
    found = _aspects(shop)
    material = found["dress", "material"]
    assert (material["praised"], material["blamed"]) == (6, 1)  # u0 said it twice and counts once
    # 6 of 7: Wilson's interval begins at .487 - not surely more than half
    assert material["low"] == pytest.approx(0.487, abs=0.001)
    assert not material["selling_point"]
    comfort = found["dress", "comfort"]
    assert (comfort["praised"], comfort["blamed"]) == (6, 0)
    assert comfort["selling_point"]
    assert comfort["praise"][0]["clause"] == "面料很舒服"
    assert comfort["praise"][0]["event_id"].startswith("e")
    delivery = found["dress", "delivery"]
    assert delivery["blamed"] == 6
    assert not delivery["selling_point"]


def test_what_the_shop_does_is_no_selling_point_of_a_product(shop: Any) -> None:
    shop.write(_review(shop, f"u{n}", "物流很快，服务热情") for n in range(9))
    shop.build()
    found = _aspects(shop)
    assert found["dress", "delivery"]["praised"] == 9
    assert not any(row["selling_point"] for row in found.values())


def test_few_people_later_reviews_and_unnamed_products_say_nothing(shop: Any) -> None:
    rows = [_review(shop, f"u{n}", "很漂亮", item="lamp") for n in range(2)]
    rows += [_review(shop, f"u{n}", "很漂亮", days=-1.0) for n in range(9)]
    rows += [shop.event(f"u{n}", "review", text="很漂亮", days=1) for n in range(9)]
    shop.write(rows)
    shop.build()
    assert _aspects(shop) == {}


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script> 很漂亮", "{{7*7}} 很漂亮", "🙂" * 500 + "，很漂亮", "\x00很漂亮"]
)
def test_a_quote_is_what_was_written(shop: Any, text: str) -> None:
    shop.write(_review(shop, f"u{n}", text) for n in range(5))
    shop.build()
    praise = _aspects(shop)["dress", "looks"]["praise"]
    assert all("很漂亮" in quote["clause"] for quote in praise)


def test_reading_can_be_switched_off(shop: Any) -> None:
    shop.write(_review(shop, f"u{n}", "很漂亮") for n in range(5))
    shop.build(ProfileSettings(reviews=ReviewSettings(on=False)))
    with pytest.raises(Exception, match="product_aspects"):
        _aspects(shop)


def test_wilson_is_what_statsmodels_says() -> None:
    hits, trials = np.array([0.0, 1, 3, 6, 50, 999]), np.array([4.0, 1, 9, 7, 50, 1000])
    expected = [proportion_confint(h, n, method="wilson")[0] for h, n in zip(hits, trials, strict=True)]
    assert wilson_low(hits, trials) == pytest.approx(expected, abs=1e-6)

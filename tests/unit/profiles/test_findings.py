"""What could not be worked out is said, with its reason and its numbers, in both languages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from siyu.packs import read
from siyu.packs.findings import finding
from siyu.profiles import ProfileReport, ProfileSettings
from siyu.profiles.findings import WHYS, standing


def found(report: ProfileReport) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for one in report.findings:
        told.setdefault(one.what, []).append(one.why)
    return told


def facts(report: ProfileReport, what: str) -> dict[str, float]:
    return dict(next(one for one in report.findings if one.what == what).facts)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_finding_has_a_sentence(language: str) -> None:
    words = read("languages", language, "findings")
    assert {what: set(told) for what, told in words["findings"].items()} == {k: set(v) for k, v in WHYS.items()}
    assert set(words["what"]) == set(WHYS)


def test_one_customer_of_one_product(shop: Any) -> None:
    shop.products({"item": "p1", "category": "Hats", "price_band": "1"})
    shop.write([shop.event("u1", "purchase", item="p1", days=n) for n in range(3)])
    report = shop.build()
    assert found(report) == {"segments": ["too-few-people"], "reviews": ["no-reviews"], "rules": ["single-items"]}
    assert facts(report, "segments") == {"people": 1, "least": 50}
    assert facts(report, "rules") == {"baskets": 3, "least": 10, "days": 365}


def test_people_who_are_all_alike(shop: Any) -> None:
    shop.products({"item": "p1", "category": "Hats", "price_band": "1"})
    shop.write([shop.event(f"u{n}", "purchase", item="p1", days=3) for n in range(60)])
    report = shop.build()
    assert found(report)["segments"] == ["nobody-differs"]
    assert facts(report, "segments") == {"people": 60}


def test_constant_features_are_named(shop: Any) -> None:
    shop.products({"item": "p1", "category": "Hats", "price_band": "1"})
    shop.write([
        shop.event(f"u{n}", "purchase", item="p1", days=1 + day, unit_price=1.0 + n % 7)
        for n in range(120) for day in range(1 + n % 5)
    ])  # fmt: skip
    report = shop.build()
    (one,) = (one for one in report.findings if one.what == "segments")
    # nobody browses or returns, everybody likes the one category, and puts one piece in a basket
    assert one.why == "constant-features"
    assert set(one.names) >= {"browsing", "returns", "focus", "basket"}
    assert "share of returns" in finding(asdict(one), "en")
    assert "退货比例" in finding(asdict(one), "zh")


def test_a_catalogue_that_is_all_new(shop: Any) -> None:
    shop.products(*({"item": f"new{n}", "category": "Hats", "brand": "A", "price_band": "1"} for n in range(7)))
    shop.write([shop.event(f"u{n % 9}", "browse", item=f"old{n % 3}") for n in range(30)])
    report = shop.build()
    assert found(report)["interests"] == ["catalogue-unknown"]
    assert facts(report, "interests") == {"items": 3, "products": 7}


def test_no_catalogue_and_nobody(shop: Any) -> None:
    shop.write([shop.event("u1", "browse", item="p1", days=-3)])
    assert found(shop.build())["interests"] == ["nobody-known"]
    assert found(shop.build(days=-4))["interests"] == ["no-catalogue"]


@pytest.mark.parametrize(
    ("rows", "whys"),
    [
        ([{"item": "p1"}] * 3, ["no-words"]),
        ([{"text": "很好"}] * 3, ["no-product"]),
        ([{"item": "p1", "text": "это хорошо"}] * 3, ["few-good", "other-scripts", "nothing-said"]),
        ([{"item": "p1", "text": "面料很舒服"}, {"item": "p1", "text": "great fabric"}], ["few-good", "no-points"]),
        ([{"item": "p1", "text": "12345"}], ["few-good", "nothing-said"]),
    ],
)  # fmt: skip
def test_reviews_that_say_little(shop: Any, rows: list[dict[str, Any]], whys: list[str]) -> None:
    shop.products({"item": "p1", "category": "Hats"})
    shop.write([shop.event(f"u{n}", "review", **row) for n, row in enumerate(rows)])
    assert found(shop.build())["reviews"] == whys


def test_a_day_on_which_nothing_is_made_anew_still_knows(shop: Any) -> None:
    shop.products({"item": "p1", "category": "Hats", "price_band": "1"})
    shop.write([shop.event("u1", "purchase", item="p1", days=2)])
    first = shop.build(days=1)
    assert shop.build().mode == "incremental"
    again = shop.build()
    assert again.findings == first.findings == standing(shop.engine)


def test_no_categories_and_too_many_products(shop: Any) -> None:
    shop.products({"item": "p1"})
    rows = [
        shop.event(f"u{n}", "purchase", item=f"p{n % 3 + k}", order_id=f"o{n}", days=5) for n in range(90)
        for k in range(2)
    ]  # fmt: skip
    shop.write(rows)
    settings = ProfileSettings.model_validate({"rules": {"most_items": 3}})
    report = shop.build(settings)
    told = {one.why: one.facts for one in report.findings if one.what == "rules"}
    assert told.keys() >= {"no-categories", "rarest-left-out"}
    # p0 and p3 are in 30 baskets each: one of them alone would be taken by chance, so neither is
    assert told["rarest-left-out"] == {"things": 4, "most": 2}

"""Interests: the field's worked example, and laws of weights, decay, returns and lift."""

from __future__ import annotations

import random
from typing import Any

import pytest

from siyu.engine import schemas
from siyu.profiles import ProfileSettings
from siyu.profiles.settings import InterestSettings

MINUTE = 1 / 1440
CLOTHES = [
    {"item": "p1", "title": "T-shirt", "category": "T-shirt", "brand": "A", "price_band": "1"},
    {"item": "p2", "title": "Jeans", "category": "Jeans", "brand": "B", "price_band": "3"},
    {"item": "p3", "title": "Sneakers", "category": "Sneakers", "brand": "B", "price_band": "5"},
]


def test_the_worked_example(shop: Any) -> None:
    """u1 browsed T-shirt, Jeans, Sneakers; searched Fashion, Style, Trend; bought T-shirt, Jeans; wrote a review.

    All within a quarter of an hour, so decay hardly matters (2 ** (-0.01 / 60) = 0.9999).
    Weights: browse 1, search 3, purchase 6, review 3 x sentiment.
    Sentiment: great + quality + stylish = 3, and 3 / sqrt(9 + 3) = 0.8660.

        t-shirt, jeans: 1 + 6 = 7 each (t-shirt was turned to first); sneakers: 1
        fashion, style, trend: 3 each
        quality, stylish: 3 x 0.8660 / 2 words = 1.2990 each
        together: 15 + 9 + 2.5981 = 26.5981
    """
    shop.products(*CLOTHES)
    event = shop.event
    shop.write(
        [event("u1", "browse", days=(14 - n) * MINUTE, item=f"p{n + 1}") for n in range(3)]
        + [event("u1", "search", days=(11 - n) * MINUTE, text=t) for n, t in enumerate(("Fashion", "Style", "Trend"))]
        + [event("u1", "purchase", days=5 * MINUTE, item=item, order_id="o1") for item in ("p1", "p2")]
        + [event("u1", "review", days=MINUTE, text="Great quality and stylish products!")]
    )
    report = shop.build()

    categories = shop.interests("u1", "category")
    assert list(categories) == ["T-shirt", "Jeans", "Sneakers"]
    assert list(categories.values()) == pytest.approx([7 / 15, 7 / 15, 1 / 15], abs=1e-4)

    keywords = shop.interests("u1", "keyword")
    assert list(keywords) == ["t-shirt", "jeans", "fashion", "style", "trend", "quality", "stylish", "sneakers"]
    expected = [7, 7, 3, 3, 3, 1.2990, 1.2990, 1]
    assert list(keywords.values()) == pytest.approx([weight / 26.5981 for weight in expected], abs=1e-4)

    assert shop.interests("u1", "brand") == pytest.approx({"B": 8 / 15, "A": 7 / 15}, abs=1e-4)
    assert report.interests == {"brand": 2, "category": 3, "keyword": 8, "price_band": 3}
    assert (report.mode, report.cause, report.events) == ("full", "first-run", 9)


def test_evidence_is_the_strongest_events_with_their_share(shop: Any) -> None:
    shop.products(*CLOTHES)
    rows = [
        shop.event("u1", kind, days=days, item="p1") for kind, days in (("browse", 60), ("purchase", 0), ("cart", 0))
    ]
    shop.write([*rows, shop.event("u1", "browse", days=120, item="p1")])
    shop.build()
    (found,) = shop.rows("SELECT evidence FROM interests WHERE facet = 'category'")
    # 6 + 4 + 1/2 + 1/4 = 10.75
    shares = [(one["kind"], one["item"], round(one["share"], 6)) for one in found["evidence"]]
    assert shares == [
        ("purchase", "p1", round(6 / 10.75, 6)),
        ("cart", "p1", round(4 / 10.75, 6)),
        ("browse", "p1", round(0.5 / 10.75, 6)),
    ]


def test_rows_are_as_the_schema_says(shop: Any) -> None:
    shop.products(*CLOTHES)
    shop.write([shop.event("u1", "browse", item="p1")])
    shop.build()
    for dataset, schema in (
        ("interests", schemas.INTERESTS),
        ("people", schemas.PEOPLE),
        ("segments", schemas.SEGMENTS),
    ):
        shop.engine.table("t", dataset)
        (batch, *_) = [*shop.engine.batches("SELECT * FROM t")] or [None]
        if batch is not None:
            assert batch.schema.remove_metadata().equals(schema), dataset


def test_weight_halves_every_half_life(shop: Any) -> None:
    shop.products(*CLOTHES)
    shop.write([shop.event("u1", "browse", days=60, item="p1"), shop.event("u1", "browse", item="p2")])
    shop.build()
    # 1/2 against 1
    assert shop.interests("u1", "category") == pytest.approx({"Jeans": 2 / 3, "T-shirt": 1 / 3})


def test_older_never_weighs_more(shop: Any) -> None:
    shop.products(*CLOTHES)
    ages = [0, 1, 30, 60, 61, 365, 3650]
    for number, age in enumerate(ages):
        person = f"u{number}"
        shop.write([shop.event(person, "browse", days=age, item="p1"), shop.event(person, "browse", item="p2")])
    shop.build()
    shares = [shop.interests(f"u{number}", "category").get("T-shirt", 0.0) for number in range(len(ages))]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == pytest.approx(0.5)


def test_quantity_counts_damped(shop: Any) -> None:
    shop.products(*CLOTHES)
    shop.write([shop.event("u1", "purchase", item="p1", quantity=3.0), shop.event("u1", "purchase", item="p2")])
    shop.build()
    # log2(1 + 3) = 2 against log2(1 + 1) = 1
    assert shop.interests("u1", "category") == pytest.approx({"T-shirt": 2 / 3, "Jeans": 1 / 3})


def test_a_full_return_cancels_its_purchase_exactly(shop: Any) -> None:
    shop.products(*CLOTHES)
    bought = shop.event("u1", "purchase", days=40, item="p1", quantity=3.0, unit_price=10.0, order_id="o1")
    back = [
        shop.event("u1", "return", days=days, item="p1", quantity=q, effective_ts=bought["ts"])
        for days, q in ((30, 1.0), (20, 2.0))  # in two parts
    ]
    shop.write([bought, *back, shop.event("u1", "browse", item="p2")])
    shop.build()
    assert shop.interests("u1", "category") == {"Jeans": 1.0}
    person = shop.person("u1")
    assert (person["orders"], person["spend"], person["lifecycle"]) == (0, 0.0, "prospect")


def test_a_part_return_leaves_the_rest(shop: Any) -> None:
    shop.products(*CLOTHES)
    bought = shop.event("u1", "purchase", item="p1", quantity=4.0, unit_price=10.0, order_id="o1", days=1)
    shop.write(
        [
            bought,
            shop.event("u1", "return", item="p1", effective_ts=bought["ts"]),
            shop.event("u1", "purchase", item="p2", unit_price=10.0, order_id="o1", days=1),
        ]
    )
    shop.build()
    # 4 - 1 = 3 pieces: log2(4) = 2 against 1
    assert shop.interests("u1", "category") == pytest.approx({"T-shirt": 2 / 3, "Jeans": 1 / 3})
    assert shop.person("u1")["spend"] == pytest.approx(40.0)


def test_a_bad_review_takes_away_and_never_below_zero(shop: Any) -> None:
    shop.products(*CLOTHES)
    shop.write(
        [
            shop.event("u1", "purchase", item="p1"),
            shop.event("u1", "purchase", item="p2"),
            shop.event("u1", "rating", item="p1", rating=1.0),  # (1 - 3) / 2 = -1, times 3
            shop.event("u1", "browse", item="p3"),
            shop.event("u1", "review", item="p3", rating=1.0),  # 1 - 3 < 0
        ]
    )
    shop.build()
    # 6 - 3 = 3 against 6
    assert shop.interests("u1", "category") == pytest.approx({"Jeans": 2 / 3, "T-shirt": 1 / 3})


def test_an_event_is_divided_over_the_values_of_a_facet(shop: Any) -> None:
    attributes = [{"name": "style", "value": "casual"}, {"name": "fit", "value": "slim"}, {"name": None, "value": "x"}]
    shop.products(
        {"item": "p1", "title": "Slim cotton shirts", "category": "Men > Tops > Shirts", "attributes": attributes},
        {"item": "p2", "title": "Shirt", "category": "Men"},
        {"item": "p3", "title": "Shirt", "category": " "},
    )
    shop.write([shop.event("u1", "browse", item=item) for item in ("p1", "p2", "p3")])
    shop.build()
    # category: p1 gives 1/2 to its path and 1/2 to "Men"; p2 1 to "Men"
    assert shop.interests("u1", "category") == pytest.approx({"Men": 1.5 / 2, "Men > Tops > Shirts": 0.5 / 2})
    assert shop.interests("u1", "attribute") == pytest.approx({"fit=slim": 0.5, "style=casual": 0.5})
    # "shirt" (two titles) and "shirts" (one) are one word: 1/3 + 1 + 1 of 3
    assert shop.interests("u1", "keyword") == pytest.approx({"shirt": 7 / 9, "cotton": 1 / 9, "slim": 1 / 9})


def test_lift_compares_with_everybody(shop: Any) -> None:
    shop.products(*CLOTHES)
    shop.write([shop.event(person, "browse", item=item) for person, item in (("u1", "p1"), ("u2", "p1"), ("u2", "p2"))])
    shop.build()
    lifts = {
        (row["person"], row["value"]): row["lift"]
        for row in shop.rows("SELECT * FROM interests WHERE facet = 'category'")
    }
    # mean share of T-shirt (1 + 1/2) / 2 = 3/4, of Jeans 1/4
    assert lifts == pytest.approx({("u1", "T-shirt"): 4 / 3, ("u2", "T-shirt"): 2 / 3, ("u2", "Jeans"): 2.0})


def test_shares_sum_to_one_and_top_cuts(shop: Any) -> None:
    shop.products(*({"item": f"i{n}", "title": f"word{chr(97 + n)}", "category": f"c{n}"} for n in range(12)))
    draw = random.Random(1)
    shop.write([shop.event(f"u{n % 5}", "browse", item=f"i{draw.randrange(12)}", days=n) for n in range(80)])
    shop.build()
    for row in shop.rows("SELECT person, facet, sum(weight) AS s, min(weight) AS low FROM interests GROUP BY 1, 2"):
        assert row["s"] == pytest.approx(1.0)
        assert row["low"] > 0
    shop.build(ProfileSettings(interests=InterestSettings(top=3)))
    for row in shop.rows(
        "SELECT count(*) AS n, sum(weight) AS s, max(rank) AS last FROM interests GROUP BY person, facet"
    ):
        assert (row["n"], row["last"]) == (3, 3)
        assert row["s"] < 1


def test_order_of_rows_changes_nothing(new_shop: Any) -> None:
    draw, there, back = random.Random(2), new_shop("there"), new_shop("back")
    rows = [
        there.event(f"u{n % 4}", "browse", item=f"p{draw.randint(1, 3)}", days=draw.random() * 99) for n in range(60)
    ]
    results = []
    for shop, ordered in ((there, rows), (back, draw.sample(rows, len(rows)))):
        shop.products(*CLOTHES)
        shop.write(ordered)
        shop.build()
        results.append(shop.rows("SELECT * FROM interests ORDER BY person, facet, rank"))
    for one, other in zip(*results, strict=True):
        assert one.pop("weight") == pytest.approx(other.pop("weight"), abs=1e-9)
        assert one.pop("lift") == pytest.approx(other.pop("lift"), abs=1e-9)
        for mine, its in zip(one.pop("evidence"), other.pop("evidence"), strict=True):
            assert mine.pop("share") == pytest.approx(its.pop("share"))
            assert mine == its
        assert one == other


@pytest.mark.parametrize("with_products", [True, False])
def test_no_events_no_rows(shop: Any, *, with_products: bool) -> None:
    if with_products:
        shop.products(*CLOTHES)
    shop.write([])
    report = shop.build()
    assert (report.people, report.interests, report.segments) == (0, {}, {})
    assert shop.rows("SELECT * FROM people") == []


def test_strange_rows_do_no_harm(shop: Any) -> None:
    shop.products({"item": "p1", "title": None}, {"item": "p2", "title": "👟\u200b ٣"}, {"item": None, "title": "x"})
    shop.write(
        [
            shop.event("u1", "purchase", item="unknown", quantity=1e308, unit_price=None),
            shop.event("u1", "purchase", item="p1", quantity=None),
            shop.event("u2", "search", tokens=[]),
            shop.event("u2", "search", tokens=["", None, "鞋"]),
            shop.event("u3", "review", text="", item=None),
            shop.event("u3", "sent", item="p1"),
            shop.event("u4", "open"),
        ]
    )
    report = shop.build()
    assert report.people == 4
    assert shop.interests("u2", "keyword") == {"鞋": 1.0}
    assert shop.person("u1")["orders"] >= 1

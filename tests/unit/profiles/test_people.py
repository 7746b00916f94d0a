"""People: scores, rhythm, habits and lifecycle, derived by hand."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.profiles import ProfileSettings
from siyu.profiles.people import quantile
from siyu.profiles.settings import LifecycleSettings


def _buy(shop: Any, person: str, *days: float, **more: Any) -> list[dict[str, Any]]:
    return [
        shop.event(person, "purchase", days=day, item="p1", unit_price=10.0, order_id=f"{person}-{day}", **more)
        for day in days
    ]


def test_scores_are_fifths(shop: Any) -> None:
    for n in range(5):  # u0 bought last, least often and least
        shop.write(_buy(shop, f"u{n}", *(1 + n + 10 * order for order in range(n + 1))))
    shop.build()
    for n in range(5):
        person = shop.person(f"u{n}")
        # five people, all different: ranks 1 to 5 are fifths 1 to 5
        assert (person["r"], person["f"], person["m"]) == (5 - n, n + 1, n + 1)
        assert (person["orders"], person["spend"]) == (n + 1, 10.0 * (n + 1))
        assert person["recency_days"] == pytest.approx(1 + n)


def test_equal_people_get_equal_scores(shop: Any) -> None:
    for n in range(10):
        shop.write(_buy(shop, f"u{n}", 3, *([4, 5] if n >= 8 else [])))
    shop.build()
    rows = shop.rows("SELECT r, f, count(*) AS n FROM people GROUP BY r, f ORDER BY f")
    # recency: one tie of ten, its middle at 5/10: fifth 3. orders: eight at the middle 4/10: 3; two at 9/10: 5
    assert rows == [{"r": 3, "f": 3, "n": 8}, {"r": 3, "f": 5, "n": 2}]


def test_one_person_stands_in_the_middle(shop: Any) -> None:
    shop.write(_buy(shop, "u1", 3))
    shop.build()
    person = shop.person("u1")
    assert (person["r"], person["f"], person["m"], person["segment"]) == (3, 3, 3, None)


def test_people_without_a_purchase(shop: Any) -> None:
    shop.write([shop.event("u1", "browse", item="p1", days=2), shop.event("u2", "sent", days=1)])
    report = shop.build()
    assert report.people == 1  # a message sent is nothing the person did
    person = shop.person("u1")
    empty = ("recency_days", "r", "f", "m", "gap_days", "price_band", "segment")
    assert [person[name] for name in empty] == [None] * 7
    assert (person["orders"], person["spend"], person["lifecycle"]) == (0, 0.0, "prospect")


def test_rhythm_is_the_median_of_days_between_order_days(shop: Any) -> None:
    shop.write(_buy(shop, "u1", 40, 30, 24, 10))  # gaps 10, 6, 14: median 10
    shop.write(_buy(shop, "u2", 30, 20, 0.1, 0.2))  # two orders today are one day: gaps 10, 20: median 15
    shop.write(_buy(shop, "u3", 5))
    shop.build()
    assert [shop.person(f"u{n}")["gap_days"] for n in (1, 2, 3)] == [10.0, 15.0, None]
    assert shop.person("u2")["orders"] == 4


def test_usual_hour_goes_around_the_clock(shop: Any) -> None:
    # NOW is noon: 23:00 twice, 00:00 twice, 01:00 once, 12:00 three times
    at = {23: 2, 0: 2, 1: 1, 12: 3}
    days = {hour: 2 + (12 - hour) / 24 for hour in at}
    shop.write(
        [shop.event("u1", "browse", item="p1", days=days[hour]) for hour, times in at.items() for _ in range(times)]
    )
    shop.build()
    # twice its own count and once its neighbours': 23 -> 4 + 2 = 6; 0 -> 4 + 2 + 1 = 7; 1 -> 2 + 2 = 4; 12 -> 6
    assert shop.person("u1")["usual_hour"] == 0


def test_habits_are_the_most_frequent(shop: Any) -> None:
    kinds = [("web", "zh"), ("app", None), ("app", "en"), ("web", "zh"), (None, "en"), ("app", "zh")]
    shop.write([shop.event("u1", "browse", item="p1", channel=ch, language=la) for ch, la in kinds])
    shop.build()
    assert (shop.person("u1")["channel"], shop.person("u1")["language"]) == ("app", "zh")


def test_price_band_is_the_strongest_interest(shop: Any) -> None:
    shop.products({"item": "p1", "price_band": "1"}, {"item": "p2", "price_band": "4"})
    shop.write([shop.event("u1", "browse", item="p1"), shop.event("u1", "purchase", item="p2")])
    shop.build()
    assert shop.person("u1")["price_band"] == "4"


def test_lifecycle_by_own_rhythm(shop: Any) -> None:
    """Gaps of 10 days: late after 2 x 10, lapsed after 4 x 10. Loyal needs 4 orders and the shop's 0.8 quantile."""
    steady = (0, 10, 20)
    for person, silence in (("on", 15), ("late", 30), ("gone", 50)):
        shop.write(_buy(shop, person, *(silence + gap for gap in steady)))
    shop.write(_buy(shop, "fan", 5, 15, 25, 35))
    shop.write(_buy(shop, "new", 3))
    shop.build()
    stages = {row["person"]: row["lifecycle"] for row in shop.rows("SELECT person, lifecycle FROM people")}
    # orders: 1, 3, 3, 3, 4: the 0.8 quantile is 3, so four orders it is
    assert stages == {"on": "active", "late": "at-risk", "gone": "lapsed", "fan": "loyal", "new": "new"}


def test_a_short_own_gap_counts_as_a_week(shop: Any) -> None:
    shop.write(_buy(shop, "daily", 10, 11, 12, 13))  # gap 1; late after 2 x 7, not after 2 x 1
    shop.build()
    assert shop.person("daily")["lifecycle"] == "loyal"


def test_lifecycle_by_the_shop(shop: Any) -> None:
    """One order each, beside one person whose ten gaps are 7 (eight times), 40 and 60: quantiles .8 is 7, .95 is 60."""
    shop.write(_buy(shop, "rhythm", *(5 + 7 * n for n in range(9)), 101, 161))
    for person, silence in (("fresh", 6.9), ("late", 40), ("gone", 61)):
        shop.write(_buy(shop, person, silence))
    shop.build(ProfileSettings(lifecycle=LifecycleSettings(new_days=1)))
    stages = {row["person"]: row["lifecycle"] for row in shop.rows("SELECT person, lifecycle FROM people")}
    assert stages == {"rhythm": "loyal", "fresh": "active", "late": "at-risk", "gone": "lapsed"}


def test_lifecycle_without_any_gap_falls_back_to_days(shop: Any) -> None:
    for person, silence in (("fresh", 60), ("late", 100), ("gone", 200)):
        shop.write(_buy(shop, person, silence))
    report = shop.build()
    assert report.lifecycle == {"active": 1, "at-risk": 1, "lapsed": 1}


@pytest.mark.parametrize(("share", "value"), [(0.5, 2.0), (0.75, 2.0), (0.76, 9.0), (0.99, 9.0)])
def test_quantiles_of_a_distribution(share: float, value: float) -> None:
    assert quantile({1.0: 1, 2.0: 2, 9.0: 1}, share) == value

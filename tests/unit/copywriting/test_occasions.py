"""Occasions are spoken of where they are true, and days of feasts are those of published calendars."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from siyu import packs
from siyu.copywriting import occasions
from siyu.copywriting.festivals import Festival
from siyu.copywriting.moon import lunar_day
from siyu.domain.campaigns import Audience

from .conftest import NOW, SEEN, U1, U3, Shop, event, fact, person_row, reason, rec

Run = Callable[..., list[dict[str, Any]]]

# Published by the Hong Kong Observatory (Gregorian-Lunar Calendar Conversion Table), the first day of each year.
NEW_YEARS = [
    "2000-02-05", "2001-01-24", "2002-02-12", "2003-02-01", "2004-01-22", "2005-02-09", "2006-01-29", "2007-02-18",
    "2008-02-07", "2009-01-26", "2010-02-14", "2011-02-03", "2012-01-23", "2013-02-10", "2014-01-31", "2015-02-19",
    "2016-02-08", "2017-01-28", "2018-02-16", "2019-02-05", "2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22",
    "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-03", "2031-01-23",
    "2032-02-11", "2033-01-31", "2034-02-19", "2035-02-08",
]  # fmt: skip
FEASTS = [  # month, day of the Chinese year, and the day of ours
    (2020, 8, 15, "2020-10-01"), (2023, 8, 15, "2023-09-29"), (2025, 8, 15, "2025-10-06"), (2033, 8, 15, "2033-09-08"),
    (2020, 5, 5, "2020-06-25"), (2023, 5, 5, "2023-06-22"), (2025, 5, 5, "2025-05-31"), (2026, 5, 5, "2026-06-19"),
    (2020, 7, 7, "2020-08-25"), (2025, 7, 7, "2025-08-29"), (2024, 1, 15, "2024-02-24"), (2026, 1, 15, "2026-03-03"),
]  # fmt: skip


@pytest.mark.parametrize("shown", NEW_YEARS)
def test_the_chinese_year_begins_on_the_published_day(shown: str) -> None:
    day = date.fromisoformat(shown)
    assert lunar_day(day.year, 1, 1) == day


@pytest.mark.parametrize(("year", "month", "day", "shown"), FEASTS)
def test_feasts_fall_on_the_published_day(year: int, month: int, day: int, shown: str) -> None:
    assert lunar_day(year, month, day).isoformat() == shown


def test_two_centuries_agree_with_an_independent_table() -> None:
    """`lunardate` carries a table; it differs in months whose new moon falls within minutes of midnight."""
    lunardate = pytest.importorskip("lunardate")
    days = [(year, month) for year in range(1930, 2100) for month in range(1, 13)]
    other = {at: lunardate.LunarDate(*at, 1, False) for at in days}
    solar = {
        at: (one.to_solar_date() if hasattr(one, "to_solar_date") else one.toSolarDate()) for at, one in other.items()
    }
    odd = [at for at in days if lunar_day(*at, 1) != solar[at]]
    assert len(odd) <= 5
    assert all(abs((lunar_day(*at, 1) - solar[at]).days) == 1 for at in odd)


@pytest.mark.parametrize(
    ("name", "year", "day"),
    [
        ("black-friday", 2026, "2026-11-27"),
        ("black-friday", 2024, "2024-11-29"),
        ("christmas", 2026, "2026-12-25"),
        ("double-eleven", 2026, "2026-11-11"),
        ("618", 2026, "2026-06-18"),
        ("qixi", 2026, "2026-08-19"),
        ("mid-autumn", 2026, "2026-09-25"),
    ],
)
def test_the_packs_know_their_days(name: str, year: int, day: str) -> None:
    festival = occasions.load(name).festival
    assert festival is not None
    assert festival.day_in(year).isoformat() == day


def test_a_feast_is_near_from_its_first_to_its_last_day_across_the_turn_of_the_year() -> None:
    feast = Festival("solar", 1, 2, before=5, after=1)
    near = [day for day in range(20, 45) if feast.is_near(datetime(2026, 12, 1, 4, tzinfo=UTC) + timedelta(days=day))]
    assert near == [27, 28, 29, 30, 31, 32, 33]  # 28 December to 3 January, and no other


def told(message: dict[str, Any]) -> str:
    return " ".join(part["text"] for part in message["parts"])


def of(messages: list[dict[str, Any]], person: str) -> dict[str, Any]:
    return next(message for message in messages if message["person"] == person)


def test_a_feast_is_told_near_its_day_only(run: Run) -> None:
    assert "年中" in told(of(run(occasion="618", name="mid-year"), U1))  # 1 June: 17 days before
    again = of(run(occasion="dragon-boat", name="boats"), U1)  # 19 June: 18 days before
    assert not any(word in told(again) for word in ("端午", "粽"))
    assert again["status"] == "approved"


def test_a_cart_is_spoken_of_to_whoever_left_one(shop: Shop, run: Run) -> None:
    shop.events += [event(U3, "cart", "shirt", 1), event(U1, "cart", "sneakers", 1)]  # u1 bought something after
    messages = run(occasion="cart-left")
    words = ("购物车", "挑到一半", "想好了", "放进车", "所选之物", "没挑完")
    assert any(word in told(of(messages, U3)) for word in words)
    assert "购物车" not in told(of(messages, U1))


def test_a_review_is_asked_of_whoever_bought_and_nothing_is_sold(run: Run) -> None:
    messages = run(occasion="review-request")
    mine = of(messages, U1)
    assert {part["part"] for part in mine["parts"]} <= {"subject", "preheader", "hook", "call"}
    assert "牛仔裤" in told(mine)
    assert of(messages, U3)["status"] == "no-product"


def test_back_in_stock_is_said_of_what_was_sold_out(shop: Shop, run: Run) -> None:
    empty, full = SEEN + timedelta(days=5), SEEN + timedelta(days=20)
    for item, before in (("shirt", 0.0), ("sneakers", 4.0)):
        shop.extra_facts += [
            fact(item, "stock", before, unit="", valid_from=SEEN, valid_until=full, observed_at=empty),
            fact(item, "stock", 9.0, unit="", valid_from=full, observed_at=full),
        ]
    shop.recommendations = [rec(U1, 1, "shirt", reason("interest")), rec(U3, 1, "sneakers", reason("interest"))]
    messages = run(occasion="back-in-stock")
    assert any(word in told(of(messages, U1)) for word in ("到货", "回来", "补上货", "又见", "归来"))
    assert not any(word in told(of(messages, U3)) for word in ("到货", "回来", "补上货", "归来"))


def test_a_birthday_is_the_day_of_those_the_campaign_names(run: Run) -> None:
    words = ("生日", "生辰", "愿望")
    assert any(word in told(of(run(occasion="birthday", audience=Audience(people=(U1,))), U1)) for word in words)
    assert not any(word in told(of(run(occasion="birthday", name="all"), U1)) for word in words)


def test_a_newcomer_is_welcomed(shop: Shop, run: Run) -> None:
    shop.people[0] = person_row(U1, lifecycle="new")
    messages = run(occasion="welcome")
    assert any(word in told(of(messages, U1)) for word in ("欢迎", "初次", "认识", "新朋友", "第一次来", "真好"))
    assert "欢迎" not in told(of(messages, U3))


@pytest.mark.parametrize("name", packs.names("occasions"))
def test_every_occasion_can_be_asked_in_both_directions(name: str) -> None:
    """A case in which nothing holds fits only an occasion that asks nothing."""
    occasion = occasions.load(name)
    nothing = occasions.Case(False, "", "", {}, None, NOW - timedelta(days=60))
    assert occasion.fits(nothing) == (occasion.requires == "" and occasion.festival is None)

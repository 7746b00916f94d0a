"""The stage end to end on the small shop: whom it writes to, what it says, what it claims."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from siyu.copywriting import CopySettings
from siyu.copywriting.checks.facts import numbers
from siyu.domain.campaigns import Audience, Limits, Offer
from siyu.domain.errors import MissingDataError

from .conftest import NOW, SEEN, U1, U2, U3, U4, Shop, campaign, fact, interest, person_row, reason, rec

Run = Callable[..., list[dict[str, Any]]]


def part(message: dict[str, Any], name: str) -> str:
    return next((p["text"] for p in message["parts"] if p["part"] == name), "")


def body(message: dict[str, Any]) -> str:
    return " ".join(p["text"] for p in message["parts"])


def test_u1_is_written_to_in_chinese_about_the_sneakers(run: Run) -> None:
    """u1 bought the T-shirt (chosen with them 57 times) and likes casual wear; the sneakers are casual, ¥299."""
    message = run()[0]
    assert message["person"] == U1
    assert message["status"] == "approved"
    assert message["language"] == "zh"
    assert message["item"] == "sneakers"
    assert message["items"] == ["sneakers", "shirt", "jeans"]
    assert (message["angle_facet"], message["angle_value"]) == ("attribute", "风格=休闲")
    assert message["reason"] == "bought-together"
    said = body(message)
    assert "运动鞋" in said
    assert "¥299" in said
    assert "57" in said
    assert "T恤" in said
    assert "Sneakers" not in said
    assert "亚麻短袖衬衫（¥159）和牛仔裤（¥199）" in said
    assert message["findings"] == []


def test_the_golden_message_of_u1(run: Run) -> None:
    """Word for word, so that a change of the bank or of the choosing is seen. Read it aloud before changing it."""
    message = run(settings=CopySettings(seed=1), occasion="because-you-viewed")[0]
    assert [(p["part"], p["text"]) for p in message["parts"]] == GOLDEN


GOLDEN = [
    ("subject", "这一双，给喜欢休闲风格的您"),
    ("preheader", "好不好，您看了才算。"),
    ("hook", "上次的T恤还合心意吗？这次给它添个伴。"),
    ("reveal", "来，看看运动鞋。"),
    ("point", "白色，帆布，几个字就说清了它的样子。"),
    ("proof", "把它们放在一起选的，已有 57 次。"),
    ("offer", "价格是 ¥299。"),
    ("more", "还有亚麻短袖衬衫（¥159）和牛仔裤（¥199）。"),
    ("call", "去看看"),
]


def test_every_fact_claimed_stands_in_the_row_with_its_source(run: Run) -> None:
    message = run()[0]
    claimed = {(f["item"], f["slot"]): f for f in message["facts"]}
    assert claimed[("sneakers", "price")]["number"] == 299.0
    assert claimed[("sneakers", "title")]["source"] == "products.csv"
    assert claimed[("sneakers", "title")]["observed_at"] == SEEN
    assert claimed[("sneakers", "past.count")]["source"] == "recommendations:tee"
    assert claimed[("tee", "past.bought")]["source"] == "products.csv"
    for n in numbers(body(message)):
        assert any(n in numbers(f["value"]) for f in claimed.values()), n


def test_bought_is_said_only_of_what_was_bought(shop: Shop, run: Run) -> None:
    shop.recommendations = [rec(U1, 1, "sneakers", reason("bought-together", "shirt", 57))]
    said = {body(m) for seed in range(12) for m in run(settings=CopySettings(seed=seed)) if m["person"] == U1}
    assert not any(re.search(r"(买过|带走了|给您的|有了)[^。]*亚麻短袖衬衫", text) for text in said)


def test_readers_get_their_language_or_what_stands_in_for_it_else_the_first_of_the_campaign(
    shop: Shop, run: Run
) -> None:
    """French goes by its chain to English; Klingon has none."""
    shop.people = [person_row(U1, "fr"), person_row(U2, "en-GB"), person_row(U3, "zh-CN"), person_row(U4, "tlh")]
    assert [m["language"] for m in run()] == ["en", "en", "zh", "zh"]


def test_an_english_title_in_capitals_reads_like_a_name(run: Run) -> None:
    english, chinese = run()[1], run()[2]
    assert "White Hanging Heart T-Light Holder" in body(english)
    assert "“White Hanging Heart T-Light Holder”" in body(chinese)
    assert "WHITE" not in body(english) + body(chinese)


def test_who_has_no_recommendation_has_a_row_without_text(run: Run) -> None:
    message = run()[3]
    assert (message["person"], message["status"], message["parts"], message["item"]) == (U4, "no-product", [], None)


def test_sold_out_and_sensitive_products_are_passed_over(shop: Shop, run: Run) -> None:
    shop.products["sneakers"]["stock"] = 0
    shop.products["shirt"]["title"] = "孕妇装 亚麻衬衫"
    assert run()[0]["item"] == "jeans"
    assert "孕妇" not in body(run()[0])


def test_a_sensitive_interest_is_never_the_angle(shop: Shop, run: Run) -> None:
    shop.products["sneakers"]["attr.适用"] = "备孕"
    shop.interests = [
        interest(U1, "attribute", "适用=备孕", 1.0, 100.0),
        interest(U1, "attribute", "颜色=白色", 0.1, 1.0),
    ]
    message = run()[0]
    assert message["angle_value"] == "颜色=白色"
    assert "备孕" not in part(message, "subject") + part(message, "hook")


def test_excluded_slots_are_never_spoken_of(run: Run) -> None:
    for message in run(settings=CopySettings(exclude_slots=("price", "brand"))):
        assert "¥" not in body(message)
        assert not any(f["slot"] in ("price", "brand") for f in message["facts"] or [])


def test_product_types_are_shortened_and_set_in_lower_case(shop: Shop, run: Run) -> None:
    shop.products = {"cola": {"title": "SOFT DRINKS 12/18&15PK CAN CAR"}}
    shop.recommendations = [rec(U2, 1, "cola", reason("repeat"), "buy_again")]
    message = run(settings=CopySettings(title_kind="type"), occasion="replenishment")[1]
    assert "soft drinks" in body(message).casefold()
    assert "12/18" not in body(message)


def test_the_audience_rules(shop: Shop, run: Run) -> None:
    shop.people = [person_row(U1), person_row(U2, "en", "lapsed"), person_row(U3), person_row(U4)]
    assert [m["person"] for m in run(audience=Audience(lifecycle=("lapsed",)))] == [U2]
    assert [m["person"] for m in run(audience=Audience(people=(U3, U1)))] == [U1, U3]
    assert [m["person"] for m in run(audience=Audience(interests=("keyword:heart",)))] == [U2]
    assert len(run(audience=Audience(limit=2))) == 2


def test_an_offer_in_force_is_claimed_with_its_end_and_an_expired_one_is_not(run: Run) -> None:
    end = datetime.fromisoformat("2026-06-19T00:00:00+08:00")
    june = Offer("june", NOW - timedelta(days=1), end, item="sneakers", percent_off=15)
    message = run(promised=[june], offers=("june",))[0]
    assert "8.5折" in body(message)
    assert "6月18日" in body(message)
    late = Offer("june", NOW - timedelta(days=9), NOW - timedelta(days=1), item="sneakers", percent_off=15)
    assert "折" not in body(run(promised=[late], offers=("june",))[0])


def test_a_price_drop_needs_a_history_and_names_the_lowest_of_thirty_days(shop: Shop, run: Run) -> None:
    """399 until 10 May, 349 from 10 to 28 May, 299 since: the reference is 349, the lowest before, not 399."""
    shop.products["sneakers"].pop("price")
    for number, start, end in ((399, 1, 10), (349, 10, 28), (299, 28, None)):
        window = {"valid_from": datetime(2026, 5, start), "valid_until": datetime(2026, 5, end) if end else None}  # noqa: DTZ001
        shop.extra_facts.append(fact("sneakers", "price", float(number), **window))
    said = {body(run(settings=CopySettings(seed=seed), occasion="price-drop")[0]) for seed in range(5)}
    assert any("¥349" in text for text in said)
    assert not any("¥399" in text for text in said)


def test_without_a_history_a_price_drop_is_an_ordinary_day(run: Run) -> None:
    said = body(run(occasion="price-drop")[0])
    assert not re.search("降|下走|松动", said)


def test_new_is_said_only_of_new_products(shop: Shop, run: Run) -> None:
    assert not re.search("新品|上新|新面孔", body(run(occasion="new-arrival")[0]))
    shop.first_seen["sneakers"] = SEEN + timedelta(days=20)
    said = {body(run(settings=CopySettings(seed=seed), occasion="new-arrival")[0]) for seed in range(4)}
    assert any(re.search("新", text) for text in said)


def test_a_second_run_reuses_the_pieces_and_repeats_itself(shop: Shop) -> None:
    shop.publish()
    first = shop.write(campaign())
    before = shop.messages()
    second = shop.write(campaign())
    assert (first.briefs, first.cache_hits) == (3, 0)
    assert (second.briefs, second.cache_hits, second.pieces, second.writer_calls) == (3, 3, 0, 0)
    assert shop.messages() == before


def test_other_campaigns_and_steps_stay_and_an_opening_is_not_used_twice(shop: Shop) -> None:
    shop.publish()
    shop.write(campaign())
    shop.write(campaign(), step=1)
    shop.write(campaign(name="july"))
    rows = shop.messages()
    assert len(rows) == 12
    assert len({row["message_id"] for row in rows}) == 12
    of_u1 = [row["variant"] for row in rows if row["person"] == U1]
    assert len(set(of_u1)) == 3


def test_the_report_adds_up(shop: Shop) -> None:
    shop.publish()
    report = shop.write(campaign())
    assert report.audience == 4 == report.approved + report.human + report.refused + report.no_product
    assert (report.approved, report.no_product) == (3, 1)


def test_a_place_without_a_law_pack_asks_a_person(run: Run) -> None:
    assert {m["status"] for m in run(place="atlantis")} == {"human", "no-product"}


def test_a_title_that_breaks_the_law_is_refused_with_the_rule(shop: Shop, run: Run) -> None:
    shop.products["sneakers"]["title"] = "全网最 低价运动鞋"
    message = run()[0]
    assert message["status"] == "refused"
    assert "cn.absolute.superlative" in {f["rule"] for f in message["findings"]}


def test_propensities_are_one_over_the_eligible_openings(run: Run) -> None:
    for message in run()[:3]:
        assert 0 < message["propensity"] <= 0.5
        assert (1 / message["propensity"]) == pytest.approx(round(1 / message["propensity"]))
        opening = "+".join(p["piece_id"] for p in message["parts"] if p["part"] in ("subject", "hook"))
        assert message["variant"] == opening


@pytest.mark.parametrize(("channel", "limit"), [("sms", 48), ("push", 50), ("social", 140)])
def test_short_channels_hold_their_limits(run: Run, channel: str, limit: int) -> None:
    from siyu.copywriting.titles import width

    for message in run(channel=channel)[:3]:
        assert message["status"] == "approved"
        inside = [p["text"] for p in message["parts"] if p["part"] not in ("subject", "preheader", "call")]
        assert sum(map(width, inside)) <= limit
        assert inside


def test_a_message_holds_no_more_products_than_the_limit(run: Run) -> None:
    assert run(limits=Limits(items=1))[0]["items"] == ["sneakers"]


def test_without_recommendations_the_next_step_is_told(shop: Shop) -> None:
    with pytest.raises(MissingDataError, match="siyu run"):
        shop.write(campaign())


def test_empty_tables_give_an_empty_report(shop: Shop) -> None:
    shop.people, shop.recommendations, shop.interests, shop.events, shop.products = [], [], [], [], {}
    shop.publish()
    assert shop.write(campaign()).audience == 0


def test_variety_among_readers_of_one_product(shop: Shop, run: Run) -> None:
    people = [f"{n:032x}" for n in range(60)]
    shop.people = [person_row(person) for person in people]
    shop.recommendations = [rec(person, 1, "shirt", reason("interest")) for person in people]
    texts = [body(message) for message in run()]
    assert len(set(texts)) >= 50


def test_no_line_repeats_the_hook_or_the_price_twice_in_a_body(shop: Shop, run: Run) -> None:
    people = [f"{n:032x}" for n in range(40)]
    shop.people = [person_row(person) for person in people]
    shop.recommendations = [rec(person, 1, "shirt", reason("interest")) for person in people]
    for message in run():
        inside = [p["text"] for p in message["parts"] if p["part"] not in ("subject", "preheader")]
        assert len(inside) == len(set(inside))
        assert " ".join(inside).count("¥159") <= 1

"""What a message may say of its reader: no more than the evidence carries, and the nearest thing first."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from siyu.copywriting import CopySettings

from .conftest import SEEN, U1, U2, Shop, event, interest, person_row, reason, rec

Run = Callable[..., list[dict[str, Any]]]


def said(message: dict[str, Any]) -> str:
    return " ".join(p["text"] for p in message["parts"])


def claimed(messages: Sequence[dict[str, Any]]) -> set[str]:
    return {fact["slot"] for message in messages for fact in message["facts"] or []}


def only(shop: Shop, *interests: dict[str, Any], item: str = "sneakers", language: str = "zh") -> None:
    """Sixty readers of one product with the same interests, so that every opening is drawn."""
    people = [f"{n:032x}" for n in range(60)]
    shop.people = [person_row(person, language) for person in people]
    shop.recommendations = [rec(person, 1, item, reason("interest")) for person in people]
    shop.interests = [{**row, "person": person} for person in people for row in interests]


LIKES = r"喜欢{0}|对{0}的兴趣|感兴趣的{0}|{0}，应该合您|懂{0}|{0}控"
USUAL = r"常选{0}|偏爱{0}|一贯|老朋友|{0}，一如|把{0}"


def of(pattern: str, angle: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("{0}", angle))


def test_a_single_look_gets_a_modest_line(shop: Shop, run: Run) -> None:
    """One look at Lumo, nothing else known of brands: named, and not greeted as an old friend."""
    only(shop, interest(U1, "brand", "Lumo", 1.0, 3.0, deeds=("browse",)))
    messages = run()
    assert {message["angle_value"] for message in messages} == {"Lumo"}
    assert "angle" not in {slot for slot in claimed(messages) if slot.startswith("angle.")}
    assert any("Lumo" in said(message) for message in messages)
    assert not any(re.search("喜欢 ?Lumo|偏爱|老朋友|常选|默契", said(message)) for message in messages)


def test_a_search_gets_a_line_about_liking_and_none_about_habit(shop: Shop, run: Run) -> None:
    only(shop, interest(U1, "attribute", "风格=休闲", 0.5, 3.0, deeds=("search",)))
    messages = run()
    assert "angle.liked" in claimed(messages)
    assert "angle.usual" not in claimed(messages)
    assert not any(of(USUAL, "休闲风格").search(said(message)) for message in messages)


def test_bought_on_two_days_gets_a_warm_line(shop: Shop, run: Run) -> None:
    only(shop, interest(U1, "attribute", "材质=帆布", 0.5, 3.0, deeds=("purchase", "purchase")))
    assert "angle.usual" in claimed(run())


def test_two_purchases_of_one_day_are_no_habit(shop: Shop, run: Run) -> None:
    row = interest(U1, "attribute", "材质=帆布", 0.5, 3.0)
    row["evidence"] = [{**seen, "ts": SEEN} for seen in row["evidence"]]
    only(shop, row)
    assert claimed(run()) & {"angle.liked", "angle.usual"} == {"angle.liked"}


@pytest.mark.parametrize(
    ("part", "deeds", "slots"),
    [
        (0.09, ("purchase", "purchase"), set()),  # under a tenth of the first interest: no angle
        (0.24, ("purchase", "purchase"), set()),  # under a quarter: a glance, whatever was done
        (0.26, ("purchase", "purchase"), {"angle.liked"}),  # under a half: an interest
        (0.51, ("purchase", "purchase"), {"angle.usual"}),
        (0.51, ("browse", "browse"), set()),  # two looks
        (0.51, ("browse", "browse", "browse"), {"angle.liked"}),  # looks at it again and again
        (0.51, ("cart",), {"angle.liked"}),
    ],
)
def test_how_much_may_be_said(shop: Shop, run: Run, part: float, deeds: tuple[str, ...], slots: set[str]) -> None:
    """Against a first interest of weight 1 in the same facet, which the product does not answer."""
    first = interest(U1, "attribute", "风格=复古", 1.0, 2.0)
    only(shop, first, interest(U1, "attribute", "材质=帆布", part, 3.0, deeds=deeds, rank=2))
    messages = run()
    assert {message["angle_value"] for message in messages} == ({"材质=帆布"} if part > 0.1 else {""})
    assert claimed(messages) & {"angle.liked", "angle.usual"} >= slots
    if "angle.usual" not in slots:
        assert "angle.usual" not in claimed(messages)
    if not slots:
        assert "angle.liked" not in claimed(messages)


def test_what_everybody_shares_is_nobody_s_taste(shop: Shop, run: Run) -> None:
    """Canvas at lift 1.0: the reader cares no more for it than others do."""
    only(shop, interest(U1, "attribute", "材质=帆布", 0.5, 1.0))
    assert not claimed(run()) & {"angle.liked", "angle.usual"}


def test_a_stronger_interest_goes_before_a_rarer_one(shop: Shop, run: Run) -> None:
    """Habit before look, although the look scores 0.3 x 5 = 1.5 and the habit 1 x 1.2."""
    only(
        shop,
        interest(U1, "attribute", "材质=帆布", 1.0, 1.2),
        interest(U1, "attribute", "颜色=白色", 0.3, 5.0, deeds=("browse",), rank=2),
    )
    assert {message["angle_value"] for message in run()} == {"材质=帆布"}


def test_of_equal_strength_the_one_that_sets_a_reader_apart(shop: Shop, run: Run) -> None:
    """Canvas scores 1 x 2 x 0.9 = 1.8, white 0.6 x 4 x 0.8 = 1.92."""
    only(
        shop,
        interest(U1, "attribute", "材质=帆布", 1.0, 2.0),
        interest(U1, "attribute", "颜色=白色", 0.6, 4.0, rank=2),
    )
    assert {message["angle_value"] for message in run()} == {"颜色=白色"}


@pytest.mark.parametrize("word", ["trend", "Trends", "trendy", "潮流"])
def test_a_search_in_one_language_meets_a_look_in_another(shop: Shop, run: Run, word: str) -> None:
    shop.products["sneakers"]["attr.风格"] = "潮流"
    only(shop, interest(U1, "keyword", word, 0.4, 3.0, deeds=("search",)))
    messages = run()
    assert {(m["angle_facet"], m["angle_value"]) for m in messages} == {("attribute", "风格=潮流")}
    assert all("潮流" in said(message) for message in messages)
    assert "angle.liked" in claimed(messages)


def test_a_chinese_search_meets_an_english_look(shop: Shop, run: Run) -> None:
    shop.products["holder"]["attr.style"] = "trendy"
    only(shop, interest(U1, "keyword", "潮流", 0.4, 3.0, deeds=("search",)), item="holder", language="en")
    messages = run()
    assert {m["angle_value"] for m in messages} == {"style=trendy"}
    assert all("trendy" in said(message).casefold() for message in messages)


def test_looks_and_a_search_for_one_thing_add_up(shop: Shop, run: Run) -> None:
    """Casual: looked at once and searched; it goes before canvas, which scores 0.9 x 2 x 0.9 = 1.62 < 1 x 2 x 1.3."""
    only(
        shop,
        interest(U1, "attribute", "材质=帆布", 0.9, 2.0, deeds=("search",)),
        interest(U1, "attribute", "风格=休闲", 1.0, 1.0, deeds=("browse",)),
        interest(U1, "keyword", "casual", 1.0, 2.0, deeds=("search",)),
    )
    assert {message["angle_value"] for message in run()} == {"风格=休闲"}


def titled(shop: Shop, *titles: str) -> None:
    shop.products = {f"p{n}": {"title": title} for n, title in enumerate(titles)}


BAGS = (
    "JUMBO SHOPPING BAG",
    "RED LUNCH BAG LONDON",
    "PAPER DRAWING CASES",
    "GIRLS TIN CASES",
    "LUNCH BAG",
    "PAPER BAGS",
    "MUG LONDON",
)


@pytest.mark.parametrize(
    ("word", "item", "angle"),
    [
        ("bag", "p0", "bag"),  # ends two titles of three, and the shop speaks of bags
        ("london", "p1", ""),  # ends both of its titles, but nobody speaks of londons
        ("cases", "p2", ""),  # a kind of packing
        ("lunch", "p1", ""),  # ends none
        ("red", "p1", ""),  # a colour
    ],
)
def test_only_words_that_name_a_thing_are_spoken_of(shop: Shop, run: Run, word: str, item: str, angle: str) -> None:
    titled(shop, *BAGS)
    only(shop, interest(U2, "keyword", word, 0.5, 5.0), item=item, language="en")
    messages = run()
    assert {message["angle_value"] for message in messages} == {angle}
    assert not any("“" in said(message) for message in messages)
    if angle:
        assert any(re.search(r"\bbags\b", said(message), re.I) for message in messages)


def test_nobody_is_told_that_they_like_what_is_private(shop: Shop, run: Run) -> None:
    shop.products["sneakers"] |= {"title": "无痕内裤", "category": "内衣 > 内裤", "attr.风格": "休闲"}
    only(shop, interest(U1, "category", "内衣 > 内裤", 1.0, 9.0), interest(U1, "attribute", "风格=休闲", 0.5, 1.2))
    assert {message["angle_value"] for message in run()} == {"风格=休闲"}


def test_nobody_is_reminded_that_they_bought_what_is_private(shop: Shop, run: Run) -> None:
    shop.products["tee"] |= {"title": "无痕内裤", "category": "内衣 > 内裤"}
    for seed in range(8):
        assert "内裤" not in said(run(settings=CopySettings(seed=seed))[0]).replace("还有", "").split("¥")[0]


def test_plain_values_and_seasons_are_neither_angle_nor_point(shop: Shop, run: Run) -> None:
    shop.products["sneakers"] |= {"attr.图案": "纯色", "attr.季节": "春季"}
    only(shop, interest(U1, "attribute", "图案=纯色", 1.0, 9.0), interest(U1, "attribute", "季节=春季", 1.0, 9.0))
    messages = run()
    assert {message["angle_value"] for message in messages} == {""}
    assert not any(re.search("纯色|春季", said(message)) for message in messages)


def past(kind: str, count: int = 57) -> dict[str, Any]:
    return reason(kind, "tee", count)


def test_a_personal_reason_goes_before_a_popular_one_that_weighs_more(shop: Shop, run: Run) -> None:
    popular, own = reason("popular", None, 170, share=0.9), {**past("bought-together"), "share": 0.1}
    row = rec(U1, 1, "sneakers", popular)
    shop.recommendations, shop.interests = [{**row, "reasons": [popular, own]}], []
    message = run()[0]
    assert message["reason"] == "bought-together"
    assert "170" not in said(message)
    assert "T恤" in said(message)


def test_popularity_is_told_where_nothing_else_is_known(shop: Shop, run: Run) -> None:
    only(shop)
    shop.recommendations = [{**row, "reasons": [reason("popular", None, 170)]} for row in shop.recommendations]
    messages = run()
    assert all("170" in said(message) for message in messages)
    assert {message["reason"] for message in messages} == {"popular"}


def test_popularity_is_not_told_beside_an_interest(shop: Shop, run: Run) -> None:
    only(shop, interest(U1, "attribute", "材质=帆布", 0.5, 3.0))
    shop.recommendations = [{**row, "reasons": [reason("popular", None, 170)]} for row in shop.recommendations]
    assert not any("170" in said(message) for message in run())


def test_what_was_sent_back_was_not_bought(shop: Shop, run: Run) -> None:
    shop.events.append(event(U1, "return", "tee", 50))
    for seed in range(8):
        message = run(settings=CopySettings(seed=seed))[0]
        assert "past.bought" not in {fact["slot"] for fact in message["facts"]}


def test_a_thing_of_the_same_kind_is_no_companion(shop: Shop, run: Run) -> None:
    """Another T-shirt is like the one they bought; sneakers go with it."""
    shop.products["shirt"]["category"] = "服饰 > T恤"
    shop.recommendations = [rec(U1, 1, "shirt", past("bought-together"))]
    shop.interests = []
    texts = {said(run(settings=CopySettings(seed=seed))[0]) for seed in range(6)}
    assert not any(re.search("搭档|缺个伴|添个伴|配一|旁边", text) for text in texts), texts


def test_a_product_that_is_near_leads_those_of_the_message(shop: Shop, run: Run) -> None:
    """The shirt stands second; it goes with the T-shirt they bought, of the first nothing is known."""
    shop.interests = []
    shop.recommendations = [
        rec(U1, 1, "sneakers", reason("popular", None, 99)),
        rec(U1, 2, "shirt", past("bought-together")),
    ]
    assert run()[0]["items"] == ["shirt", "sneakers"]


def test_a_past_product_is_not_recommended_beside_itself(shop: Shop, run: Run) -> None:
    shop.products["tee2"] = {"title": "T-shirt"}
    shop.recommendations = [rec(U1, 1, "sneakers", past("bought-together")), rec(U1, 2, "tee2", reason("interest"))]
    assert run()[0]["items"] == ["sneakers"]


def test_an_english_reader_reads_the_shop_s_english(shop: Shop, run: Run) -> None:
    """The shop states the shirt in both languages; the interest is known in Chinese."""
    from .conftest import fact

    shop.products["shirt"] = {"price": 159.0, "brand": "Lumo"}
    both = {
        "title": ("亚麻短袖衬衫", "Short-sleeve linen shirt"),
        "category": ("服饰 > 衬衫", "Clothing > Shirts"),
        "attr.材质": ("亚麻", "linen"),
        "attr.风格": ("文艺", "artsy"),
    }
    for slot, values in both.items():
        shop.extra_facts += [
            fact("shirt", slot, v, language=lang) for v, lang in zip(values, ("zh", "en"), strict=True)
        ]
    shop.recommendations = [rec(U2, 1, "shirt", reason("interest"))]
    shop.interests = [interest(U2, "attribute", "风格=文艺", 0.5, 3.0)]
    message = run()[1]
    assert message["angle_value"] == "风格=artsy"
    assert "Short-Sleeve Linen Shirt" in said(message)
    assert not re.search("[\u4e00-\u9fff]", said(message))
    assert {fact["language"] for fact in message["facts"] if fact["slot"] == "title"} == {"en"}


def test_a_name_that_names_nothing_comes_last_or_not_at_all(shop: Shop, run: Run) -> None:
    shop.products["blue"] = {"title": "Blue", "category": "服饰 > 围巾"}
    shop.products["code"] = {"title": "84520B"}
    shop.recommendations = [rec(U1, n, item, reason("interest")) for n, item in enumerate(("blue", "code", "shirt"), 1)]
    shop.interests = []
    assert run()[0]["items"] == ["shirt", "blue"]
    shop.recommendations = [rec(U1, 1, "code", reason("interest"))]
    assert run()[0]["status"] == "no-product"


def test_a_private_product_is_not_named_in_a_subject(shop: Shop, run: Run) -> None:
    shop.products["sneakers"] |= {"title": "无痕内裤", "category": "内衣 > 内裤"}
    only(shop)
    subjects = [p["text"] for message in run() for p in message["parts"] if p["part"] == "subject"]
    assert len(subjects) == 60
    assert not any("内裤" in subject for subject in subjects)


DEEDS = ("browse", "purchase")


@pytest.mark.parametrize(("occasion", "told"), [("win-back", True), ("because-you-viewed", False)])
def test_news_is_in_the_opening_of_everyone_it_is_true_of(shop: Shop, run: Run, occasion: str, told: bool) -> None:
    """Being away is the news of a win-back; having looked around is none beside what they like and bought."""
    only(shop, interest(U1, "attribute", "材质=帆布", 0.5, 3.0))
    shop.recommendations = [{**row, "reasons": [past("bought-together")]} for row in shop.recommendations]
    shop.people = [{**person, "lifecycle": "lapsed"} for person in shop.people]
    shop.events = [event(person["person"], deed, "tee", n) for person in shop.people for n, deed in enumerate(DEEDS)]
    kinds = [
        {p["piece_id"].split("-")[1] for p in m["parts"] if p["part"] in ("subject", "hook")}
        for m in run(occasion=occasion)
    ]
    assert all("occasion" in kind for kind in kinds) == told
    assert any("angle" in kind for kind in kinds)
    assert any("past" in kind for kind in kinds)

"""How names, attributes and openings are worded: grammar that holds for every value, and nothing cut mid-word."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.copywriting import phrases, saying
from siyu.copywriting.assembling import Focus, Kit, Plan, Situation
from siyu.copywriting.lines import StoredPiece
from siyu.copywriting.openings import openings
from siyu.copywriting.templates import compile_line
from siyu.copywriting.titles import cut, is_bare, listed, short, whole, width
from siyu.copywriting.writers.offline import piece

from .conftest import Even


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("NUMBER TILE COTTAGE GARDEN No", "Number Tile Cottage Garden"),
        ("GLASS BEADS WITH A BOW AND", "Glass Beads with a Bow"),
        ("DOORMAT KEEP CALM AND COME IN", "Doormat Keep Calm and Come In"),  # a name may end so
        ("Soft-crown cotton baseball cap", "Soft-Crown Cotton Baseball Cap"),
        ("Relaxed drop-shoulder cotton T-shirt", "Relaxed Drop-Shoulder Cotton T-Shirt"),
        ("iPhone case", "iPhone case"),  # written so on purpose
        ("Oaken & Wren Mug", "Oaken & Wren Mug"),
        ("复古厚底运动鞋", "复古厚底运动鞋"),
    ],
)
def test_a_title_as_a_name(title: str, shown: str) -> None:
    assert whole(title) == shown


def test_a_short_name_is_never_cut() -> None:
    assert short("SET OF 20 VINTAGE CHRISTMAS NAPKINS") == ""
    assert listed("SET OF 20 VINTAGE CHRISTMAS NAPKINS") == "Set of 20 Vintage Christmas Napkins"


@given(title=st.text(st.sampled_from("abc ABC运动鞋-,0"), max_size=120), limit=st.floats(2, 40))
@settings(max_examples=300)
def test_a_cut_falls_between_words(title: str, limit: float) -> None:
    shown = cut(title, limit)
    assert width(shown) <= max(limit, 0.5)
    if shown != title and " " in shown:
        head = shown.removesuffix("…")
        follows = title[len(head) : len(head) + 1]
        assert not (head[-1:].isascii() and head[-1:].isalnum() and follows.isascii() and follows.isalnum())


@pytest.mark.parametrize("title", ["Blue", "84520B", "BLUE, LARGE", "12", "X", "白色", "Kit", "Traditional", "???"])
def test_a_bare_title(title: str) -> None:
    assert is_bare(title)


@pytest.mark.parametrize("title", ["Sombrero", "Blue Mug", "白衬衫", "iPhone15", "Set of 6 Spoons", "茶"])
def test_a_title_that_names_something(title: str) -> None:
    assert not is_bare(title) or title == "茶"  # one character is a name in Chinese, and rare enough to come last


VALUES = {
    "style": {"zh": ["潮流", "简约", "法式", "office"], "en": ["trendy", "office", "French-style", "潮流", "artsy"]},
    "material": {"zh": ["纯棉", "牛皮拼接网布", "wool"], "en": ["wool", "cotton denim", "亚麻", "elm"]},
    "colour": {"zh": ["米白", "卡其", "雾霾蓝", "navy"], "en": ["navy", "off-white", "白色"]},
    "pattern": {"zh": ["碎花", "字母印花", "拼色"], "en": ["floral", "striped", "ikat", "碎花"]},
    "fit": {"zh": ["宽松", "直筒"], "en": ["slim-fit", "oversized", "relaxed", "宽松"]},
    "taste": {"zh": ["抹茶"], "en": ["matcha"]},
    "size": {"zh": ["500ml"], "en": ["500ml"]},
}
_DEFECTS = {
    "en": r"\b[Aa] [aeio]|\b[Aa]n [^aeiou\s]|\b(?:an?|the) (?:an?|the)\b|leans|-style style|\b(\w+) \1\b|“|  ",
    "zh": r"风格风格|色色|的的|，，|图案图案|版型版型|口味口味|  |“",
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("group", VALUES)
def test_a_selling_point_is_grammatical_for_every_value(language: str, group: str) -> None:
    for tone in phrases.TONES:
        for line in phrases.lines(language, "point", group, tone):
            for value in VALUES[group][language]:
                shown = saying.attribute(group, value, language)
                text = compile_line(line.replace("{title.unit}", "件")).fill({"value": shown, "name": "x"})
                assert not re.search(_DEFECTS[language], text), text
                assert text[0] == text[0].upper()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("group", [group for group in VALUES if group in saying.LIKEABLE])
def test_an_attribute_as_an_angle_is_grammatical_in_every_line(language: str, group: str) -> None:
    """{title} and the like stand for themselves: they are names."""
    lines = [
        line
        for tone in phrases.TONES
        for part, group_ in (("hook", "angle.attribute"), ("subject", "look"))
        for line in phrases.lines(language, part, group_, tone)
    ]
    assert len(lines) > 40
    for value in VALUES[group][language]:
        shown = saying.liking(group, value, language)
        assert shown
        for line in lines:
            slots = {slot: shown if slot.startswith("angle") else "Xxxx" for slot in compile_line(line).slots}
            text = compile_line(line).fill({**slots, "title.unit": "件"})
            assert not re.search(_DEFECTS[language], text), text


def made(part: str, text: str, kind: str) -> StoredPiece:
    line = piece(part, text, "test", kind)
    return StoredPiece.of(line.piece_id, part, text)


GENERAL, POPULAR = (
    made("hook", "今天想给您看的是它。", "general"),
    made("hook", "被选中{reason.count}次，可以看看。", "popular"),
)
OWN, NEAR = made("hook", "给您的{past.bought}添个搭档。", "past"), made("hook", "同是{angle}，各有样子。", "angle")
LIKED = made("subject", "为喜欢{angle.liked}的您", "angle")
ANY_DAY, NEWS = made("subject", "挑了一样，请过目", "general"), made("subject", "降到了{price}", "occasion")
MANY = [
    made("hook", f"给您的{{past.bought}}，{word}。", "past")
    for word in ("一二三", "四五六", "七八九", "甲乙丙", "丁戊己")
]


def test_openings_with_most_of_the_reader_come_first() -> None:
    """3 + 3 for a liking beside a purchase; six such are enough, so no opening of any day is drawn."""
    chosen = openings(
        [GENERAL, POPULAR, NEAR, OWN, *MANY], [ANY_DAY, LIKED], {"angle.liked": 2}, liked=True, event=False
    )
    assert {pair[0] for pair in chosen} == {LIKED}
    assert {pair[1] for pair in chosen} == {OWN, *MANY}


def test_too_few_openings_are_joined_by_the_next_best() -> None:
    """1 + 3, then 1 + 2, then 1 + 1, and popularity last."""
    chosen = openings([GENERAL, POPULAR, NEAR, OWN], [ANY_DAY], {}, liked=False, event=False)
    assert [pair[1] for pair in chosen] == [OWN, NEAR, GENERAL, POPULAR]


def test_news_is_told_before_anything_else() -> None:
    chosen = openings([OWN, *MANY], [LIKED, NEWS], {"angle.liked": 2, "price": 2}, liked=True, event=True)
    assert chosen[0][0] == NEWS
    assert len([pair for pair in chosen if pair[0] == NEWS]) == 6


def test_a_subject_and_a_hook_never_speak_of_one_thing() -> None:
    chosen = openings([NEAR, GENERAL], [LIKED], {"angle.liked": 2}, liked=True, event=False)
    assert [pair[1] for pair in chosen] == [GENERAL]


def test_a_subject_that_is_read_at_a_glance_is_preferred() -> None:
    long = made("subject", "为喜欢{angle.liked}的您挑了又挑，也许正合您的心意", "angle")
    chosen = openings([GENERAL], [long, ANY_DAY], {"angle.liked": 6}, liked=True, event=False)
    assert {pair[0] for pair in chosen} == {ANY_DAY}


PLAN = Plan(["subject", "hook", "reveal", "point", "proof", "call"], {}, 2, Even())


def kit(values: dict[str, str], *pieces: StoredPiece, focus: Focus | None = None) -> list[str]:
    built = Kit([made("subject", "请过目", "general"), made("call", "去看看", ""), *pieces], values, PLAN, focus)
    found = built.assemble(Situation("p", "s"))
    assert found is not None
    return [line.text for line in found.pieces if line.part not in ("subject", "call")]


REVEAL = made("reveal", "这是{title}。", "")


def test_a_point_that_the_title_tells_already_is_left_out() -> None:
    linen, white = made("point", "材质是{attr.材质}。", "material"), made("point", "颜色是{attr.颜色}。", "colour")
    values = {"title": "亚麻衬衫", "attr.材质": "亚麻", "attr.颜色": "白色"}
    assert kit(values, GENERAL, REVEAL, linen, white) == [GENERAL.text, REVEAL.text, white.text]


def test_a_point_of_what_the_hook_speaks_of_is_left_out() -> None:
    style, white = made("point", "样子偏{attr.风格}。", "style"), made("point", "颜色是{attr.颜色}。", "colour")
    values = {"title": "衬衫", "attr.风格": "潮流", "attr.颜色": "白色", "angle": "潮流风格"}
    told = kit(values, NEAR, REVEAL, style, white, focus=Focus("attr.风格", 0))
    assert told == [NEAR.text, REVEAL.text, white.text]


def test_two_facts_at_most_are_told_as_points() -> None:
    pair = made("point", "{attr.颜色}，{attr.材质}。", "pair")
    values = {"title": "衬衫", "attr.风格": "潮流", "attr.颜色": "白色", "attr.材质": "亚麻"}
    told = kit(values, GENERAL, REVEAL, pair, made("point", "样子偏{attr.风格}。", "style"))
    assert [line for line in told if "attr" in line] in ([pair.text], ["样子偏{attr.风格}。"])


@pytest.mark.parametrize("named", [True, False])
def test_a_count_of_two_things_is_told_only_where_both_are_named(named: bool) -> None:
    both, own = (
        made("proof", "这两样一起被选{past.count}次。", "past"),
        made("proof", "与{past.title}一起被选{past.count}次。", "past"),
    )
    values = {"title": "衬衫", "past.count": "9", "past.title": "T恤", **({"past.bought": "T恤"} if named else {})}
    told = kit(values, OWN if named else GENERAL, REVEAL, both, own)
    assert (both.text in told, own.text in told) == (named, not named)


def test_a_message_names_its_product_in_the_body() -> None:
    assert REVEAL.text in kit(
        {"title": "衬衫", "title.unit": "件"}, made("hook", "这一{title.unit}，请过目。", "general"), REVEAL
    )


@pytest.mark.parametrize("shelf", ["GROCERY > HISPANIC", "Toys > Girls", "Clothing > Women", "母婴 > 宝宝", "Baby"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_people_and_peoples_are_nobody_s_liking(shelf: str, language: str) -> None:
    """A shop's shelf called Hispanic is no word for a reader, nor for what they like."""
    assert saying.category(shelf, language) == ""
    assert saying.keyword(shelf.rsplit(" > ", 1)[-1], language) == ""


@pytest.mark.parametrize(
    ("shelf", "shown"), [("Pastry > French fries", "french fries"), ("Shoes > Women shoes", "women shoes")]
)
def test_a_thing_named_after_people_is_a_thing(shelf: str, shown: str) -> None:
    assert saying.category(shelf, "en").casefold() == shown

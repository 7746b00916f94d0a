"""The phrase banks keep the promises the writer relies on."""

from __future__ import annotations

import re
from typing import Any

import pytest

from siyu import packs
from siyu.copywriting import phrases, saying
from siyu.copywriting.checks.law import LawCheck
from siyu.copywriting.checks.port import Context, Line
from siyu.copywriting.checks.tone import ToneCheck
from siyu.copywriting.slots import ANGLES, PERSON_SLOTS, fact_slot
from siyu.copywriting.templates import compile_line

LANGUAGES = ("zh", "en")
PLACEHOLDERS = {"you", "value", "name", "a", "b", "list", *ANGLES}
FACTS = {
    "title",
    "brand",
    "category",
    "price",
    "price.before",
    "offer.price",
    "offer.percent_off",
    "offer.ends",
    "offer.gift",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_uses_known_slots_and_states_no_figure(language: str) -> None:
    for line in phrases.every_line(language):
        for slot in compile_line(line).slots:
            assert slot in PLACEHOLDERS or slot in PERSON_SLOTS or fact_slot(slot) in FACTS, (line, slot)
        assert not re.search(r"\d", re.sub(r"\{[^}]*\}", "", line)), line


@pytest.mark.parametrize("place", packs.names("law"))
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_breaks_a_rule_of_any_place(language: str, place: str) -> None:
    check = LawCheck(Context(language, "email", place, "e-commerce"))
    for line in phrases.every_line(language):
        template = compile_line(line)
        assert check.look(Line("hook", template.masked, slots=frozenset(template.slots))) == [], line


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_are_distinct_and_dozens_of_hooks_are_there(language: str) -> None:
    lines = phrases.every_line(language)
    assert len(lines) == len(set(lines))
    hooks = packs.read("languages", language, "hooks")
    assert sum(len(tone) for kind in hooks.values() for group in kind.values() for tone in group.values()) >= 180


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_sounds_as_if_somebody_were_watching(language: str) -> None:
    check = ToneCheck(Context(language, "email", "cn", "e-commerce"))
    for line in phrases.every_line(language):
        assert check.look(Line("hook", compile_line(line).masked)) == [], line


CLAIMS = {
    "zh": r"(?<!合不)(?<!会)(?:喜欢|偏爱|常选|常挑|一贯|钟情|老朋友|老粉|心头好|爱好者|感兴趣|兴趣|买过)",
    "en": r"\byou (?:like|love|often|usually|have a soft|bought)|fond of|\bfans? of|soft spot|\byour usual|.ve bought",
}
MAY_CLAIM = {"angle.liked", "angle.usual", "past.bought", "past.again"}
ASKS = {"zh": "[？若]|不喜欢|喜欢就|喜不喜欢|可能", "en": r"\?|\bif\b|might like|may like|whenever you like"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_line_that_claims_a_liking_or_a_purchase_has_a_slot_that_takes_one(language: str) -> None:
    """{angle} says nothing about the reader: who writes "as you like it" needs {angle.liked} or more."""
    bold = [line for line in phrases.every_line(language) if re.search(CLAIMS[language], line)]
    assert len(bold) > 20
    for line in bold:
        slots = {slot.removesuffix(".short") for slot in compile_line(line).slots}
        assert slots & MAY_CLAIM or re.search(ASKS[language], line, re.I), line


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("facet", ["category", "brand", "attribute"])
def test_every_strength_of_an_interest_has_lines_in_every_tone(language: str, facet: str) -> None:
    for tone in phrases.TONES[:4]:
        for part, group in (("hook", f"angle.{facet}"), ("subject", "look" if facet == "attribute" else "angle")):
            said = [set(compile_line(line).slots) & set(ANGLES) for line in phrases.lines(language, part, group, tone)]
            assert {slot for slots in said for slot in slots} == set(ANGLES)
            assert all(len(slots) == 1 for slots in said), (part, group, tone)


def test_both_languages_speak_of_the_same_looks_and_occasions() -> None:
    for name, key in (("hooks", "style"), ("hooks", "occasion"), ("hooks", "reason"), ("hooks", "angle")):
        zh, en = (packs.read("languages", language, name)[key].keys() for language in LANGUAGES)
        assert zh == en, key
    assert all(saying.concept(look) == look for look in packs.read("languages", "en", "hooks")["style"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_popular_line_says_how_often(language: str) -> None:
    for part, group in (("hook", "reason.popular"), ("subject", "popular"), ("proof", "popular")):
        for tone in phrases.TONES:
            assert all("{reason.count}" in line for line in phrases.lines(language, part, group, tone))


TONE_RULES = [(language, rule) for language in LANGUAGES for rule in packs.read("languages", language, "tone")["rule"]]


@pytest.mark.parametrize(
    ("language", "rule"), TONE_RULES, ids=lambda value: value if isinstance(value, str) else value["id"]
)
def test_a_rule_of_tone_fails_and_passes_its_own_sentences(language: str, rule: dict[str, Any]) -> None:
    check = ToneCheck(Context(language, "email", "cn", "e-commerce"))
    assert len(rule["fail"]) >= 5
    for sentence in rule["fail"]:
        assert rule["id"] in {found.rule for found in check.look(Line("hook", sentence))}, sentence
    for sentence in rule["pass"]:
        assert check.look(Line("hook", sentence)) == [], sentence


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tone", ["warm", "plain", "playful", "elegant"])
def test_a_full_tone_has_lines_of_its_own_for_every_facet_reason_and_occasion(language: str, tone: str) -> None:
    hooks = packs.read("languages", language, "hooks")
    for kind in ("angle", "reason", "occasion"):  # a line for a look fits any tone
        for name, group in hooks[kind].items():
            assert group.get(tone), (name, tone)


def test_chinese_addresses_the_reader_one_way_in_a_tone() -> None:
    for tone, other in (("warm", "你"), ("playful", "您")):
        lines = [
            line
            for group in ("angle.brand", "reason.repeat", "occasion.general")
            for line in phrases.lines("zh", "hook", group, tone)
        ]
        assert lines
        assert not any(other in line for line in lines)


@pytest.mark.parametrize("name", packs.names("occasions"))
def test_every_occasion_has_hooks_subjects_and_known_lanes(name: str) -> None:
    pack = packs.read("occasions", name)
    assert set(pack["lanes"]) <= {"discover", "buy_again"}
    for language in LANGUAGES:
        assert len(phrases.lines(language, "hook", f"occasion.{name}", "warm")) >= 3
        assert len(phrases.lines(language, "subject", name, "warm")) >= 3


def test_required_text_names_its_law() -> None:
    for place in packs.names("law"):
        required = packs.read("law", place, "required")
        assert "sender" in required["email"]["items"]
        assert all(source["law"] and source["date"] for source in required["source"])

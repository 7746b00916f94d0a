"""The phrase banks keep the promises the writer relies on."""

from __future__ import annotations

import re

import pytest

from siyu import packs
from siyu.copywriting import phrases
from siyu.copywriting.checks.law import LawCheck
from siyu.copywriting.checks.port import Context, Line
from siyu.copywriting.slots import PERSON_SLOTS, fact_slot
from siyu.copywriting.templates import compile_line

LANGUAGES = ("zh", "en")
PLACEHOLDERS = {"you", "value", "name", "a", "b", "angle"}
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
    assert sum(len(tone) for kind in hooks.values() for group in kind.values() for tone in group.values()) >= 120


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tone", ["warm", "plain", "playful", "elegant"])
def test_a_full_tone_has_lines_of_its_own_for_every_facet_reason_and_occasion(language: str, tone: str) -> None:
    hooks = packs.read("languages", language, "hooks")
    for kind in hooks.values():
        for name, group in kind.items():
            assert group.get(tone), (name, tone)


def test_chinese_addresses_the_reader_one_way_in_a_tone() -> None:
    for tone, other in (("warm", "你"), ("playful", "您")):
        lines = [
            line
            for group in ("facet.brand", "reason.repeat", "occasion.general")
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

"""Many lines read at once: the verdict on each is that of reading it alone, whatever stands beside it."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu import packs
from siyu.copywriting import phrases
from siyu.copywriting.checks.law import rules
from siyu.copywriting.checks.port import Context, Line
from siyu.copywriting.checks.reading import normal, read
from siyu.copywriting.checks.together import Together, across
from siyu.copywriting.reviewing import Reviewer
from siyu.copywriting.templates import compile_line

PLACES: Final = tuple(packs.names("law"))
LIMITS: Final = {"subject": 30, "hook": 80, "preheader": 40}
NAMES: Final = {"brands": frozenset({"Lumo", "雅鹿", "North Face"}), "attribute_values": frozenset({"亚麻", "桑蚕丝"})}

_FAULTY: Final = [sentence for place in PLACES for rule in rules(place) for sentence in rule.must_fail]
_GOOD: Final = [sentence for place in PLACES for rule in rules(place) for sentence in rule.must_pass]
_LINES: Final = [line for language in ("zh", "en") for line in phrases.every_line(language)]
_VALUES: Final = [
    "¥99", "¥1,299.50", "8.5折", "８折", "6月18日", "亚麻", "Lumo", "North", "Face", "雅", "鹿", "T恤",
    "一", "最", "佳", "第", "1", "国家",
    "级", "b.e.s", "t", "孕", "妇", "备", "@", "a@b", ".cn", "1380013", "8000", "二", "折", "re", ":", "www", "<b",
    "javascript",
    "White Hanging Heart Holder", "\n", "\u2028", "\ufffc", "\u200b", "ﬁ", "⑩", "…", "ﾊﾞ", "Straße", "İ", "",
]  # fmt: skip
_value = st.sampled_from(_VALUES) | st.text(max_size=6)
_part = st.sampled_from(("subject", "hook", "call", "more"))


@st.composite
def _filled(draw: st.DrawFn) -> Line:
    """A line of the banks, filled: faults arise within values, within frames, and across their seams."""
    template = compile_line(draw(st.sampled_from(_LINES)))
    values = {slot: draw(_value) for slot in template.slots}
    put = tuple(values[slot] for slot in template.slots)
    return Line(draw(_part), template.fill(values), put, frozenset(template.slots))


@st.composite
def _written(draw: st.DrawFn) -> Line:
    """Anything at all, made of what rules and readers trip over."""
    bits = draw(st.lists(st.sampled_from(_FAULTY) | st.sampled_from(_GOOD) | _value, max_size=4))
    cut = draw(st.integers(0, 3))
    return Line(draw(_part), "".join(bits)[cut:], tuple(draw(st.lists(_value, max_size=2))))


_lines = st.lists(_filled() | _written(), max_size=12)


@cache
def known(language: str, place: str) -> Reviewer:
    return reviewer(language, place)


def reviewer(language: str, place: str) -> Reviewer:
    return Reviewer(Context(language, "mailbox", place, "e-commerce", LIMITS, **NAMES))


@pytest.mark.parametrize("language", ["zh", "en"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lines=_lines, place=st.sampled_from([*PLACES, ""]))
def test_lines_together_have_the_findings_of_each_alone(language: str, lines: list[Line], place: str) -> None:
    """A reviewer that has read nothing yet and one that has agree in every field, with each line read alone."""
    together = reviewer(language, place)
    alone = [known(language, place).read(line) for line in lines]
    assert together.read_all(lines) == alone
    assert together.read_all(lines) == alone
    assert [together.read(line) for line in lines] == alone


@pytest.mark.parametrize("place", PLACES)
def test_every_sentence_that_must_fail_is_found_among_others(place: str) -> None:
    """At the beginning, the end and in the middle of many good lines."""
    good = [Line("hook", text) for text in _GOOD]
    for rule in rules(place):
        lines = [line for text in rule.must_fail for line in (Line("hook", text), *good[:3])]
        language = "zh" if place == "cn" else "en"
        alone = [known(language, place).read(line) for line in lines]
        assert reviewer(language, place).read_all(lines) == alone
        if rule.holds_for("e-commerce"):
            assert all(alone[at] for at in range(0, len(lines), 4))


@given(st.lists(st.text(alphabet="最佳 第1\tbest.-_T①ＴＯ國…\u200b\x00Aß", max_size=12), max_size=8))
def test_normal_forms_together_are_those_of_each(texts: list[str]) -> None:
    """Texts are all beyond ASCII, as the check parts them."""
    beyond = [f"{text}。" for text in texts]
    assert normal("\u2028".join(beyond)).split("\u2028") == [read(text).text for text in beyond] or not texts
    assert [normal(text) for text in texts] == [read(text).text for text in texts]


@given(st.lists(st.text(alphabet="ab1\n ", max_size=6), max_size=8))
def test_what_no_search_touches_holds_nothing(texts: list[str]) -> None:
    for pattern in (
        re.compile("^a"),
        re.compile("b$"),
        re.compile("a[^b]*1"),
        re.compile(r"\bab?\b"),
        re.compile("1+"),
    ):
        joined = Together(texts)
        touched = joined.touched(across(pattern)) | joined.odd
        assert {place for place, text in enumerate(texts) if pattern.search(text)} <= touched

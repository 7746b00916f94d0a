"""What a law wants to be seen, and how carriers count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu import packs
from siyu.copywriting.checks.carriers import segments
from siyu.copywriting.required import Shown, lacking, lacking_note, note, shown

from .conftest import Shop

Run = Callable[..., list[dict[str, Any]]]
EVERY = [(place, one) for place in packs.names("law") for one in shown(place)]


@pytest.mark.parametrize(("place", "one"), EVERY, ids=lambda value: getattr(value, "id", value))
def test_what_must_be_shown_fails_and_passes_its_own_texts(place: str, one: Shown) -> None:
    for channel in one.channels:
        for text in one.must_fail:
            assert one.id in {found.rule for found in lacking(text, place=place, channel=channel, language="zh")}
        for text in one.must_pass:
            assert one.id not in {found.rule for found in lacking(text, place=place, channel=channel, language="zh")}
    assert all(found.remedy and found.source for found in lacking("", place=place, channel="sms", language="en"))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("place", packs.names("law"))
def test_the_note_of_a_trade_is_what_the_law_looks_for(place: str, language: str) -> None:
    for industry in packs.read("law", place, "required")["note"]:
        told = note(place, industry, language)
        assert told
        assert lacking_note(["来看看", told], place, industry, language) == []
        assert [one.severity for one in lacking_note(["来看看"], place, industry, language)] == ["required-text"]


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "parts"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),  # 153 and 8
        ("a" * 306, "GSM-7", 306, 2),  # 2 x 153
        ("a" * 307, "GSM-7", 307, 3),
        ("[" * 80, "GSM-7", 160, 1),  # an escape each
        ("a" + "[" * 80, "GSM-7", 161, 2),
        ("a" * 152 + "€" + "a" * 153, "GSM-7", 307, 3),  # the escape may not be parted from its character
        ("好" * 70, "UCS-2", 70, 1),
        ("好" * 71, "UCS-2", 71, 2),
        ("好" * 134, "UCS-2", 134, 2),  # 2 x 67
        ("好" * 135, "UCS-2", 135, 3),
        ("a" * 69 + "’", "UCS-2", 70, 1),  # one curly quote costs the alphabet
        ("😀" * 35, "UCS-2", 70, 1),
        ("好" * 66 + "😀" + "好" * 67, "UCS-2", 135, 3),  # no pair is cut: 66, 2 + 65, 2
        ("è ù ñ Ü", "GSM-7", 7, 1),
        ("ç", "UCS-2", 1, 1),  # the alphabet has only the capital
    ],
)
def test_carriers_count(text: str, alphabet: str, units: int, parts: int) -> None:
    counted = segments(text)
    assert (counted.alphabet, counted.units, counted.parts) == (alphabet, units, parts)


@given(text=st.text(max_size=400))
def test_a_longer_text_is_never_fewer_messages(text: str) -> None:
    counted = segments(text)
    assert counted.parts <= segments(text + "a").parts
    assert counted.units <= 160 or counted.parts > 1


def test_a_message_of_a_trade_says_what_it_must(shop: Shop, run: Run) -> None:
    for message in run(industry="finance", place="cn")[:3]:
        assert message["status"] == "approved", message["findings"]
        assert [p["text"] for p in message["parts"] if p["part"] == "note"] == [
            note("cn", "finance", message["language"])
        ]


def test_other_trades_say_nothing_more(shop: Shop, run: Run) -> None:
    assert all(p["part"] != "note" for message in run() for p in message["parts"])

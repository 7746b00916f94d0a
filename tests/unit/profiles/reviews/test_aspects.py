"""Aspects of reviews: against labels by a reader who knew no word list, and laws of the reading."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.packs.reading import read
from siyu.profiles.reviews.aspects import MENTIONS, about, aspects, mentions


def _said(text: str, *, group: str | None = None) -> dict[str, int]:
    groups = None if group is None else pa.array([group])
    return {row["aspect"]: row["polarity"] for row in mentions(pa.array([text]), groups).to_pylist()}


@pytest.mark.parametrize(
    ("text", "aspect", "polarity"),
    [
        ("面料很舒服，但是价格太贵", "price", -1),
        ("面料很舒服，但是价格太贵", "material", 1),
        ("一点也不好吃", "taste", -1),
        ("没有坏果，个头也大", "freshness", 1),
        ("快递小哥态度好", "service", 1),
        ("运行流畅 电池不耐用", "battery", -1),
        ("运行流畅 电池不耐用", "performance", 1),
        ("The zip broke after a week", "quality", -1),
        ("not exactly cheap", "price", -1),
        ("It isn't comfortable at all", "comfort", -1),
        ("Never had a broken one, great value", "quality", 1),
        ("Great fit, shame about the smell", "smell", -1),
        ("Great fit, shame about the smell", "size", 1),
    ],
)
def test_what_a_clause_says(text: str, aspect: str, polarity: int) -> None:
    assert _said(text).get(aspect) == polarity


@pytest.mark.parametrize("text", ["很满意，下次还来", "Love it!", "", "！！！", "12345", "🙂"])
def test_general_praise_and_noise_are_no_aspect(text: str) -> None:
    assert _said(text) == {}


def test_a_word_of_two_meanings_is_read_as_its_group_uses_it() -> None:
    fruit = ["很甜，好吃", "果肉多汁", "口感爽脆"] * 30
    soap = ["好闻，留香久", "清香，香味持久", "气味刺鼻"] * 30
    texts = pa.array([*fruit, *soap, "味道不错", "味道不错"])
    groups = pa.array([*["fruit"] * 90, *["soap"] * 90, "fruit", "soap"])
    found = mentions(texts, groups).to_pylist()
    assert {row["aspect"] for row in found if row["row"] == 180} == {"taste"}
    assert {row["aspect"] for row in found if row["row"] == 181} == {"smell"}


@pytest.mark.parametrize(("language", "least"), [("zh", 0.45), ("en", 0.55)])
def test_aspects_are_found_as_a_reader_finds_them(language: str, least: float) -> None:
    """The reader's own reviews are full of turns of phrase that no list knows: words find half of the aspects.

    Chance would find almost none: there are 29 aspects, and a review has 1.6.
    """
    file = Path(__file__).with_name(f"labelled_{language}.jsonl")
    rows: list[dict[str, Any]] = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    found: list[set[str]] = [set() for _ in rows]
    for row in mentions(pa.array([row["text"] for row in rows])).to_pylist():
        found[row["row"]].add(row["aspect"])
    right = sum(len(own & set(row["aspects"])) for own, row in zip(found, rows, strict=True))
    told, wanted = sum(map(len, found)), sum(len(row["aspects"]) for row in rows)
    assert 2 * right / (told + wanted) >= least


@given(st.lists(st.one_of(st.none(), st.text(max_size=200)), max_size=8))
def test_any_text_can_be_read(texts: list[str | None]) -> None:
    found = mentions(pa.array(texts, pa.string()))
    assert found.schema == MENTIONS
    for row in found.to_pylist():
        assert 0 <= row["row"] < len(texts)
        assert row["polarity"] in (-1, 0, 1)
        assert row["aspect"] in aspects()


def test_both_languages_know_the_same_aspects() -> None:
    chinese, english = (read("languages", language, "aspects")["aspects"] for language in ("zh", "en"))
    assert list(chinese) == list(english)
    for aspect, words in chinese.items():
        assert about(aspect) == words["about"] == english[aspect]["about"]
        assert words["name"]
        assert english[aspect]["name"]


def test_a_text_says_the_same_in_any_company() -> None:
    alone = mentions(pa.array(["面料很舒服"])).to_pylist()
    among = mentions(pa.array([None, "面料很舒服", "Great price"])).to_pylist()
    assert [{**row, "row": 1} for row in alone] == [row for row in among if row["row"] == 1]

"""Chinese and English say the same things: every sentence exists in both, with the same slots."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest

from siyu.packs import names, read

INTERFACE = ("cli", "evaluation", "findings", "report", "delivery", "needs", "segments")


def leaves(table: Mapping[str, object], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", str(value)


@pytest.mark.parametrize("file", INTERFACE)
def test_both_languages_have_the_same_sentences_and_slots(file: str) -> None:
    slots = {
        language: {
            key: frozenset(re.findall(r"\{[a-z_]+\}", text)) for key, text in leaves(read("languages", language, file))
        }
        for language in ("zh", "en")
    }
    assert slots["zh"] == slots["en"]
    assert slots["zh"]


def test_chinese_is_written_in_chinese() -> None:
    english = dict(leaves(read("languages", "en", "cli")))
    same = [key for key, text in leaves(read("languages", "zh", "cli")) if text == english[key]]
    assert same == []


def test_languages_are_folders() -> None:
    assert {"zh", "en"} <= set(names("languages"))

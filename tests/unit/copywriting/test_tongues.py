"""A language is a folder: what its folder says is all that the writer knows of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import siyu
from siyu import packs
from siyu.copywriting import phrases
from siyu.copywriting.checks.language import LanguageCheck
from siyu.copywriting.checks.law import LawCheck
from siyu.copywriting.checks.port import Context, Line
from siyu.copywriting.checks.tone import ToneCheck, rules
from siyu.copywriting.display import money, percent_off
from siyu.copywriting.saying import category, said, unit
from siyu.copywriting.templates import compile_line
from siyu.copywriting.tongues import chain, known, standing_in, tongue

from .conftest import U1, U2, U3, Shop, interest, person_row, reason, rec

Run = Callable[..., list[dict[str, Any]]]
OTHERS = tuple(code for code in known() if code not in ("zh", "en"))
OCCASIONS = ("new-arrival", "because-you-viewed", "replenishment", "win-back", "price-drop")


def test_three_languages_prove_it() -> None:
    assert {"zh-Hant", "ja", "de"} <= set(OTHERS)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [("zh-TW", ("zh-Hant", "zh", "en")), ("zh_HK", ("zh-Hant", "zh", "en")), ("de-CH", ("de", "en")),
     ("ja", ("ja", "en")), ("fr-CA", ("en",)), ("zh-CN", ("zh", "zh-Hant", "en")), ("yue", ("zh-Hant", "zh", "en")),
     ("", ()), ("tlh", ())],
)  # fmt: skip
def test_the_chain_is_declared(wanted: str, expected: tuple[str, ...]) -> None:
    assert chain(wanted) == expected


def test_whoever_speaks_another_language_is_written_to_in_the_nearest() -> None:
    assert standing_in("zh-TW", ("en", "zh")) == "zh"
    assert standing_in("de-AT", ("zh", "en")) == "en"
    assert standing_in("tlh", ("zh", "en")) == "zh"


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("tone", ["warm", "plain"])
def test_a_smaller_language_has_what_every_message_needs(language: str, tone: str) -> None:
    for part, group in [("call", ""), ("preheader", ""), ("reveal", ""), ("price", ""), ("drop", ""), ("more", ""),
                        ("offer", "percent"), ("offer", "price"), ("offer", "gift"), ("proof", "both")]:  # fmt: skip
        assert phrases.lines(language, part, group, tone), (part, group)
    assert len(phrases.lines(language, "hook", "occasion.general", tone)) >= 4
    assert len(phrases.lines(language, "subject", "general", tone)) >= 4
    for occasion in OCCASIONS:
        assert len(phrases.lines(language, "hook", f"occasion.{occasion}", tone)) >= 3
        assert len(phrases.lines(language, "subject", occasion, tone)) >= 3


@pytest.mark.parametrize("language", OTHERS)
def test_its_lines_are_in_it_lawful_and_followed_by_nobody(language: str) -> None:
    lines = [Line("hook", compile_line(line).masked) for line in phrases.every_line(language)]
    check = LanguageCheck(Context(language, "email", "cn", "e-commerce"))
    for line in lines:
        assert check.look(line) == [], line.text
        assert ToneCheck(Context(language, "email", "cn", "e-commerce")).look(line) == [], line.text
        assert not re.search(r"\d", line.text)
    for place in packs.names("law"):
        law = LawCheck(Context(language, "email", place, "e-commerce"))
        assert [line.text for line in lines if law.look(line)] == []


@pytest.mark.parametrize("language", OTHERS)
def test_its_rules_of_tone_fail_and_pass_their_own_sentences(language: str) -> None:
    assert rules(language)
    check = ToneCheck(Context(language, "email", "cn", "e-commerce"))
    for rule in packs.read("languages", language, "tone")["rule"]:
        assert all(check.look(Line("hook", sentence)) for sentence in rule["fail"])
        assert not any(check.look(Line("hook", sentence)) for sentence in rule["pass"])


SENTENCES = {
    "en": "The coat is here for you",
    "de": "Der Mantel ist da und wartet auf Sie",
    "zh": "这一件外套，请您看看",
    "zh-Hant": "這一件外套，請您看看",
    "ja": "このコートをご覧ください",
}


@pytest.mark.parametrize("language", sorted(SENTENCES))
def test_each_language_is_told_from_all_others(language: str) -> None:
    check = LanguageCheck(Context(language, "email", "cn", "e-commerce"))
    lines = [Line("hook", sentence) for sentence in SENTENCES.values()]
    foreign = [bool(check.look(line)) for line in lines]
    assert foreign == [code != language for code in SENTENCES]
    assert {at for at, is_foreign in enumerate(foreign) if is_foreign} <= set(check.suspects(lines))


def test_things_are_said_money_written_and_counted_as_each_language_does() -> None:
    assert [said("潮流", code) for code in ("zh", "zh-Hant", "ja", "de", "en")] == [
        "潮流",
        "潮流",
        "トレンド",
        "Trend",
        "trendy",
    ]
    assert [category("Clothing > Coats", code) for code in ("ja", "de", "zh-Hant")] == ["コート", "Mäntel", "大衣"]
    assert [money(1299.5, "EUR", code) for code in ("de", "en")] == ["1.299,50\u00a0€", "€1,299.50"]
    assert money(99, "EUR", "de") == "99\u00a0€"
    assert [percent_off(15, code) for code in ("zh", "zh-Hant", "de", "ja")] == ["8.5折", "8.5折", "15 %", "15%"]
    assert (unit("運動鞋", "zh-Hant"), unit("运动鞋")) == ("雙", "双")


@pytest.mark.parametrize("language", OTHERS)
def test_messages_are_written_in_it_from_facts_of_another_language(shop: Shop, run: Run, language: str) -> None:
    shop.people = [person_row(U1, language), person_row(U2, f"{language}-x"), person_row(U3, "zh")]
    shop.recommendations += [rec(U3, 1, "shirt", reason("interest"))]
    shop.interests += [interest(U3, "category", "服饰 > 衬衫")]
    for message in run(languages=(language,), place="us"):
        assert message["language"] == language
        assert message["status"] == "approved", message["findings"]
        assert len(message["parts"]) >= 4


def test_a_campaign_in_a_language_without_a_folder_goes_by_its_chain(run: Run) -> None:
    assert {message["language"] for message in run(languages=("fr",), place="us")} == {"en"}


def test_no_code_of_the_writer_names_a_language() -> None:
    """A language is a folder: what is true of one is read from it."""
    room = Path(siyu.__file__).parent / "copywriting"
    named = re.compile(r"""(?:==|!=|\bin)\s*\(?["'](?:zh|en|ja|de|zh-Hant)["']""")
    files = [*sorted(room.glob("*.py")), room / "writers" / "offline.py"]
    found = [
        f"{file.name}: {line.strip()}"
        for file in files for line in file.read_text("utf-8").splitlines()
        if named.search(line) and ">>>" not in line
    ]  # fmt: skip
    assert found == []
    assert tongue("ja").plural == "none"

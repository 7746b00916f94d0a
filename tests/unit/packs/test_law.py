"""Every rule of every law pack proves itself on its own sentences."""

from __future__ import annotations

import re

import pytest

from siyu import packs
from siyu.copywriting.checks.law import LawCheck, Rule, rules
from siyu.copywriting.checks.personal import Inference, PersonalCheck, inferences
from siyu.copywriting.checks.port import Context, Line
from siyu.copywriting.checks.reading import read

PLACES = packs.names("law")


EVERY_RULE: list[Rule] = [rule for place in PLACES for rule in rules(place)]


def check(place: str, industry: str = "e-commerce") -> LawCheck:
    return LawCheck(Context("zh", "email", place, industry))


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.id)
def test_a_rule_fails_and_passes_its_own_sentences(rule: Rule) -> None:
    assert len(rule.must_fail) >= 2
    assert len(rule.must_pass) >= 2
    law = check(rule.id.split(".")[0], min(rule.industries, default="e-commerce"))
    part = min(rule.parts, default="subject")
    for sentence in rule.must_fail:
        assert rule.id in {finding.rule for finding in law.look(Line(part, sentence))}, sentence
    for sentence in rule.must_pass:
        found = law.look(Line(part, sentence))
        assert [one for one in found if one.severity != "caution" or one.rule == rule.id] == [], sentence


@pytest.mark.parametrize("place", PLACES)
def test_the_look_at_many_lines_misses_nothing_that_the_closer_look_finds(place: str) -> None:
    """Also where the two expressions are read by different engines."""
    every = [sentence for rule in EVERY_RULE for sentence in (*rule.must_fail, *rule.must_pass)]
    for industry in sorted({"e-commerce"}.union(*(rule.industries for rule in rules(place)))):
        law = check(place, industry)
        lines = [Line("subject", sentence) for sentence in every]
        suspects = set(law.suspects(lines))
        assert suspects >= {at for at, line in enumerate(lines) if law.look(line)}


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.id)
def test_a_rule_names_its_source_and_a_remedy_in_both_languages(rule: Rule) -> None:
    assert re.search(r"\S+ .*\(\d{4}-\d{2}-\d{2}\)$", rule.source)
    assert rule.remedy["zh"]
    assert rule.remedy["en"]


def test_rule_ids_are_unique() -> None:
    ids = [rule.id for rule in EVERY_RULE]
    assert len(ids) == len(set(ids)) >= 24


@pytest.mark.parametrize(
    "evasion",
    [
        "最 佳选择",
        "最\u200b佳选择",
        "最·佳选择",
        "全国第①的外套。",
        "國家級工艺",
        "ＴＯＰ１ 单品",
        "顶 级面料",
        "稳 赚 不 赔",
    ],
)
def test_evasions_are_read_through(evasion: str) -> None:
    assert check("cn").look(Line("hook", evasion))


def test_a_finding_points_at_the_words_as_they_were_written() -> None:
    line = Line("hook", "这件是最\u200b 佳之选")
    finding = check("cn").look(line)[0]
    assert line.text[finding.start : finding.end] == finding.excerpt == "最\u200b 佳"


def test_medical_words_are_barred_for_ordinary_goods_and_asked_about_for_medicine() -> None:
    line = Line("hook", "有助于治疗失眠")
    assert {one.severity for one in check("cn").look(line)} == {"block"}
    assert {one.severity for one in check("cn", "health").look(line)} == {"needs-evidence"}


def test_urgency_with_a_real_end_date_is_honest() -> None:
    said = "仅限今天"
    assert check("cn").look(Line("offer", said))
    assert check("cn").look(Line("offer", said, slots=frozenset({"offer.ends"}))) == []


def test_a_place_without_a_pack_has_no_rules() -> None:
    assert rules("atlantis") == ()
    assert check("atlantis").look(Line("hook", "全国第一")) == []


HARD_NEGATIVES = [
    "第一步，量一量脚长", "第一眼看到它的时候", "治愈系的小摆件",
    "有机会的话来看看", "最近天气转凉", "活动最后一天的傍晚", "第一次见面请多关照",
    "最后，还是您来决定", "最初的样子", "独家记忆里的歌", "安全第一", "给最亲近的人", "无论晴雨", "保温杯本身很轻",
    "药食同源的说法请看百科",
    "We took the first step", "A free spirit",
    "Feel free to look around", "It was a pleasure", "The last of the summer light",
    "Treat yourself gently", "In the best of company", "Save the date", "Was it you?", "A proven friend",
]  # fmt: skip


@pytest.mark.parametrize("sentence", HARD_NEGATIVES)
@pytest.mark.parametrize("place", PLACES)
def test_lawful_sentences_are_not_barred(place: str, sentence: str) -> None:
    barred = [f for f in check(place).look(Line("hook", sentence)) if f.severity == "block"]
    assert barred == []


def test_the_reading_keeps_every_place() -> None:
    text = "ab①最 \u200b佳ﬁx"
    reading = read(text)
    assert len(reading.text) == len(reading.places)
    assert reading.text == "ab1最佳fix"
    assert [text[place] for place in reading.places] == [*"ab①最佳", "ﬁ", "ﬁ", "x"]


@pytest.mark.parametrize("rule", inferences(), ids=lambda rule: f"{rule.id}-{rule.must_fail[0]}")
def test_what_readers_never_told_is_refused_in_other_words_too(rule: Inference) -> None:
    check = PersonalCheck(Context("zh", "email", "cn", "e-commerce"))
    for sentence in rule.must_fail:
        line = Line("hook", sentence)
        assert rule.id in {finding.rule for finding in check.look(line)}, sentence
        assert 0 in check.suspects([line]), sentence
    for sentence in rule.must_pass:
        assert check.look(Line("hook", sentence)) == [], sentence

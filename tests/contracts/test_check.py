"""What every check of the table must do. A new check is tested the moment it is registered."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.copywriting.checks.port import Check, Context, Line
from siyu.copywriting.checks.table import CHECKS
from siyu.domain.kinds import Severity

CONTEXTS = {
    language: Context(
        language, "mailbox", place, "e-commerce", {"subject": 30, "hook": 80}, frozenset({"Lumo", "雅鹿"})
    )
    for language, place in (("zh", "cn"), ("en", "us"))
}
GOOD = {
    "zh": [("hook", "您偏爱的亚麻，这里又见到了。"), ("offer", "现价 ¥159。"), ("call", "去看看")],
    "en": [("hook", "One thing we'd love you to see."), ("offer", "It's £2.95."), ("call", "Take a look")],
}
CHECKS_BY_NAME = {
    name: {language: CHECKS.load(name)(context) for language, context in CONTEXTS.items()} for name in CHECKS
}


@pytest.fixture(params=list(CHECKS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_check_is_called_what_the_table_calls_it(name: str) -> None:
    assert CHECKS_BY_NAME[name]["zh"].name == name


@pytest.mark.parametrize("language", ["zh", "en"])
def test_good_lines_have_no_findings(name: str, language: str) -> None:
    for part, text in GOOD[language]:
        assert CHECKS_BY_NAME[name][language].look(Line(part, text, ("亚麻", "¥159", "£2.95"))) == []


FAULTS = {
    "facts": "这件只要 42 元",
    "homophones": "蕞佳之选",
    "language": "We saw this and thought of you today",
    "law": "全网最低价",
    "limits": "很" * 81,
    "markup": "您好 {name}",
    "personal": "联系 a.b@example.com",
    "tone": "您看过的，我们都记得",
}


def test_a_check_finds_its_fault_and_points_at_it(name: str) -> None:
    fault = FAULTS[name]
    findings = CHECKS_BY_NAME[name]["zh"].look(Line("hook", fault))
    assert findings, "add a faulty line for this check to FAULTS"
    for finding in findings:
        assert 0 <= finding.start <= finding.end <= len(fault)
        assert finding.excerpt == fault[finding.start : finding.end][:60]
        assert isinstance(finding.severity, Severity)
        assert finding.part == "hook"
        assert finding.rule
        assert finding.source
        assert finding.remedy
        assert 0 < finding.confidence <= 1


@given(text=st.text(max_size=200), value=st.text(max_size=30))
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_a_check(text: str, value: str) -> None:
    for by_language in CHECKS_BY_NAME.values():
        for check in by_language.values():
            _points_inside(check, Line("hook", text + value, (value,)))


def _points_inside(check: Check, line: Line) -> None:
    for finding in check.look(line):
        assert 0 <= finding.start <= finding.end <= len(line.text)

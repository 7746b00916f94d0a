"""Nobody's data, and nothing that tells readers what they never told."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from siyu.copywriting.checks.port import Context, Line, finding
from siyu.copywriting.checks.together import Together, any_touched
from siyu.copywriting.sensitive import Sensitive
from siyu.domain.copy import Finding
from siyu.domain.kinds import Severity

_RULES = (
    ("personal.email", re.compile(r"[\w.+-]+@[\w-]+\.[\w.]{2,}")),
    ("personal.id-number", re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)|(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)")),
    ("personal.card", re.compile(r"(?<!\d)(?:\d{4}[ -]?){3}\d{4}(?!\d)")),
    (
        "personal.phone",
        re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|\+\d{1,3}[ -]?\(?\d{2,4}\)?[ -]?\d{3,4}[ -]?\d{3,4}(?!\d)"),
    ),
)
_DIGITS = re.compile(r"\d[\d ()-]{6}")  # what every number of a person holds
_AT = re.compile("@")
_SOURCE = "个人信息保护法 28; GDPR art. 9"


class PersonalCheck:
    """Finds addresses and numbers of people, and words that reveal pregnancy, illness, debt, faith or orientation."""

    name = "personal"

    def __init__(self, context: Context) -> None:
        self._sensitive = Sensitive(context.industry)

    def suspects(self, lines: Sequence[Line]) -> Collection[int]:
        """Lines with an @, with as many figures as a number of a person has, or with a sensitive word."""
        texts = Together([line.text for line in lines])
        return any_touched(texts, (_AT, _DIGITS)) | self._sensitive.touched(texts.changed(texts.text.casefold()))

    def look(self, line: Line) -> list[Finding]:
        """Findings by rule; a sensitive word within a fact asks for a person's decision, elsewhere it bars the line."""
        found = self._numbers(line) if "@" in line.text or _DIGITS.search(line.text) else []
        match = self._sensitive.find(line.text)
        if match:
            within = any(match.group() in value.casefold() for value in line.values)
            severity = Severity.HUMAN if within else Severity.BLOCK
            remedy = "Speak of something that reveals nothing."
            found.append(
                finding("personal.sensitive", line, match.span(), remedy=remedy, source=_SOURCE, severity=severity)
            )
        return found

    def _numbers(self, line: Line) -> list[Finding]:
        return [
            finding(rule, line, match.span(), remedy="Take it out: a message holds nobody's data.")
            for rule, pattern in _RULES
            for match in pattern.finditer(line.text)
        ]

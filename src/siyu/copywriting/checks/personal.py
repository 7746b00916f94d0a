"""Nobody's data, and nothing that tells readers what they never told."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from siyu import packs
from siyu.copywriting.checks.amounts import same_length
from siyu.copywriting.checks.port import Context, Line, finding
from siyu.copywriting.checks.reading import read
from siyu.copywriting.checks.together import Together, any_touched
from siyu.copywriting.sensitive import Sensitive
from siyu.domain.copy import Finding
from siyu.domain.kinds import Severity

_REMEMBERED = 100_000
_SOURCE = "个人信息保护法 28; GDPR art. 9"
_OTHERS = "个人信息保护法 10; GDPR art. 5"
_TAKE_OUT = "Take it out: a message holds nobody's data."
_REVEALS = "Speak of something that reveals nothing."


def _expression(pattern: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """An expression of ``packs/people`` with the parts of names filled in."""
    known = packs.read("people", "names")
    for part, told in (("name", known["name"]), ("titled", known["titled"]), ("doing", known["doing"])):
        pattern = pattern.replace(f"{{{part}}}", told)
    pattern = pattern.replace("{surname}", f"[{known['surnames']}]")
    return re.compile(pattern, re.MULTILINE | (re.I if ignore_case else 0))


@cache
def _numbers() -> tuple[re.Pattern[str], tuple[tuple[str, re.Pattern[str]], ...]]:
    """What any number of a person holds, and every kind of them."""
    known = packs.read("people", "numbers")
    rules = ((raw["id"], _expression(raw["pattern"], ignore_case=raw["ignore_case"])) for raw in known["rule"])
    return _expression(known["hint"], ignore_case=True), tuple(rules)


@cache
def _names() -> tuple[re.Pattern[str], re.Pattern[str], tuple[re.Pattern[str], ...]]:
    """What any name holds, what is none, and how names stand in a text."""
    known = packs.read("people", "names")
    rules = (_expression(raw["pattern"], ignore_case=raw["ignore_case"]) for raw in known["rule"])
    return _expression(known["hint"]), _expression(known["not_names"]), tuple(rules)


@dataclass(frozen=True, slots=True)
class Inference:
    """A rule about what a reader never told."""

    id: str
    pattern: re.Pattern[str]
    exceptions: re.Pattern[str] | None
    must_fail: tuple[str, ...]
    must_pass: tuple[str, ...]

    def search(self, text: str) -> Iterator[tuple[int, int]]:
        """Spans that break the rule; what an exception touches does not."""
        excused = [m.span() for m in self.exceptions.finditer(text)] if self.exceptions else []
        for match in self.pattern.finditer(text):
            if not any(start < match.end() and match.start() < end for start, end in excused):
                yield match.span()


@cache
def inferences() -> tuple[Inference, ...]:
    """Rules of every language (``packs/sensitive``).

    Example:
        >>> sorted({rule.id for rule in inferences()})[:3]
        ['personal.debt', 'personal.faith', 'personal.illness']
    """
    return tuple(
        Inference(
            raw["id"],
            re.compile(raw["pattern"]),
            re.compile(raw["except"]) if raw["except"] else None,
            tuple(raw["fail"]),
            tuple(raw["pass"]),
        )
        for name in packs.names("sensitive")
        for raw in packs.read("sensitive", name)["rule"]
    )


class PersonalCheck:
    """Finds names and numbers of people, and words that reveal pregnancy, illness, debt, faith or orientation."""

    name = "personal"

    def __init__(self, context: Context) -> None:
        self._sensitive = Sensitive(context.industry)
        self._hint, self._kinds = _numbers()
        self._name_hint, self._not_names, self._names = _names()
        self._clean: set[str] = set()  # words without values that name nobody and tell nothing
        self._first_look = re.compile("|".join(f"(?:{rule.pattern.pattern})" for rule in inferences()))

    def suspects(self, lines: Sequence[Line]) -> Collection[int]:
        """Lines with an @, with as many figures as a number of a person has, with a name or a sensitive word."""
        texts = Together([line.text for line in lines])
        low = texts.changed(texts.text.casefold())
        found = any_touched(texts, (self._hint,)) | self._sensitive.touched(low)
        return found | {place for place, line in enumerate(lines) if not self._is_clean(line.words)}

    def _is_clean(self, words: str) -> bool:
        if words in self._clean:
            return True
        line = Line("", words)
        is_clean = not self._people(line) and not self._inferred(line)
        if is_clean and len(self._clean) < _REMEMBERED:
            self._clean.add(words)
        return is_clean

    def look(self, line: Line) -> list[Finding]:
        """Findings by rule; a sensitive word within a fact asks for a person's decision, elsewhere it bars the line."""
        found = self._numbers(line) + ([] if self._is_clean(line.words) else self._people(line))
        match = self._sensitive.find(line.text)
        if match:
            within = any(match.group() in value.casefold() for value in line.values)
            severity = Severity.HUMAN if within else Severity.BLOCK
            found.append(
                finding("personal.sensitive", line, match.span(), remedy=_REVEALS, source=_SOURCE, severity=severity)
            )
        return found + ([] if self._is_clean(line.words) else self._inferred(line))

    def _numbers(self, line: Line) -> list[Finding]:
        text = same_length(line.text)
        if not self._hint.search(text):
            return []
        return [
            finding(rule, line, match.span(), remedy=_TAKE_OUT, source=_OTHERS)
            for rule, pattern in self._kinds
            for match in pattern.finditer(text)
        ]

    def _people(self, line: Line) -> list[Finding]:
        """Names of people: a message holds none, so that one is another's or a guess."""
        if not self._name_hint.search(line.rest):
            return []
        return [
            finding("personal.name", line, match.span(), remedy="Name nobody.", source=_OTHERS)
            for pattern in self._names
            for match in pattern.finditer(line.rest)
            if not self._not_names.search(match.group())
        ]

    def _inferred(self, line: Line) -> list[Finding]:
        reading = read(line.rest)
        if not self._first_look.search(reading.text):
            return []
        return [
            finding(rule.id, line, reading.span(*span), remedy=_REVEALS, source=_SOURCE)
            for rule in inferences()
            for span in rule.search(reading.text)
        ]

"""Rules of law as data: ``packs/law/<place>/*.toml``. Each has a source and sentences that must fail and must pass."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from siyu import packs
from siyu.copywriting.checks.port import Context, Line
from siyu.copywriting.checks.reading import Reading, normal, read
from siyu.copywriting.checks.together import Together, across, any_touched
from siyu.domain.copy import Finding
from siyu.domain.kinds import Severity

_LINE = "\u2028"  # stands between lines that are folded, for folding takes a line break away


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, compiled."""

    id: str
    severity: Severity
    pattern: re.Pattern[str]
    terms: str  # the plain words of the pattern, as an expression
    shape: str  # the rest of it
    exceptions: re.Pattern[str] | None
    unless_slots: frozenset[str]
    not_industries: frozenset[str]
    source: str
    remedy: dict[str, str]
    must_fail: tuple[str, ...]
    must_pass: tuple[str, ...]

    def matches(self, normal: str) -> Iterator[tuple[int, int]]:
        """Spans of ``normal`` that break the rule; what an exception covers does not."""
        excused = [m.span() for m in self.exceptions.finditer(normal)] if self.exceptions else []
        for match in self.pattern.finditer(normal):
            if not any(start < match.end() and match.start() < end for start, end in excused):
                yield match.span()


def _union(terms: list[str], pattern: str = "") -> str:
    words = sorted({read(term).text for term in terms}, key=lambda word: (-len(word), word))
    return "|".join([*map(re.escape, words), *([pattern] if pattern else [])])


def _rule(raw: dict[str, Any]) -> Rule:
    source = raw["source"]
    return Rule(
        id=raw["id"],
        severity=Severity(raw["severity"]),
        pattern=re.compile(_union(raw["terms"], raw["pattern"])),
        terms=_union(raw["terms"]),
        shape=raw["pattern"],
        exceptions=re.compile(_union(raw["except"])) if raw["except"] else None,
        unless_slots=frozenset(raw.get("unless_slots", ())),
        not_industries=frozenset(raw.get("not_industries", ())),
        source=f"{source['law']} {source['article']} ({source['date']})",
        remedy=raw["remedy"],
        must_fail=tuple(raw["fail"]),
        must_pass=tuple(raw["pass"]),
    )


@cache
def rules(place: str) -> tuple[Rule, ...]:
    """Every rule of a place; empty where it has no pack.

    Example:
        >>> any(rule.id == "cn.absolute.first" for rule in rules("cn")), rules("atlantis")
        (True, ())
    """
    files = (packs.read("law", place, name) for name in packs.names("law", place)) if place else ()
    return tuple(_rule(raw) for file in files for raw in file.get("rule", ()))


def _first_looks(chosen: tuple[Rule, ...]) -> tuple[re.Pattern[str], ...]:
    """All terms as one expression, which reads fast because it is of plain words only, and each pattern by itself."""
    terms = "|".join(filter(None, (rule.terms for rule in chosen)))
    return tuple(re.compile(text) for text in (terms, *(rule.shape for rule in chosen)) if text)


class LawCheck:
    """Reads lines against the law pack of the campaign's place.

    A first look over all rules decides whether to look closer.
    """

    name = "law"

    def __init__(self, context: Context) -> None:
        self._language = context.language
        self._rules = tuple(rule for rule in rules(context.place) if context.industry not in rule.not_industries)
        self._first_looks = _first_looks(self._rules)
        self._across = [across(pattern) for pattern in self._first_looks]

    def suspects(self, lines: Sequence[Line]) -> Collection[int]:
        """Lines that any rule touches, read as an evader hopes nobody does."""
        found: set[int] = set()
        for mark in ("\n", _LINE) if self._rules else ():
            places = [place for place, line in enumerate(lines) if line.text.isascii() is (mark == "\n")]
            texts = Together([lines[place].text for place in places], mark)
            told = texts.changed(normal(texts.text).replace(_LINE, "\n"))
            found.update(places[at] for at in any_touched(told, self._across))
        return found

    def look(self, line: Line) -> list[Finding]:
        """Findings of every rule that the line breaks."""
        if not self._rules:
            return []
        reading = read(line.text)
        for first_look in self._first_looks:
            if first_look.search(reading.text):
                return self._closer(line, reading)
        return []

    def _closer(self, line: Line, reading: Reading) -> list[Finding]:
        return [
            self._finding(rule, line, reading.span(*span))
            for rule in self._rules
            if not (rule.unless_slots & line.slots)
            for span in rule.matches(reading.text)
        ]

    def _finding(self, rule: Rule, line: Line, span: tuple[int, int]) -> Finding:
        remedy = rule.remedy.get(self._language, rule.remedy.get("en", ""))
        return Finding(rule.id, rule.severity, line.part, *span, line.text[slice(*span)][:60], 1.0, rule.source, remedy)

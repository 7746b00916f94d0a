"""Rules of law as data: ``packs/law/<place>/*.toml``. Each has a source and sentences that must fail and must pass."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu import packs
from siyu.copywriting.checks.port import Context, Line
from siyu.copywriting.checks.reading import Reading, normal, read, undisguised
from siyu.copywriting.checks.together import Together
from siyu.domain.copy import Finding
from siyu.domain.kinds import Severity

_LINE = "\u2028"  # stands between lines that are folded, for folding takes a line break away
_MIXED = r"[a-z][0-9@$!|]|[0-9@$!|][a-z]"  # what a word in disguise holds
_LOOKING = ("(?=", "(?!", "(?<=", "(?<!")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, compiled.

    Attributes:
        pattern: what breaks it, in the normal form of text.
        screens: expressions of plain means that find at least as much, for a search over many lines at once: the plain
            words, and the rest. They are searched for apart, for together they outgrow what is searched in one pass.
        exceptions: what makes a match lawful where it touches it: context, standard grades, tips, the shop's own aims.
        industries: the only ones it holds for; empty for all.
        parts: parts of a message it holds for; empty for all.
        confidence: how sure a match is a breach.
    """

    id: str
    severity: Severity
    pattern: re.Pattern[str]
    screens: tuple[str, ...]
    exceptions: re.Pattern[str] | None
    unless_slots: frozenset[str]
    industries: frozenset[str]
    not_industries: frozenset[str]
    parts: frozenset[str]
    confidence: float
    source: str
    remedy: dict[str, str]
    terms: tuple[str, ...]
    must_fail: tuple[str, ...]
    must_pass: tuple[str, ...]

    def matches(self, normal: str) -> Iterator[tuple[int, int]]:
        """Spans of ``normal`` that break the rule; what an exception covers does not."""
        excused = [m.span() for m in self.exceptions.finditer(normal)] if self.exceptions else []
        for match in self.pattern.finditer(normal):
            if not any(start < match.end() and match.start() < end for start, end in excused):
                yield match.span()

    def holds_for(self, industry: str) -> bool:
        """Whether the rule is one of an industry's."""
        return industry not in self.not_industries and (not self.industries or industry in self.industries)


def _matching(texts: pa.Array, screen: str) -> list[int]:
    """Places of texts that an expression of plain means finds."""
    found: list[int] = np.flatnonzero(pc.match_substring_regex(texts, screen).to_numpy(zero_copy_only=False)).tolist()
    return found


def _union(terms: Sequence[str], pattern: str = "") -> str:
    words = sorted({read(term).text for term in terms}, key=lambda word: (-len(word), word))
    return "|".join([*map(re.escape, words), *([pattern] if pattern else [])])


def _without_looking(pattern: str) -> str:
    """``pattern`` without what it only looks at, so that it finds as much or more."""
    shown, at = [], 0
    while at < len(pattern):
        if pattern.startswith(_LOOKING, at):
            at = _closing(pattern, at)
        elif pattern.startswith("\\u", at):
            shown.append(chr(int(pattern[at + 2 : at + 6], 16)))
            at += 6
        elif pattern[at] == "\\":
            shown.append("[\\pL\\pN_]" if pattern[at + 1] == "w" else pattern[at : at + 2])
            at += 2
        else:
            shown.append(pattern[at])
            at += 1
    return "".join(shown)


def _closing(pattern: str, at: int) -> int:
    """Where the group that opens at ``at`` has ended."""
    depth = 0
    inside = False  # of a set of characters
    while at < len(pattern):
        if pattern[at] == "\\":
            at += 1
        elif inside or pattern[at] == "[":
            inside = pattern[at] != "]"
        else:
            depth += (pattern[at] == "(") - (pattern[at] == ")")
        at += 1
        if not depth:
            break
    return at


def rule_of(raw: dict[str, Any]) -> Rule:
    """A rule from an entry of a pack."""
    source = raw["source"]
    terms, shape = raw.get("terms", []), raw.get("pattern", "")
    excused = _union(raw.get("except", []), raw.get("except_pattern", ""))
    return Rule(
        id=raw["id"],
        severity=Severity(raw["severity"]),
        pattern=re.compile(_union(terms, shape)),
        screens=(_union(terms), _without_looking(shape)),
        exceptions=re.compile(excused) if excused else None,
        unless_slots=frozenset(raw.get("unless_slots", ())),
        industries=frozenset(raw.get("industries", ())),
        not_industries=frozenset(raw.get("not_industries", ())),
        parts=frozenset(raw.get("parts", ())),
        confidence=float(raw.get("confidence", 1.0)),
        source=f"{source['law']} {source['article']} ({source['date']})",
        remedy=raw["remedy"],
        terms=tuple(terms),
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
    return tuple(rule_of(raw) for file in files for raw in file.get("rule", ()))


class RuleReader:
    """Reads lines against rules. A first look over all of them decides whether to look closer."""

    def __init__(self, chosen: Sequence[Rule], language: str) -> None:
        self._rules = tuple(chosen)
        self._language = language
        self._first_look = re.compile("|".join(f"(?:{rule.pattern.pattern})" for rule in self._rules))
        words = "|".join(filter(None, (rule.screens[0] for rule in self._rules)))
        self._screens = [text for text in (words, *(rule.screens[1] for rule in self._rules)) if text]

    def suspects(self, lines: Sequence[Line]) -> Collection[int]:
        """Lines that any rule touches, read as an evader hopes nobody does."""
        found: set[int] = set()
        for mark in ("\n", _LINE) if self._rules else ():
            places = [place for place, line in enumerate(lines) if line.text.isascii() is (mark == "\n")]
            if not places:
                continue
            texts = Together([lines[place].text for place in places], mark)
            told = normal(texts.text).replace(_LINE, "\n").split("\n")
            texts_told = pa.array(told, pa.string())
            for screen in self._screens:
                found.update(places[place] for place in _matching(texts_told, screen))
            found.update(places[place] for place in texts.odd)
            found.update(places[at] for at in _matching(texts_told, _MIXED) if undisguised(told[at]) is not None)
        return found

    def look(self, line: Line) -> list[Finding]:
        """Findings of every rule that the line breaks."""
        if not self._rules:
            return []
        reading = read(line.text)
        found = self._closer(line, reading) if self._first_look.search(reading.text) else []
        plain = undisguised(reading.text)
        if plain is not None and self._first_look.search(plain):
            known = {(one.rule, one.start) for one in found}
            again = self._closer(line, Reading(plain, reading.places))
            found += [one for one in again if (one.rule, one.start) not in known]
        return found

    def _closer(self, line: Line, reading: Reading) -> list[Finding]:
        return [
            self._finding(rule, line, reading.span(*span))
            for rule in self._rules
            if not (rule.unless_slots & line.slots) and (not rule.parts or line.part in rule.parts)
            for span in rule.matches(reading.text)
        ]

    def _finding(self, rule: Rule, line: Line, span: tuple[int, int]) -> Finding:
        remedy = rule.remedy.get(self._language, rule.remedy.get("en", ""))
        excerpt = line.text[slice(*span)][:60]
        return Finding(rule.id, rule.severity, line.part, *span, excerpt, rule.confidence, rule.source, remedy)


class LawCheck(RuleReader):
    """Reads lines against the law pack of the campaign's place."""

    name = "law"

    def __init__(self, context: Context) -> None:
        super().__init__([rule for rule in rules(context.place) if rule.holds_for(context.industry)], context.language)

"""Barred words written as others that sound alike: 蕞佳, zui佳, 稳zhuan. Free text only, no names of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Final, NamedTuple

from rjieba import cut

from siyu import packs
from siyu.copywriting.checks.law import Rule, rules
from siyu.copywriting.checks.port import Context, Line
from siyu.copywriting.checks.reading import Reading, read
from siyu.domain.copy import Finding
from siyu.domain.kinds import Severity

_HAN = re.compile(r"[\u3400-\u9fff]")
_ALL_HAN = re.compile(r"[\u3400-\u9fff]{2,6}")
_SPOKEN = re.compile(r"[\u3400-\u9fff]|[a-z]+")
_CONFIDENCE: Final = 0.8
_REMEMBERED: Final = 100_000
_SHORTEST: Final = {Severity.BLOCK: 2, Severity.NEEDS_EVIDENCE: 3}
"""Characters of a word, by how the law takes it: short words that may be lawful sound like too much else."""
_LONG: Final = 4  # characters that do not sound alike by chance
_PLAIN = frozenset(
    "的地得了着过是在有和与也就都还又不没很这那你您我他她它们一个上下里中为以于把被给对从到向要会能可说看来去做等"
)
"""Characters of grammar: where one of them stands, nobody hides a word."""


class _Sound(NamedTuple):
    """A character or a syllable in letters, as it is heard."""

    heard: frozenset[str]
    start: int
    end: int


class _Term(NamedTuple):
    word: str
    heard: tuple[str, ...]
    rule: Rule


@cache
def _readings() -> dict[str, frozenset[str]]:
    """Syllables by character."""
    found: dict[str, set[str]] = {}
    for syllable, characters in packs.read("characters", "han")["sounds"].items():
        for character in characters:
            found.setdefault(character, set()).add(syllable)
    return {character: frozenset(syllables) for character, syllables in found.items()}


@cache
def _terms(place: str, industry: str) -> dict[tuple[str, str], tuple[_Term, ...]]:
    """Barred words by how their first two characters are heard."""
    found: dict[tuple[str, str], list[_Term]] = {}
    for rule in rules(place):
        if rule.severity in _SHORTEST and rule.holds_for(industry):
            for word in rule.terms:
                told = _ALL_HAN.fullmatch(word) and len(word) >= _SHORTEST[rule.severity]
                for heard in _ways(word) if told else ():
                    found.setdefault((heard[0], heard[1]), []).append(_Term(word, heard, rule))
    return {key: tuple(terms) for key, terms in found.items()}


def _ways(word: str) -> Iterator[tuple[str, ...]]:
    """The usual way a word is read: each character's readings, the first alone where there are many."""
    heard = [sorted(_readings().get(character, ())) for character in word]
    if all(heard):
        ways: list[tuple[str, ...]] = [()]
        for choices in heard:
            ways = [(*way, choice) for way in ways for choice in choices][:4]
        yield from ways


@cache
def _syllables() -> frozenset[str]:
    return frozenset(packs.read("characters", "han")["sounds"])


class HomophonesCheck:
    """Finds barred words hidden behind words that sound alike.

    A place counts only where the language has no word there: 度假 sounds like 独家 and is a word, 蕞佳 is none.
    """

    name = "homophones"
    of_rest = True

    def __init__(self, context: Context) -> None:
        self._language = context.language
        self._terms = _terms(context.place, context.industry)
        self._clean: set[str] = set()  # words without values in which nothing was found

    def suspects(self, lines: Sequence[Line]) -> Collection[int]:
        """Lines of Chinese; few remain, for words without values are read but once."""
        return [place for place, line in enumerate(lines) if not self._is_clean(line.words)]

    def look(self, line: Line) -> list[Finding]:
        """Findings in order of place."""
        return [] if self._is_clean(line.words) else self._found(line)

    def _is_clean(self, words: str) -> bool:
        if words in self._clean or not self._terms:
            return True
        is_clean = not (_HAN.search(words) and self._found(Line("", words)))
        if is_clean and len(self._clean) < _REMEMBERED:
            self._clean.add(words)
        return is_clean

    def _found(self, line: Line) -> list[Finding]:
        reading = read(line.rest)
        sounds = list(_heard(reading.text))
        found: list[Finding] = []
        known: set[tuple[str, int]] = set()
        for at in range(len(sounds) - 1):
            for term in self._matching(sounds, at):
                start, end = sounds[at].start, sounds[at + len(term.heard) - 1].end
                said = reading.text[start:end]
                is_new = said != term.word and (term.rule.id, start) not in known
                if is_new and _is_hidden(reading.text, start, end, term):
                    known.add((term.rule.id, start))
                    found.append(self._finding(term, line, reading, (start, end)))
        return found

    def _matching(self, sounds: Sequence[_Sound], at: int) -> Iterator[_Term]:
        for first in sounds[at].heard:
            for second in sounds[at + 1].heard if sounds[at + 1].start == sounds[at].end else ():
                for term in self._terms.get((first, second), ()):
                    if _fits(sounds[at : at + len(term.heard)], term.heard):
                        yield term

    def _finding(self, term: _Term, line: Line, reading: Reading, span: tuple[int, int]) -> Finding:
        start, end = reading.span(*span)
        remedy = term.rule.remedy.get(self._language, term.rule.remedy["en"])
        told = line.text[start:end][:60]
        return Finding(
            f"{term.rule.id}.homophone", term.rule.severity, line.part, start, end, told, _CONFIDENCE,
            term.rule.source, remedy,
        )  # fmt: skip


def _fits(sounds: Sequence[_Sound], heard: Sequence[str]) -> bool:
    if len(sounds) < len(heard):
        return False
    joined = all(one.end == other.start for one, other in pairwise(sounds))
    return joined and all(syllable in sound.heard for sound, syllable in zip(sounds, heard, strict=True))


def _heard(text: str) -> Iterator[_Sound]:
    """Characters and syllables in letters, in order. A word in letters counts only beside a character."""
    for match in _SPOKEN.finditer(text):
        told, start, end = match.group(), match.start(), match.end()
        if not told.isascii():
            heard = _readings().get(told)
            if heard:
                yield _Sound(heard, start, end)
        elif told in _syllables():
            yield _Sound(frozenset((told,)), start, end)


def _is_hidden(text: str, start: int, end: int, term: _Term) -> bool:
    """Whether what stands at a place is no word of the language that happens to sound so."""
    said = text[start:end]
    if not _HAN.search(said):
        return False
    if any(character.isascii() for character in said):
        return True
    changed = [at for at, (one, other) in enumerate(zip(said, term.word, strict=True)) if one != other]
    if len(said) < _LONG and (any(said[at] in _PLAIN for at in changed) or len(changed) == len(said)):
        return False
    place = 0
    for token in cut(text, False):
        first, place = place, place + len(token)
        covers = any(first <= start + at < place for at in changed)
        crosses = first < start < place or first < end < place
        if len(token) > 1 and (covers or crosses):
            return False
    return True

"""Every figure, brand and attribute of a text must be a fact it claims."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from siyu.copywriting.checks.port import Context, Line, finding
from siyu.copywriting.checks.together import Together, any_touched
from siyu.domain.copy import Finding

_NUMBER = re.compile(r"\d+(?:,\d{3}(?!\d))*(?:\.\d+)?")
_SAID = re.compile(
    r"[〇零一二三四五六七八九十百千万两半]+(?:点[〇零一二三四五六七八九]+)?\s?(?:折|元|块钱|美元|倍|成价|万人|万件|人已|%|％)|半价|百分之"
)
_LATIN = re.compile(r"[A-Za-z][\w'’&.-]*")
_LONGEST_NAME = 4  # words, or Chinese characters
_REMEMBERED = 100_000


def numbers(text: str) -> list[str]:
    """Figures in ``text``, in one spelling: no thousands separators, no closing zeros after the point.

    Example:
        >>> numbers("¥1,299.50，８折")
        ['1299.5', '8']
    """
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return [_plain(match.group()) for match in _NUMBER.finditer(folded)]


def _plain(number: str) -> str:
    bare = number.replace(",", "")
    return bare.rstrip("0").rstrip(".") if "." in bare else bare


class FactsCheck:
    """Finds figures, brands and attribute values that are no value of the line."""

    name = "facts"

    def __init__(self, context: Context) -> None:
        common = context.common
        self._brands = _names(context.brands, common)
        self._attributes = frozenset(v for v in _names(context.attribute_values, common) if not v.isascii() or " " in v)
        self._heads = frozenset(filter(None, map(_head, self._brands | self._attributes)))
        self._nameless: set[str] = set()  # words without values that begin like no name

    def look(self, line: Line) -> list[Finding]:
        """Findings in order of kind: figures, brands, attributes."""
        found = self._figures(line)
        rest = line.rest
        if rest not in self._nameless and self._may_name(rest):
            found += self._foreign(line, rest, self._brands, "facts.foreign-brand")
            found += self._foreign(line, rest, self._attributes, "facts.foreign-attribute")
        return found

    def suspects(self, lines: Sequence[Line]) -> Collection[int]:
        """Lines with a figure that is none of their values', a figure in words, or words that may name something."""
        texts = Together([line.text for line in lines])
        found = any_touched(texts, () if texts.text.isascii() else (_SAID,))
        for place, line in enumerate(lines):
            said = _NUMBER.findall(_same_length(line.text))
            if said and not _are_of(said, line.values):
                found.add(place)
        return found | self._naming(lines)

    def _naming(self, lines: Sequence[Line]) -> set[int]:
        """Lines whose own words may name something; they are looked at together first."""
        rests = [line.rest for line in lines]
        new = set(rests) - self._nameless
        joined = "\n".join(new)
        if self._heads.isdisjoint(map(str.__add__, joined, joined[1:])) and self._heads.isdisjoint(
            _LATIN.findall(joined)
        ):
            if len(self._nameless) < _REMEMBERED:
                self._nameless |= new
            return set()
        naming = set(filter(self._may_name, new))
        return {place for place, rest in enumerate(rests) if rest in naming}

    def _figures(self, line: Line) -> list[Finding]:
        said = list(_NUMBER.finditer(_same_length(line.text)))
        allowed = {number for value in line.values for number in numbers(value)} if said else set()
        found = [
            finding("facts.number", line, match.span(), remedy="Use a slot: a figure must be a fact in force.")
            for match in said
            if _plain(match.group()) not in allowed
        ]
        if line.text.isascii():
            return found
        spelled = (
            finding("facts.number", line, match.span(), remedy="Use a slot: a figure must be a fact in force.")
            for match in _SAID.finditer(line.text)
            if not any(match.group() in value for value in line.values)
        )
        return [*found, *spelled]

    def _may_name(self, rest: str) -> bool:
        """A first look: whether any name begins as some word or pair of characters here does."""
        pairs = () if rest.isascii() else map(str.__add__, rest, rest[1:])
        may = not (self._heads.isdisjoint(pairs) and self._heads.isdisjoint(_LATIN.findall(rest)))
        if not may and len(self._nameless) < _REMEMBERED:
            self._nameless.add(rest)
        return may

    def _foreign(self, line: Line, rest: str, names: frozenset[str], rule: str) -> list[Finding]:
        return [
            finding(rule, line, span, remedy="Name only what the facts of this product name.")
            for span in _spans(rest)
            if rest[slice(*span)] in names
        ]


@lru_cache(maxsize=100_000)
def _told(value: str) -> frozenset[str]:
    return frozenset(numbers(value))


def _are_of(said: Iterable[str], values: Iterable[str]) -> bool:
    """Whether every figure is one of the values'."""
    told = [_told(value) for value in values]
    return all(any(number in known for known in told) for number in map(_plain, said))


def _same_length(text: str) -> str:
    """``text`` with full-width figures as plain ones, character for character."""
    if text.isascii():
        return text
    folded = unicodedata.normalize("NFKC", text)
    return folded if len(folded) == len(text) else "".join(map(_one, text))


def _one(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


def _names(values: Iterable[str], common: frozenset[str]) -> frozenset[str]:
    return frozenset(value for value in values if len(value) > 1 and value.casefold() not in common)


def _head(name: str) -> str:
    """How a name begins, as the first look reads it: its first Latin word, or its first two characters."""
    word = _LATIN.match(name)
    return word.group() if word else name[:2]


def _spans(text: str) -> Iterable[tuple[int, int]]:
    """Spans that may be a name: up to four Latin words, or two to four Chinese characters."""
    words = [match.span() for match in _LATIN.finditer(text)]
    for first in range(len(words)):
        for last in range(first, min(first + _LONGEST_NAME, len(words))):
            yield words[first][0], words[last][1]
    for start, character in enumerate(text):
        if "\u3400" <= character <= "\u9fff":
            for size in range(2, _LONGEST_NAME + 1):
                if start + size <= len(text):
                    yield start, start + size

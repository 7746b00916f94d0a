"""Every figure, date, brand and attribute of a text must be a fact it claims."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache

from siyu import packs
from siyu.copywriting.checks.amounts import HAN_NUMBER, NUMBER, any_of, of_figure, of_words, plain, same_length
from siyu.copywriting.checks.port import Context, Line, finding
from siyu.domain.copy import Finding
from siyu.domain.kinds import Severity

_N = f"[{HAN_NUMBER}]"
_MEASURES = "件双瓶盒份袋个套支本箱杯条枚只罐包片张对"
_WORDED = (
    "(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy"
    "|eighty|ninety|hundred|thousand|dozen|half)"
)
_LATIN = re.compile(r"[A-Za-zÀ-ɏ][A-Za-z0-9À-ɏ]*(?:['’&.-][A-Za-z0-9À-ɏ]+)*")
_REMEMBERED = 100_000
_SLOT = "\ufffc"
_COUNTING = re.compile(rf"{_SLOT}\s?(?:元|块钱|折|%|％|倍)|[¥￥$€£]\s?{_SLOT}")
_REMEDY = "Use a slot: a figure must be a fact in force."


def numbers(text: str) -> list[str]:
    """Figures in ``text``, in one spelling: no thousands separators, no closing zeros after the point.

    Example:
        >>> numbers("¥1,299.50，８折")
        ['1299.5', '8']
    """
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return [plain(match.group()) for match in NUMBER.finditer(folded)]


@cache
def _in_words(group: str) -> re.Pattern[str]:
    """What states an amount in words, in every language that says how (``packs/figures``)."""
    told = [pattern for name in packs.names("figures") for pattern in _filled(name, packs.read("figures", name)[group])]
    return re.compile("|".join(told), re.I)


def _filled(language: str, patterns: Iterable[str]) -> Iterator[str]:
    number = _N if language == "zh" else _WORDED
    for pattern in patterns:
        yield pattern.replace("{n}", number).replace("{m}", _MEASURES)


@cache
def stated(language: str) -> frozenset[str]:
    """Words that state an attribute in a language, in lower case (``packs/attributes``).

    Example:
        >>> "亚麻" in stated("zh"), stated("xx")
        (True, frozenset())
    """
    if language not in packs.names("attributes"):
        return frozenset()
    return frozenset(word.casefold() for words in packs.read("attributes", language).values() for word in words)


class FactsCheck:
    """Finds figures, dates, brands and attribute values that are no value of the line."""

    name = "facts"

    def __init__(self, context: Context) -> None:
        common = context.common
        brands = _names(context.brands, common)
        attributes = frozenset(v for v in _names(context.attribute_values, common) if not v.isascii() or " " in v)
        words = {word for word in stated(context.language) - common if word not in brands | attributes}
        self._stated = frozenset(words)
        self._rules = {
            **dict.fromkeys((word.casefold() for word in words), "facts.unproven-attribute"),
            **dict.fromkeys((value.casefold() for value in attributes), "facts.foreign-attribute"),
            **dict.fromkeys((brand.casefold() for brand in brands), "facts.foreign-brand"),
        }
        self._spelled = {name.casefold(): name for name in (*attributes, *brands)}
        self._by_head = _by_head(self._rules)
        self._heads = frozenset(self._by_head)
        self._plain: set[str] = set()  # words without values that state no figure
        self._nameless: set[str] = set()  # words without values that begin like no name

    def look(self, line: Line) -> list[Finding]:
        """Findings in order of kind: figures, dates, brands and attributes."""
        found = self._figures(line)
        rest = line.rest
        if rest not in self._nameless and self._may_name(rest):
            found += self._foreign(line, rest)
        return found

    def suspects(self, lines: Sequence[Line]) -> Collection[int]:
        """Lines with a figure that is none of their values', a figure in words, or words that may name something."""
        found = {place for place, line in enumerate(lines) if not self._is_plain(line.words)}
        for place, line in enumerate(lines):
            told = NUMBER.findall(same_length(line.text))
            if told and not _are_of(told, line.values):
                found.add(place)
        return found | self._naming(lines)

    def _is_plain(self, words: str) -> bool:
        """Whether words without values state no figure."""
        if words in self._plain:
            return True
        looks = (_DIGIT, _COUNTING, _in_words("said"), _in_words("deadline"))
        is_plain = not any(look.search(words) for look in looks)
        if is_plain and len(self._plain) < _REMEMBERED:
            self._plain.add(words)
        return is_plain

    def _naming(self, lines: Sequence[Line]) -> set[int]:
        """Lines whose own words may name something; they are looked at together first."""
        rests = [line.rest for line in lines]
        new = set(rests) - self._nameless
        joined = "\n".join(new).casefold()
        if self._heads.isdisjoint(map(str.__add__, joined, joined[1:])) and self._heads.isdisjoint(
            _LATIN.findall(joined)
        ):
            if len(self._nameless) < _REMEMBERED:
                self._nameless |= new
            return set()
        naming = set(filter(self._may_name, new))
        return {place for place, rest in enumerate(rests) if rest in naming}

    def _figures(self, line: Line) -> list[Finding]:
        text, rest = same_length(line.text), line.rest
        spans = {match.span() for match in NUMBER.finditer(text) if not self._is_fact(match, text, line)}
        if _COUNTING.search(rest):
            spans |= set(_miscounted(text, rest, line.values))
        for pattern in map(_in_words, ("said",) if "offer.ends" in line.slots else ("said", "deadline")):
            spans |= {match.span() for match in pattern.finditer(rest) if not _is_said(match.group(), line.values)}
        return [finding("facts.number", line, span, remedy=_REMEDY) for span in sorted(spans)]

    def _is_fact(self, match: re.Match[str], text: str, line: Line) -> bool:
        """Whether a figure is a value's, or says the same amount as one in other words."""
        number = plain(match.group())
        if not any(number in _told(value) for value in line.values):
            return any_of(of_figure(text, match), line.values)
        within = line.rest[slice(*match.span())].strip(_SLOT) == ""
        return within or any_of(of_figure(text, match), line.values)

    def _may_name(self, rest: str) -> bool:
        """A first look: whether any name begins as some word or pair of characters here does."""
        low = rest.casefold()
        pairs = () if rest.isascii() else map(str.__add__, low, low[1:])
        may = not (self._heads.isdisjoint(pairs) and self._heads.isdisjoint(_LATIN.findall(low)))
        if not may and len(self._nameless) < _REMEMBERED:
            self._nameless.add(rest)
        return may

    def _foreign(self, line: Line, rest: str) -> list[Finding]:
        low = rest.casefold()
        if len(low) != len(rest):
            low = rest
        values = [value.casefold() for value in line.values]
        found = []
        for span in self._spans(rest, low):
            name = low[slice(*span)]
            rule = self._rules[name]
            if any(name in value for value in values):
                continue
            unproven = rule == "facts.unproven-attribute"
            found.append(
                finding(
                    rule, line, span, remedy="Name only what the facts of this product name, in a slot.",
                    severity=Severity.NEEDS_EVIDENCE if unproven else Severity.BLOCK,
                )
            )  # fmt: skip
        return found

    def _spans(self, rest: str, low: str) -> Iterator[tuple[int, int]]:
        """Spans of names; one in Latin letters stands alone and is written as a name or as the catalogue writes it."""
        at = 0
        while at < len(low):
            name = self._name_at(rest, low, at)
            if name:
                yield at, at + len(name)
            at += len(name) or 1

    def _name_at(self, rest: str, low: str, at: int) -> str:
        word = _LATIN.match(low, at)
        if word and at and (low[at - 1].isalnum() and low[at - 1].isascii()):
            return ""
        for name in self._by_head.get(word.group() if word else low[at : at + 2], ()):
            if low.startswith(name, at) and (word is None or self._is_written(rest, at, name)):
                return name
        return ""

    def _is_written(self, rest: str, at: int, name: str) -> bool:
        end = at + len(name)
        told = rest[at:end]
        alone = not (rest[end : end + 1].isalnum() and rest[end : end + 1].isascii())
        as_name = any(character.isupper() for character in told) or told == self._spelled.get(name, told)
        return alone and (as_name or not name.isalpha())


_DIGIT = re.compile(r"[0-9０-９①-⑳]")


def _miscounted(text: str, rest: str, values: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Values that the words around them make into what they are not: a count that is said to be a sum."""
    for match in NUMBER.finditer(text):
        if rest[slice(*match.span())].strip(_SLOT) == "" and not any_of(of_figure(text, match), values):
            yield match.span()


def _is_said(words: str, values: Sequence[str]) -> bool:
    """Whether an amount in words is a fact, as it stands or in figures."""
    if any(words in value for value in values):
        return True
    match = re.fullmatch(rf"({_N}+)\s?(折|元|块钱?|倍)", words)
    amount = of_words(match.group(1), match.group(2)) if match else None
    return amount is not None and any_of(amount, values)


@lru_cache(maxsize=100_000)
def _told(value: str) -> frozenset[str]:
    return frozenset(numbers(value))


def _are_of(said: Iterable[str], values: Iterable[str]) -> bool:
    """Whether every figure is one of the values'."""
    told = [_told(value) for value in values]
    return all(any(number in known for known in told) for number in map(plain, said))


def _names(values: Iterable[str], common: frozenset[str]) -> frozenset[str]:
    return frozenset(value for value in values if len(value) > 1 and value.casefold() not in common)


def _by_head(names: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Names by how they begin: their first Latin word, or their first two characters; the longest first."""
    found: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (-len(name), name)):
        word = _LATIN.match(name)
        found.setdefault(word.group() if word else name[:2], []).append(name)
    return {head: tuple(known) for head, known in found.items()}

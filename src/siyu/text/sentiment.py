"""Sentiment by hand-written lexicons: a score and the words that drive it, so that the reader can see why.

A walk finds the longest lexicon entry at each place; a negator or an intensifier acts on what follows it closely within
the same clause (Taboada et al. 2011, "Lexicon-based methods for sentiment analysis": shifting and intensification).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt

import pyarrow as pa

from siyu.text.language import has_han
from siyu.text.lists import word_list
from siyu.text.normalise import fold, over_distinct

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*|[^\w\s]|_")
_VALUES = {"strong_positive": 2.0, "positive": 1.0, "neutral": 0.0, "negative": -1.0, "strong_negative": -2.0}
_NEGATED = -0.75  # "not good" is less bad than "bad"
_MORE, _LESS = 1.5, 0.6
_REACH = {"zh": 4, "en": 3}  # characters, words
_SOFTNESS = 3.0  # one plain word gives 0.5

SENTIMENT = pa.struct([("score", pa.float64()), ("words", pa.list_(pa.string()))])


@dataclass(frozen=True, slots=True)
class Sentiment:
    """How a text sounds.

    Attributes:
        score: -1 (bad) to 1 (good); 0 where no word of the lexicon occurs or they balance.
        words: (what stands in the text, its part of the sum), strongest first; a negated word shows its negator.
    """

    score: float
    words: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    units: tuple[str, ...]
    role: str  # value | negate | scale
    amount: float


def sentiment(text: str, language: str | None = None) -> Sentiment:
    """Score of a text, with its driving words.

    Args:
        language: ``zh`` or ``en``; otherwise Chinese where any Han character occurs, else English.

    Example:
        >>> sentiment("质量很好，但是物流不给力").words
        (('不给力', -1.0), ('很好', 1.0))
        >>> sentiment("not good at all").words
        (('not good', -0.75),)
    """
    known = language if language in _REACH else ("zh" if has_han(text) else "en")
    folded = fold(text).replace("’", "'")
    units: Sequence[str] = list(folded) if known == "zh" else _WORD.findall(folded)
    found = _walk(units, known)
    total = sum(amount for _, amount in found)
    score = total / sqrt(total * total + _SOFTNESS)
    return Sentiment(score, tuple(sorted(found, key=lambda pair: (-abs(pair[1]), pair[0]))))


def sentiments(texts: pa.Array) -> pa.StructArray:
    """:func:`sentiment` of every text as ``struct<score, words>`` (at most five words); nulls stay null."""

    def row(text: str) -> dict[str, object]:
        found = sentiment(text)
        return {"score": found.score, "words": [word for word, _ in found.words[:5]]}

    return over_distinct(texts, row, SENTIMENT)


def _walk(units: Sequence[str], language: str) -> list[tuple[str, float]]:
    lexicon, reach, glue = _lexicon(language), _REACH[language], "" if language == "zh" else " "
    found: list[tuple[str, float]] = []
    at, since, start, factor = 0, 0, 0, 1.0
    while at < len(units):
        entry = _longest(lexicon, units, at)
        if entry is None or entry.amount == 0:
            step = len(entry.units) if entry else 1
            if _ends_clause(units[at]) or at + step - since > reach:
                factor = 1.0
            at += step
            continue
        if factor == 1.0:
            start = at
        at += len(entry.units)
        if entry.role == "value":
            found.append((glue.join(units[start:at]), entry.amount * factor))
            factor = 1.0
        else:
            factor *= entry.amount
            since = at
    return found


def _longest(lexicon: dict[str, list[_Entry]], units: Sequence[str], at: int) -> _Entry | None:
    for entry in lexicon.get(units[at], ()):
        if tuple(units[at : at + len(entry.units)]) == entry.units:
            return entry
    return None


def _ends_clause(unit: str) -> bool:
    return not unit[0].isalnum() and unit not in (" ", "'", "-")


@cache
def _lexicon(language: str) -> dict[str, list[_Entry]]:
    """Entries by their first unit, longest first; a word in two lists keeps the value list's reading."""
    scales = (("negate", _NEGATED), ("more", _MORE), ("less", _LESS))
    entries = {
        units: _Entry(units, "negate" if name == "negate" else "scale", amount)
        for name, amount in scales
        for units in map(_units(language), word_list(language, name))
    }
    for name, amount in _VALUES.items():
        for units in map(_units(language), word_list(language, name)):
            entries[units] = _Entry(units, "value", amount)
    by_first: dict[str, list[_Entry]] = {}
    for entry in sorted(entries.values(), key=lambda entry: (-len(entry.units), entry.units)):
        by_first.setdefault(entry.units[0], []).append(entry)
    return by_first


def _units(language: str):  # type: ignore[no-untyped-def]
    return tuple if language == "zh" else lambda phrase: tuple(_WORD.findall(phrase))

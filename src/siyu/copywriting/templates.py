"""Lines with slots in braces, and putting values in. Values are never read as templates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from siyu.copywriting.titles import HAN, width

_SLOT = re.compile(r"\{([^{}\n]{1,80})\}")
_MARKS = frozenset(".!?…。！？")
_LOWER_WORD = re.compile(r"[a-z][a-z'’-]*(?![A-Z0-9])")
_DETERMINED = re.compile(r"(?:the|an?|my|your|our|this|these)\b", re.I)
_A = re.compile(r"(?:^|[ “])[Aa] $")
_SPOKEN_VOWEL = re.compile(r"[aeio]|u(?!ni|se|su)|8|11\b|18\b", re.I)
_SPOKEN_CONSONANT = re.compile(r"eu|one\b|once\b", re.I)
MASK = "\ufffc"
"""Stands for a slot where a template is checked before it is filled."""


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled line: constant ``texts`` around ``slots``, one more text than slots."""

    texts: tuple[str, ...]
    slots: tuple[str, ...]
    constant_width: float

    @property
    def masked(self) -> str:
        """The line with each slot as one object-replacement character."""
        return MASK.join(self.texts)

    @property
    def _begins_with_value(self) -> bool:
        return not self.texts[0].strip("“") and len(self.texts) > 1 and not HAN.search("".join(self.texts))

    def width(self, widths: Mapping[str, float]) -> float:
        """Width of the filled line in Chinese characters, spaces at the seams counted."""
        slots = self.slots
        return self.constant_width + len(slots) + sum(map(widths.__getitem__, slots))

    def fill(self, values: Mapping[str, str]) -> str:
        """The line with values in; a space where Chinese meets a Latin letter or figure, no doubled full stop.

        Raises:
            KeyError: a slot has no value.

        Example:
            >>> compile_line("现价{price}，喜欢{title}吗？").fill({"price": "¥99", "title": "Linen 7"})
            '现价 ¥99，喜欢 Linen 7 吗？'
        """
        shown = self.texts[0]
        for slot, after in zip(self.slots, self.texts[1:], strict=True):
            value = values[slot]
            mixed = _is_han(value[:1]) != _is_han(value[-1:])  # T恤, 8折: one word, no space
            rest = _without_doubled_mark(value, after)
            shown = _with_article(shown, value)
            shown = shown + value + rest if mixed else _joined(_joined(shown, value), rest)
        return _capitalised(shown) if self._begins_with_value else shown


def _with_article(before: str, value: str) -> str:
    """``before`` with the article that ``value`` takes: "a " + office -> "an "; "the " + "Your Mug" -> ""."""
    if before[-4:].lower() == "the " and _DETERMINED.match(value):
        return before[:-4]
    sounds = _SPOKEN_VOWEL.match(value.lstrip("“")) and not _SPOKEN_CONSONANT.match(value.lstrip("“"))
    return f"{before[:-1]}n " if sounds and _A.search(before) else before


def _capitalised(text: str) -> str:
    """A line that begins with a value begins with a capital: "heart" seems ... -> "Heart" seems ..."""
    at = 1 if text[:1] == "“" else 0
    plain = _LOWER_WORD.match(text, at)
    return text[:at] + text[at].upper() + text[at + 1 :] if plain else text


def _without_doubled_mark(value: str, after: str) -> str:
    return after[1:] if value and after and value[-1] in _MARKS and after[0] in ".。" else after


def _joined(left: str, right: str) -> str:
    before, after = left[-1:], right[:1]
    meets = (_is_han(before) and _is_latin(after, "¥£€$")) or (_is_latin(before, "%") and _is_han(after))
    return f"{left} {right}" if meets else left + right


def _is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"


def _is_latin(character: str, signs: str) -> bool:
    return character != "" and ((character.isascii() and character.isalnum()) or character in signs)


@lru_cache(maxsize=100_000)
def compile_line(text: str) -> Template:
    """``text`` split at its slots.

    Example:
        >>> compile_line("给{you}的{title}").slots
        ('you', 'title')
    """
    pieces = _SLOT.split(text)
    texts = tuple(pieces[0::2])
    return Template(texts, tuple(pieces[1::2]), width("".join(texts)))

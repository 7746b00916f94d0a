"""The angle of a message: the interest of the reader that the product answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from siyu import packs
from siyu.copywriting.display import Presenter
from siyu.copywriting.shelf import ShelfFact
from siyu.domain.kinds import Facet

_LATIN = re.compile(r"[a-z]+")
_WORD = re.compile(r"[a-z][a-z'’-]+|[\u3400-\u9fff]+")


class Interest(NamedTuple):
    """A reader's interest with ``score`` = weight x lift; ``common`` if others share it as much (lift under 1.1)."""

    facet: str
    value: str
    score: float
    common: bool = False


@dataclass(frozen=True, slots=True)
class Features:
    """What interests a product can answer: (facet, value) to the slot of the fact that proves it."""

    slots: Mapping[tuple[str, str], str]
    words: Mapping[str, str] = field(default_factory=dict)

    def proof(self, facet: str, value: str) -> str | None:
        """Slot of the fact by which the product answers an interest; None where it does not."""
        if facet == Facet.KEYWORD:
            return self.words.get(value.casefold()) or self._within(value)
        return self.slots.get((facet, value)) or self.slots.get((facet, value.casefold()))

    def _within(self, value: str) -> str | None:
        if len(value) < 2 or value.isascii():
            return None
        return next((slot for word, slot in self.words.items() if value in word), None)


def features(card: Mapping[str, ShelfFact], band: str = "") -> Features:
    """What a product's facts (and its price band, where it has a price) can prove.

    Example:
        >>> card = {"title": ShelfFact(0, "title", "LINEN SHIRT", None, "")}
        >>> card["attr.style"] = ShelfFact(1, "attr.style", "casual", None, "")
        >>> found = features(card)
        >>> found.proof("keyword", "linen"), found.proof("attribute", "style=casual"), found.proof("brand", "x")
        ('title', 'attr.style', None)
    """
    slots: dict[tuple[str, str], str] = {}
    words: dict[str, str] = {}
    for slot, fact in card.items():
        _learn(slot, fact.value, slots, words)
    if band and "price" in card:
        slots[(Facet.PRICE_BAND, band)] = "price"
    return Features(slots, words)


def _learn(slot: str, value: str, slots: dict[tuple[str, str], str], words: dict[str, str]) -> None:
    if slot == "category":
        levels = value.split(" > ")
        for depth in range(1, len(levels) + 1):
            slots[(Facet.CATEGORY, " > ".join(levels[:depth]))] = slot
        slots[(Facet.CATEGORY, levels[-1])] = slot
    elif slot == "brand":
        slots[(Facet.BRAND, value)] = slots[(Facet.BRAND, value.casefold())] = slot
    elif slot.startswith("attr."):
        slots[(Facet.ATTRIBUTE, f"{slot[5:]}={value}")] = slots[(Facet.ATTRIBUTE, f"{slot[5:]}={value}".casefold())] = (
            slot
        )
    if slot in ("title", "category") or slot.startswith("attr."):
        for word in _WORD.findall(value.casefold()):
            words.setdefault(word, slot)


class Sensitive:
    """Words that reveal what a reader never told on purpose, and goods that may not be advertised at all."""

    def __init__(self, industry: str) -> None:
        known = packs.read("industries", industry) if industry in packs.names("industries") else {}
        usual = packs.read("industries", "e-commerce")
        lists = [known.get(section) or usual[section] for section in ("sensitive", "barred")]
        chinese = "|".join(re.escape(word) for words in lists for word in words["zh"])
        english = "|".join(re.escape(word) for words in lists for word in words["en"])
        self._chinese = re.compile(chinese)
        self._english = re.compile(rf"\b(?:{english})")
        self._starts = frozenset(_LATIN.findall(word)[0][:3] for words in lists for word in words["en"])

    def find(self, text: str) -> re.Match[str] | None:
        """The first sensitive word in ``text``.

        Example:
            >>> Sensitive("e-commerce").find("MATERNITY JEANS").group()
            'maternity'
        """
        low = text.casefold()
        if any(word[:3] in self._starts for word in _LATIN.findall(low)):
            found = self._english.search(low)
            if found:
                return found
        return None if low.isascii() else self._chinese.search(low)


def matches(interests: Iterable[Interest], found: Features) -> list[tuple[Interest, str]]:
    """Interests that the product answers, strongest first, each with the slot of the fact that proves it.

    Ties go to the facet and value that come first in the alphabet, so that a run repeats itself.
    """
    proved = ((interest, found.proof(interest.facet, interest.value)) for interest in interests)
    return sorted(((interest, slot) for interest, slot in proved if slot), key=lambda match: _order(match[0]))


def choose_angle(
    matched: Iterable[tuple[Interest, str]], presenter: Presenter, *, title: str, sensitive: Sensitive
) -> Interest | None:
    """The strongest interest that can be said in the language and that is not sensitive."""
    return next((interest for interest, _ in matched if _sayable(interest, presenter, title, sensitive)), None)


def _order(interest: Interest) -> tuple[bool, bool, float, str, str]:
    """What sets a reader apart goes first; a price band, which says little about anybody, last."""
    return interest.facet == Facet.PRICE_BAND, interest.common, -interest.score, interest.facet, interest.value


def _sayable(interest: Interest, presenter: Presenter, title: str, sensitive: Sensitive) -> bool:
    shown = presenter.angle(interest.facet, interest.value)
    return bool(shown) and shown.casefold() != title.casefold() and not sensitive.find(interest.value)

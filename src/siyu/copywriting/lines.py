"""Lines as they are kept: compiled, and weighed by how much of the reader is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from siyu.copywriting.slots import fact_slot
from siyu.copywriting.templates import Template, compile_line

_ALIKE = 0.3
_RELATIONS = 200_000  # pairs of lines that are kept, about 30 MB
_TERMS = ("price", "price.before", "offer.price", "offer.percent_off", "offer.gift")
_OWN = frozenset({"angle.liked", "angle.usual", "past.bought", "past.bought.short", "past.again", "past.again.short"})
_LATER = {"group": 0, "pair": 0, "colour": 2, "fit": 2, "detail": 3, "brand": 3, "size": 4, "category": 5}
"""Kinds of selling points in their order: two facts in one line; style, material, pattern and taste; the rest."""
_NEAR = frozenset({"angle", "past.viewed", "past.viewed.short", "past.seen", "past.seen.short", *_TERMS})
POPULAR: Final = "popular"
OCCASION: Final = "occasion"
STYLE: Final = "style"


@dataclass(frozen=True, slots=True, eq=False)
class StoredPiece:
    """A piece as it is kept, with its compiled line. There is one a line: two are equal if they are the same object."""

    piece_id: str
    part: str
    text: str
    template: Template
    slots: frozenset[str]
    facts: tuple[str, ...]  # slots that tell a value, not its name
    told: frozenset[str]  # facts behind them; a measure word tells nothing
    terms: frozenset[str]  # price and offer slots among them
    kind: str  # what it speaks of: `angle`, `style`, `past`, `occasion`, `popular` ...; the middle of its id
    topics: frozenset[str]  # what it tells; a line written for a look speaks of the angle
    later: int  # place of its kind among selling points
    warmths: tuple[int, int]  # how much of the reader is in it, without and with an interest in the angle

    @staticmethod
    def of(piece_id: str, part: str, text: str, *, articles: bool = True) -> StoredPiece:
        """Compile a stored line.

        Args:
            articles: whether "the" may stand before a product; a type of product (soft drinks) takes none.
        """
        template = compile_line(text if articles else _without_articles(text))
        slots = frozenset(template.slots)
        told = frozenset(_behind(slot) for slot in slots if not slot.endswith(".unit"))
        _, *rest = piece_id.split("-")[:-1] or [""]
        kind = "".join(rest)
        topics = told | {"angle"} if kind == STYLE else told
        terms = frozenset(_TERMS) & slots
        warmths = (2, 3) if kind == STYLE else (_warmth(kind, slots),) * 2
        later = _LATER.get(kind, 1)
        facts = tuple(slot for slot in template.slots if not slot.endswith(".name"))
        return StoredPiece(piece_id, part, text, template, slots, facts, told, terms, kind, topics, later, warmths)

    def warmth(self, *, liked: bool) -> int:
        """How much of the reader is in it: 3 their own doing, 2 near to them, 1 nothing of them, 0 only of others.

        Args:
            liked: whether the reader has an interest in what the brief's angle names.
        """
        return self.warmths[liked]


def _warmth(kind: str, slots: frozenset[str]) -> int:
    if kind == POPULAR:
        return 0
    if not slots.isdisjoint(_OWN):
        return 3
    return 2 if kind == OCCASION or not slots.isdisjoint(_NEAR) else 1


def _behind(slot: str) -> str:
    if slot.startswith("past.") and slot != "past.count":
        return "title" if slot.startswith(("past.again", "past.seen")) else "past"
    return fact_slot(slot)


def _without_articles(text: str) -> str:
    for named in ("title", "past."):
        text = text.replace(f"the {{{named}", f"{{{named}").replace(f"The {{{named}", f"{{{named}")
    return text


@lru_cache(maxsize=200_000)
def alike(one: str, other: str) -> bool:
    """Whether two lines say nearly the same words (share of common letter pairs over the shorter line).

    Example:
        >>> alike("上次没挑定的，再看看？", "上次没挑定的，这次再看看？"), alike("好久不见", "给你留了一件")
        (True, False)
    """
    first, second = _pairs(one), _pairs(other)
    return len(first & second) > max(1.0, _ALIKE * min(len(first), len(second)))


@lru_cache(maxsize=50_000)
def _pairs(text: str) -> frozenset[str]:
    bare = "".join(c for text_part in compile_line(text).texts for c in text_part.casefold() if c.isalnum())
    size = 2 if not bare.isascii() else 4
    return frozenset(bare[i : i + size] for i in range(len(bare) - size + 1))


class _Relations(dict[tuple[StoredPiece, StoredPiece], bool]):
    """Whether the second line of a pair repeats the first; learnt as pairs come."""

    def __missing__(self, pair: tuple[StoredPiece, StoredPiece]) -> bool:
        if len(self) >= _RELATIONS:
            self.clear()
        found = self[pair] = repeats(*pair)
        return found


_REPEATS = _Relations()


def clear_of(one: StoredPiece, lines: Sequence[StoredPiece]) -> list[StoredPiece]:
    """Those of ``lines`` that do not repeat ``one``."""
    known = _REPEATS
    return [line for line in lines if not known[line, one]]


@lru_cache(maxsize=200_000)
def repeats(line: StoredPiece, other: StoredPiece) -> bool:
    """Whether a message with both lines would state terms twice, or say nearly the same words."""
    apart = "subject" in (line.part, other.part) or "preheader" in (line.part, other.part)
    return (bool(line.terms & other.terms) and not apart) or alike(line.text, other.text)


@lru_cache(maxsize=200_000)
def apart(subject: StoredPiece, hook: StoredPiece) -> bool:
    """Whether a subject and a hook speak of different things in different words."""
    return subject.topics.isdisjoint(hook.topics) and not alike(subject.text, hook.text)

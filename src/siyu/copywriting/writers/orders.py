"""Orders: what briefs share and a model is asked for once: an angle, a reason, an occasion, any day, a product.

A brief is product x angle x reason x occasion x language; its pieces are those of its orders. So a million readers make
some thousand orders, not a hundred thousand briefs. An order holds no more than its own part of a brief, never a person
and never how many share it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from siyu.copywriting import saying
from siyu.copywriting.display import Presenter
from siyu.copywriting.layouts import layout
from siyu.copywriting.slots import ANGLES, fact_slot
from siyu.domain.copy import Brief
from siyu.domain.facts import Fact
from siyu.text.tokenise import tokens

PROMPT: Final = 1
"""Version of how orders are put into words; part of every key."""

_PAST: Final = ("past.title", "past.bought")
_REASON_SLOTS: Final = {
    "bought-together": ("past.title", "past.title.short", "past.bought", "past.bought.short"),
    "similar": ("past.title", "past.title.short", "past.bought", "past.bought.short"),
    "repeat": ("past.again", "past.again.short"),
    "viewed": ("past.seen", "past.seen.short"),
    "popular": ("reason.count",),
}
_KINDS: Final = {
    "bought-together": "past",
    "similar": "past",
    "repeat": "again",
    "viewed": "seen",
    "interest": "general",
}
_LINES: Final = {
    "angle": {"subject": 3, "hook": 5},
    "reason": {"subject": 3, "hook": 4},
    "occasion": {"subject": 3, "hook": 4},
    "general": {"subject": 4, "hook": 5, "preheader": 3, "call": 3},
    "product": {"reveal": 2},
}
"""Lines asked for, by part; half of them will do."""
_TITLE: Final = ("title", "title.short")
_NOT_TOLD: Final = ("stock", "url", "image", "price.before")


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to be written.

    Attributes:
        key: exact hash of all that its lines depend on.
        kind: ``angle``, ``reason``, ``occasion``, ``general``, ``product``.
        speaks_of: kind of its pieces, the middle of their ids.
        slots: those it may use, with what is told of each; empty where only its name is.
        lines: how many of each part are asked for.
        groups: of our own lines of its kind, by part; see :func:`siyu.copywriting.writers.wording.look`.
        brief: what its lines are reviewed against: it holds no other fact than the slots' own.
    """

    key: str
    kind: str
    speaks_of: str
    slots: dict[str, str]
    lines: dict[str, int]
    groups: dict[str, tuple[str, ...]]
    told: frozenset[str]
    brief: Brief

    @property
    def language(self) -> str:
        """Language of its lines."""
        return self.brief.language

    def needs(self, part: str) -> int:
        """How many lines of a part will do; none of one that is not asked for."""
        return (self.lines.get(part, 0) + 1) // 2


class OrderBook:
    """Makes the orders of briefs; equal ones are made once.

    Args:
        about: by language, what every key depends on beside the order: server, model, options, rules.
    """

    def __init__(self, about: Callable[[str], str]) -> None:
        self._about = about
        self._made: dict[tuple[str, ...], Order] = {}

    def of(self, brief: Brief) -> tuple[Order, ...]:
        """The orders whose lines make up a brief's pieces."""
        made = (self._order(kind, matter, brief) for kind, matter in _matters(brief))
        return tuple(order for order in made if order.lines)

    def _order(self, kind: str, matter: tuple[str, ...], brief: Brief) -> Order:
        at = (kind, *matter, brief.language)
        found = self._made.get(at)
        if found is None:
            found = self._made[at] = self._new(kind, brief)
        return found

    def _new(self, kind: str, brief: Brief) -> Order:
        slots = _slots(kind, brief)
        facts = _facts(brief, slots)
        bare = (
            replace(brief, facts=facts)
            if kind == "angle"
            else replace(brief, facts=facts, angle_facet="", angle_value="")
        )
        lines = _LINES[kind] | ({"point": min(6, 2 * _points(slots))} if kind == "product" else {})
        shown = layout(brief.channel).parts
        lines = {part: most for part, most in lines.items() if most and part in shown}
        told = frozenset(
            word for value in slots.values() for word in (*tokens(value, brief.language), *value.casefold().split())
        )  # fmt: skip
        content = [
            PROMPT, self._about(brief.language), kind, slots, lines, brief.language, brief.channel, brief.tone,
            brief.place, brief.industry, brief.brand_voice, brief.reason if kind == "reason" else "",
            brief.occasion if kind == "occasion" else "",
        ]  # fmt: skip
        key = hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
        speaks_of = {"reason": _KINDS.get(brief.reason, brief.reason), "product": ""}.get(kind, kind)
        return Order(key, kind, speaks_of, slots, lines, _groups(kind, brief, slots), told, bare)


def _matters(brief: Brief) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What a brief is made of; a post for everybody, of its product alone."""
    yield "product", (str(brief.item),)
    if layout(brief.channel).post:
        return
    yield "general", ()
    if brief.angle_facet:
        yield "angle", (brief.angle_facet, brief.angle_value)
    if brief.reason in _REASON_SLOTS or brief.reason == "new":
        yield "reason", (brief.reason,)
    if brief.occasion != "general":
        yield "occasion", (brief.occasion,)


def _slots(kind: str, brief: Brief) -> dict[str, str]:
    """Slots an order may use and what is told of them: of a product its facts, of an angle what it is called."""
    names = _TITLE + (("title.unit",) if brief.language == "zh" else ())
    if kind == "angle":
        spoken = _presenter(brief.language).angle(brief.angle_facet, brief.angle_value)
        return dict.fromkeys(names, "") | dict.fromkeys(ANGLES, spoken)
    if kind == "reason":
        return dict.fromkeys((*names, *_REASON_SLOTS.get(brief.reason, ())), "")
    if kind == "product":
        return _product_slots(brief)
    return dict.fromkeys(names, "")


def _product_slots(brief: Brief) -> dict[str, str]:
    presenter = _presenter(brief.language)
    shown = {
        fact.slot: presenter.fact(fact) for fact in brief.facts if not fact.slot.startswith((*_NOT_TOLD, "offer."))
    }
    found = {slot: value for slot, value in shown.items() if value and slot != "price"}
    if brief.language == "zh" and "title" in found:
        found["title.unit"] = ""
    return found


def _points(slots: dict[str, str]) -> int:
    """How many facts may be told as selling points."""
    return sum(slot.startswith(("attr.", "praise.")) or slot == "brand" for slot in slots)


def _facts(brief: Brief, slots: dict[str, str]) -> tuple[Fact, ...]:
    known = {fact_slot(slot) for slot in slots}
    return tuple(fact for fact in brief.facts if fact.slot in known)


def _groups(kind: str, brief: Brief, slots: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Groups of our own lines whose words an order may use."""
    general: dict[str, tuple[str, ...]] = {"subject": ("subject:general",), "hook": ("hook:occasion.general",)}
    if kind == "product":
        groups = sorted({saying.attribute_group(slot[5:]) for slot in slots if slot.startswith("attr.")} | {"brand"})
        return {"reveal": ("reveal:",), "point": tuple(f"point:{group}" for group in groups)}
    if kind == "angle":
        facet = {"keyword": "category"}.get(brief.angle_facet, brief.angle_facet)
        subject = "look" if facet == "attribute" else "angle"
        mine: dict[str, tuple[str, ...]] = {"subject": (f"subject:{subject}",), "hook": (f"hook:angle.{facet}",)}
    elif kind == "reason":
        mine = {"subject": (f"subject:{brief.reason}",), "hook": (f"hook:reason.{brief.reason}",)}
    elif kind == "occasion":
        mine = {"subject": (f"subject:{brief.occasion}",), "hook": (f"hook:occasion.{brief.occasion}",)}
    else:
        return general | {"preheader": ("preheader:",), "call": ("call:",)}
    return {part: general[part] + groups for part, groups in mine.items()}


@lru_cache(maxsize=16)
def _presenter(language: str) -> Presenter:
    return Presenter(language)

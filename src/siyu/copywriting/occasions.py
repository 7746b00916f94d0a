"""Occasions: which lanes they draw on, and whether a reader and a product fit one. Else it is an ordinary day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from siyu import packs
from siyu.copywriting.festivals import Festival
from siyu.copywriting.shelf import ShelfFact
from siyu.domain.kinds import Lane

GENERAL = "general"


@dataclass(frozen=True, slots=True)
class Case:
    """What an occasion may ask about: the reader, the product and why it was recommended.

    Attributes:
        carted: whether they left something in their cart and bought nothing since.
        bought: whether they bought something in the days of the occasion.
        named: whether the marketer said whom the campaign is for, person by person or by segment.
    """

    viewed: bool
    lifecycle: str
    reason: str
    card: Mapping[str, ShelfFact]
    first_seen: datetime | None
    now: datetime
    carted: bool = False
    bought: bool = False
    named: bool = False


@dataclass(frozen=True, slots=True)
class Occasion:
    """A pack of ``packs/occasions``.

    Attributes:
        leads: whether it is the news, so that subject or hook must tell it.
        strict: whether nobody is written to for whom it is not true; else theirs is an ordinary day.
        without: parts that a message of this occasion does not have.
        festival: the feast it is about.
    """

    name: str
    lanes: tuple[str, ...]
    requires: str
    days: int
    leads: bool
    strict: bool = False
    without: frozenset[str] = frozenset()
    festival: Festival | None = None

    @property
    def about_product(self) -> bool:
        """Whether it depends on the product, not on the reader alone."""
        return self.requires in _OF_PRODUCT

    def fits(self, case: Case) -> bool:
        """Whether what this occasion's lines say is true of a case."""
        near = self.festival is None or self.festival.is_near(case.now)
        return near and _ASKS[self.requires](case, self.days)


def _new(case: Case, days: int) -> bool:
    if case.first_seen is None:
        return False
    seen = case.first_seen if case.first_seen.tzinfo else case.first_seen.replace(tzinfo=case.now.tzinfo)
    return case.now - seen <= timedelta(days=days)


_ASKS: dict[str, Callable[[Case, int], bool]] = {
    "": lambda case, days: True,
    "viewed": lambda case, days: case.viewed,
    "away": lambda case, days: case.lifecycle in ("at-risk", "lapsed"),
    "repeat": lambda case, days: case.reason == "repeat",
    "new": _new,
    "price.before": lambda case, days: "price.before" in case.card and "price" in case.card,
    "restocked": lambda case, days: "restocked" in case.card,
    "paired": lambda case, days: case.reason == "bought-together",
    "carted": lambda case, days: case.carted,
    "bought": lambda case, days: case.bought,
    "newcomer": lambda case, days: case.lifecycle in ("prospect", "new"),
    "named": lambda case, days: case.named,
}
_OF_PRODUCT = frozenset({"repeat", "new", "price.before", "restocked", "paired"})
"""What is asked of the product; the rest is asked of the reader alone."""


def load(name: str) -> Occasion:
    """The occasion called ``name``.

    Raises:
        MissingDataError: there is no such pack.

    Example:
        >>> load("replenishment").lanes
        ('buy_again', 'discover')
    """
    pack: dict[str, Any] = packs.read("occasions", name)
    return Occasion(
        name, tuple(pack["lanes"]), pack["requires"], int(pack.get("days", 0)), bool(pack.get("leads", False)),
        bool(pack.get("strict", False)), frozenset(pack.get("without", ())),
        Festival(**pack["festival"]) if "festival" in pack else None,
    )  # fmt: skip


def lanes_of(occasion: Occasion, goal: str) -> tuple[str, ...]:
    """Lanes in order of preference: the occasion's, as far as the goal allows.

    Example:
        >>> lanes_of(load("general"), "buy_again")
        ('buy_again',)
    """
    allowed = (Lane.DISCOVER, Lane.BUY_AGAIN) if goal == "both" else (Lane(goal),)
    chosen = tuple(lane for lane in occasion.lanes if lane in allowed)
    return chosen or tuple(str(lane) for lane in allowed)

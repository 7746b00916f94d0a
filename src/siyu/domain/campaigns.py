"""Campaigns and offers: what the marketer decides, validated where it is made."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from siyu.domain.errors import SettingsError
from siyu.domain.ids import ItemId

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def _refuse(what: str, why: str, next_step: str) -> SettingsError:
    return SettingsError(what, why=why, next_step=next_step)


def _check_name(kind: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise _refuse(
            f"{kind} name {name!r} is not usable.",
            "Names are 1 to 64 of a-z, 0-9, '-' and '_', and start with a letter or digit.",
            "Rename it.",
        )


def _check_window(kind: str, name: str, start: datetime, end: datetime) -> None:
    if start.tzinfo is None or end.tzinfo is None:
        raise _refuse(f"{kind} {name!r} has a moment without a time zone.", "", "Write 2026-11-11T00:00:00+08:00.")
    if end <= start:
        raise _refuse(f"{kind} {name!r} ends before it starts.", f"{start} to {end}.", "Give an end after the start.")


@dataclass(frozen=True, slots=True)
class Offer:
    """Terms on one product or one category, for a window and a stock.

    Exactly one of ``item`` and ``category`` is set, and exactly one of ``price`` (money in ``currency``),
    ``percent_off`` (0 < p < 100) and ``gift`` (free text in the shop's language) says what the terms are.

    Raises:
        SettingsError: a rule above is broken.
    """

    name: str
    start: datetime
    end: datetime
    item: ItemId | None = None
    category: str | None = None
    price: float | None = None
    currency: str = ""
    percent_off: float | None = None
    gift: str = ""
    stock: int | None = None
    terms: str = ""

    def __post_init__(self) -> None:
        _check_name("Offer", self.name)
        _check_window("Offer", self.name, self.start, self.end)
        if (self.item is None) == (self.category is None):
            raise _refuse(f"Offer {self.name!r} must name a product or a category.", "One of them.", "Set one.")
        if sum((self.price is not None, self.percent_off is not None, bool(self.gift))) != 1:
            raise _refuse(f"Offer {self.name!r} needs one of price, percent_off, gift.", "Exactly one.", "Set one.")
        if self.price is not None and not (0 < self.price < float("inf") and self.currency):
            raise _refuse(f"Offer {self.name!r} has no usable price.", f"{self.price} {self.currency}", "Set both.")
        if self.percent_off is not None and not 0 < self.percent_off < 100:
            raise _refuse(f"Offer {self.name!r}: percent_off {self.percent_off}.", "It lies in 0 to 100.", "Set it.")
        if self.stock is not None and self.stock < 0:
            raise _refuse(f"Offer {self.name!r} has negative stock.", f"{self.stock}", "Set 0 or more.")

    def in_force(self, now: datetime) -> bool:
        """Whether the offer may be claimed at ``now``."""
        return self.start <= now < self.end and self.stock != 0


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a campaign is for; an empty rule asks nothing.

    Attributes:
        lifecycle: stages of which a person must be in one (``new``, ``active``, ``loyal``, ``at-risk``, ``lapsed``,
            ``prospect``).
        segments: segment ids of which a person must be in one.
        interests: ``facet:value`` of which a person must have one, at weight 0.05 or more.
        people: explicit pseudonyms; empty for everyone.
        limit: at most so many people (the most recently active first); ``None`` for no limit.
    """

    lifecycle: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What may not be exceeded.

    Attributes:
        per_person_days, per_person_messages: at most so many messages to a person in so many days, over all campaigns.
        quiet_from, quiet_until: local hours (0 to 23) in which nothing is sent; equal means no quiet hours.
        items: products in one message.
    """

    per_person_messages: int = 2
    per_person_days: int = 7
    quiet_from: int = 21
    quiet_until: int = 8
    items: int = 3

    def __post_init__(self) -> None:
        if not (0 <= self.quiet_from <= 23 and 0 <= self.quiet_until <= 23):
            raise _refuse("Quiet hours lie outside the day.", f"{self.quiet_from}-{self.quiet_until}", "Use 0 to 23.")
        if self.per_person_messages < 1 or self.per_person_days < 1 or not 1 <= self.items <= 10:
            raise _refuse("A limit is out of range.", repr(self), "Caps are 1 or more; items are 1 to 10.")


@dataclass(frozen=True, slots=True)
class Campaign:
    """One message to one audience for one goal and occasion, on one channel, in one window.

    Attributes:
        goal: ``discover``, ``buy_again`` or ``both``: which lanes of recommendation may be used.
        occasion: key of a pack under ``packs/occasions`` (``new-arrival``, ``because-you-viewed``, ``replenishment``).
        purpose: consent purpose that covers it (``marketing``).
        languages: those it may be written in, the first being the one used where the person's is unknown.
        hold_out: share of the audience that is never written to, for measuring (0 to 0.5).
        writer: who writes it; empty for the shop's usual writer.
        attribution: how long after sending a purchase is counted.
        place: law pack (``cn``, ``us`` ...); empty means a person must approve.

    Raises:
        SettingsError: a value is out of range.
    """

    name: str
    start: datetime
    end: datetime
    goal: str = "both"
    occasion: str = "because-you-viewed"
    channel: str = "mailbox"
    purpose: str = "marketing"
    industry: str = "e-commerce"
    place: str = "cn"
    tone: str = "warm"
    languages: tuple[str, ...] = ("zh", "en")
    audience: Audience = field(default_factory=Audience)
    offers: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    hold_out: float = 0.05
    attribution: timedelta = timedelta(days=7)
    writer: str = ""

    def __post_init__(self) -> None:
        _check_name("Campaign", self.name)
        _check_window("Campaign", self.name, self.start, self.end)
        if self.goal not in ("discover", "buy_again", "both"):
            raise _refuse(f"Goal {self.goal!r} is unknown.", "Known: discover, buy_again, both.", "Use one of them.")
        if not 0 <= self.hold_out <= 0.5:
            raise _refuse(f"Hold-out {self.hold_out} is out of range.", "It is a share of 0 to 0.5.", "Try 0.05.")
        if not self.languages:
            raise _refuse(f"Campaign {self.name!r} has no language.", "It cannot be written.", "Set languages.")
        if self.attribution <= timedelta(0):
            raise _refuse("The attribution window is empty.", f"{self.attribution}", "Set a positive number of days.")

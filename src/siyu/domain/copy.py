"""Words: what a writer may know, what it makes, what is found in it, and what may leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from siyu.domain.facts import Fact
from siyu.domain.ids import ItemId, PersonId
from siyu.domain.kinds import Severity
from siyu.domain.proof import Seal, SealKind


@dataclass(frozen=True, slots=True)
class Brief:
    """What a writer may know. Nothing about a person: briefs are shared by everyone they fit.

    Attributes:
        brief_id: hash of everything below; equal briefs are written once.
        item: the product it is about.
        facts: facts in force for that product and its offers, one per slot.
        angle_facet, angle_value: the interest it speaks to (``attribute``, ``style=casual``); empty for none.
        reason: kind of the recommendation's reason (``bought-together``, ``interest``, ``repeat``, ``popular`` ...).
    """

    brief_id: str
    item: ItemId
    facts: tuple[Fact, ...]
    angle_facet: str
    angle_value: str
    reason: str
    occasion: str
    channel: str
    language: str
    tone: str
    industry: str
    place: str
    brand_voice: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """One line of copy with slots in braces: ``{title}现价{price}``.

    Attributes:
        part: where it goes: ``subject``, ``preheader``, ``hook``, ``point``, ``proof``, ``offer``, ``call``.
        slots: every slot named in ``text``; each must be a fact of the brief or a slot of the person.
    """

    piece_id: str
    part: str
    text: str
    slots: tuple[str, ...]
    writer: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a check noticed: what, where, how sure, why, by which rule, and what would mend it."""

    rule: str
    severity: Severity
    part: str
    start: int
    end: int
    excerpt: str
    confidence: float
    source: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ApprovedCopy:
    """A filled text that passed the review gate. Only the gate holds the seal it takes to make one.

    Attributes:
        message_id: stable id of (campaign, step, person, channel).
        parts: (part, text) in reading order, filled, plain text without markup.
        items: the products it speaks of, the main one first.
        facts: every fact claimed; price and stock among them are read again at the moment of sending.
        pieces: ids of the pieces it was made of.
    """

    message_id: str
    person: PersonId
    campaign: str
    language: str
    parts: tuple[tuple[str, str], ...]
    items: tuple[ItemId, ...]
    facts: tuple[Fact, ...]
    pieces: tuple[str, ...]
    brief_id: str
    approved_at: datetime
    seal: Seal

    def __post_init__(self) -> None:
        self.seal.require(SealKind.REVIEW)

    def part(self, name: str) -> str:
        """Text of the first part called ``name``; empty where there is none."""
        return next((text for part, text in self.parts if part == name), "")

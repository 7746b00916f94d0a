"""The writer port."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from siyu.copywriting.slots import PERSON_SLOTS
from siyu.domain.copy import Brief, Finding, Piece
from siyu.engine.port import Engine

__all__ = ["PERSON_SLOTS", "Asked", "Asking", "Desk", "Usage", "Writer"]


class Writer(Protocol):
    """Makes pieces of copy for briefs. It knows facts and angle, never a person."""

    name: str

    def write(self, briefs: Sequence[Brief]) -> list[tuple[Piece, ...]]:
        """Pieces for each brief, in order: two subjects, two hooks and a call at least, and the other parts that fit.

        Facts stand as slots: those of the brief, or of ``PERSON_SLOTS``.
        """
        ...

    def repair(self, brief: Brief, pieces: Sequence[Piece], findings: Sequence[Finding]) -> tuple[Piece, ...]:
        """The pieces with those mended or left out that ``findings`` object to.

        ``part`` of a finding is a piece's id.
        """
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A brief that is to be written, and how many share it. Counts are not told to anybody.

    Attributes:
        readers: people who will read its pieces.
        angle_readers: people of the campaign whose messages have its angle.
    """

    brief: Brief
    readers: int
    angle_readers: int


@dataclass(frozen=True, slots=True)
class Desk:
    """What a writer that asks a server is lent for a run.

    Attributes:
        review: findings in pieces before they are filled, as every check of the brief's language sees them.
        rules: digest of the packs by which texts of a language are judged.
    """

    engine: Engine
    review: Callable[[Brief, Sequence[Piece]], list[Finding]]
    rules: Callable[[str], str]
    max_repairs: int


@dataclass(slots=True)
class Usage:
    """What asking a server took in one run.

    Attributes:
        orders: things to be written that briefs share: an angle, a reason, a product ...
        kept, rare: of these, written in an earlier run already; left to the offline writer because too few readers
            share them: an angle may not be told then, and anything else would hardly pay.
        refused: asked for, and left to the offline writer because too little of what came was true and lawful.
        unasked: left to the offline writer because the budget was spent or the server of no use.
        calls, retries, repairs: requests, and how many of them were further tries, and asked for mending.
        drafts, good: lines that came, and those that passed every check.
        refused_by: lines that did not, by the rule of their first finding.
        tokens_in, tokens_cached, tokens_out: as the server counts them; cached are among those in.
        cost: money for what the server counted. uncertain: at most so much more, for requests that were cut off.
        stopped: why asking ended before everything was asked: ``calls``, ``money``, ``server``; else empty.
        why: what the server said then.
    """

    model: str = ""
    orders: int = 0
    kept: int = 0
    rare: int = 0
    refused: int = 0
    unasked: int = 0
    calls: int = 0
    retries: int = 0
    repairs: int = 0
    drafts: int = 0
    good: int = 0
    refused_by: dict[str, int] = field(default_factory=dict)
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    uncertain: float = 0.0
    currency: str = ""
    seconds: float = 0.0
    stopped: str = ""
    why: str = ""


@runtime_checkable
class Asking(Protocol):
    """A writer that asks a server, for many briefs at once, before it writes them.

    Attributes:
        version: digest of all that its words depend on beside briefs: model, prompt.
        waiting: ids of briefs for which something was left unasked that may be asked for another time.
    """

    version: str
    usage: Usage
    waiting: set[str]

    def prepare(self, asked: Iterable[Asked], desk: Desk) -> None:
        """Ask for everything the briefs share."""
        ...

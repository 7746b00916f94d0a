"""Which pieces make a reader's message: those that fit, with seeded variety and no line that says the same twice."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from siyu.copywriting.slots import fact_slot
from siyu.copywriting.templates import Template, compile_line
from siyu.copywriting.titles import width
from siyu.domain.ids import PersonId
from siyu.domain.policy import Policy

_ALIKE = 0.3
_TERMS = ("price", "price.before", "offer.price", "offer.percent_off", "offer.gift")


@dataclass(frozen=True, slots=True)
class StoredPiece:
    """A piece as it is kept, with its compiled line."""

    piece_id: str
    part: str
    text: str
    template: Template = field(compare=False)
    slots: frozenset[str]
    told: frozenset[str]  # facts behind them
    terms: frozenset[str]  # price and offer slots among them

    @staticmethod
    def of(piece_id: str, part: str, text: str) -> StoredPiece:
        """Compile a stored line."""
        template = compile_line(text)
        slots = frozenset(template.slots)
        told = frozenset("past" if slot.startswith("past.") else fact_slot(slot) for slot in slots)
        return StoredPiece(piece_id, part, text, template, slots, told, frozenset(_TERMS) & slots)


@lru_cache(maxsize=200_000)
def alike(one: str, other: str) -> bool:
    """Whether two lines say nearly the same words (share of common letter pairs over the shorter line).

    Example:
        >>> alike("上次没挑定的，再看看？", "上次没挑定的，这次再看看？"), alike("好久不见", "给你留了一件")
        (True, False)
    """
    first, second = _pairs(one), _pairs(other)
    return bool(first and second) and len(first & second) > _ALIKE * min(len(first), len(second))


def _pairs(text: str) -> frozenset[str]:
    bare = "".join(c for text_part in compile_line(text).texts for c in text_part.casefold() if c.isalnum())
    size = 2 if not bare.isascii() else 4
    return frozenset(bare[i : i + size] for i in range(len(bare) - size + 1))


@dataclass(frozen=True, slots=True)
class Situation:
    """What one reader brings to a brief.

    Attributes:
        likes: slots that answer an interest of theirs, strongest first.
        used: variants they were sent before.
    """

    person: str
    seed: str
    likes: Sequence[str] = ()
    used: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Assembly:
    """The pieces of one message in reading order, and how likely the choice of words was."""

    pieces: tuple[StoredPiece, ...]
    variant: str
    propensity: float


@dataclass(frozen=True, slots=True)
class Plan:
    """How messages of a campaign are laid out.

    Attributes:
        parts: parts in reading order.
        limits: width by part.
        points: selling points at most.
    """

    parts: Sequence[str]
    limits: Mapping[str, int]
    points: int
    policy: Policy


class Kit:
    """The pieces of one brief that can be filled with what is known, ready for many readers.

    Args:
        pieces: every piece of the brief.
        values: what can be filled in, by slot.
    """

    def __init__(
        self, pieces: Sequence[StoredPiece], values: Mapping[str, str], plan: Plan, *, angle: str = ""
    ) -> None:
        widths = {slot: width(value) for slot, value in values.items()}
        fit = [
            p for p in pieces if all(slot in values for slot in p.template.slots) and _narrow(p, widths, plan.limits)
        ]
        self._plan = plan
        self._angle = angle
        self._parts = {part: [p for p in fit if p.part == part] for part in plan.parts}
        self.pairs = self._openings()
        self.names = ["+".join(p.piece_id for p in pair) for pair in self.pairs]

    def _openings(self) -> list[tuple[StoredPiece, ...]]:
        """Every pair of subject and hook that do not repeat each other (hooks alone where a channel has no subject)."""
        hooks = self._parts.get("hook", [])
        if "subject" not in self._plan.parts:
            return [(hook,) for hook in hooks]
        subjects = self._parts["subject"]
        pairs = [(s, h) for s in subjects for h in hooks if not (s.told & h.told) and not alike(s.text, h.text)]
        return list(pairs or [(s, h) for s in subjects for h in hooks])

    def assemble(self, situation: Situation) -> Assembly | None:
        """A message for a reader; None where no opening fits."""
        if not self.pairs:
            return None
        digest = hashlib.blake2b(f"{situation.seed}\x1f{situation.person}".encode(), digest_size=24).digest()
        opening, variant, propensity = self._choose(situation, digest)
        chosen = [*opening]
        for place, part in enumerate(self._plan.parts):
            if part in ("subject", "hook"):
                continue
            turn = int.from_bytes(digest[8 + place : 10 + place], "big")
            chosen += self._rest(part, chosen, situation, turn)
        order = {part: place for place, part in enumerate(self._plan.parts)}
        chosen.sort(key=lambda piece: order[piece.part])
        return Assembly(tuple(chosen), variant, propensity)

    def _choose(self, situation: Situation, digest: bytes) -> tuple[tuple[StoredPiece, ...], str, float]:
        pairs, names = self.pairs, self.names
        if situation.used:
            fresh = [place for place, name in enumerate(names) if name not in situation.used]
            if fresh and len(fresh) < len(pairs):
                pairs, names = [pairs[place] for place in fresh], [names[place] for place in fresh]
        draw = int.from_bytes(digest[:6], "big") / (1 << 48)
        person = PersonId(situation.person)
        at = self._plan.policy.choose(person, names, draw)
        return pairs[at], names[at], self._plan.policy.propensities(person, names)[at]

    def _rest(self, part: str, chosen: list[StoredPiece], situation: Situation, turn: int) -> list[StoredPiece]:
        """Pieces of a part that add something to what is ``chosen``."""
        lines = self._parts[part]
        if not lines:
            return []
        if part == "reveal" and _tells_title(chosen):
            return []
        if part == "point":
            return self._points(lines, situation.likes, turn)
        if part == "proof":
            lines = _not_naming_twice(lines, chosen)
        for at in range(len(lines)):
            line = lines[(turn + at) % len(lines)]
            if not any(_repeats(line, other) for other in chosen):
                return [line]
        return [] if part in ("offer", "preheader", "proof", "reveal") else [lines[turn % len(lines)]]

    def _points(self, lines: list[StoredPiece], likes: Sequence[str], turn: int) -> list[StoredPiece]:
        """Selling points the reader likes best first, each attribute once; what the hook spoke of comes last."""
        place = {slot: at for at, slot in enumerate(likes)}
        turned = lines[turn % len(lines) :] + lines[: turn % len(lines)]
        ranked = sorted(turned, key=lambda p: min(self._worth(slot, place) for slot in p.template.slots or ("",)))
        told: set[str] = set()
        taken: list[StoredPiece] = []
        for line in ranked:
            slots = {fact_slot(slot) for slot in line.slots}
            if len(taken) < self._plan.points and not (slots & told):
                taken.append(line)
                told |= slots
        return taken

    def _worth(self, slot: str, likes: Mapping[str, int]) -> int:
        behind = fact_slot(slot)
        return len(likes) + 1 if behind == self._angle else likes.get(behind, len(likes))


def _narrow(piece: StoredPiece, widths: Mapping[str, float], limits: Mapping[str, int]) -> bool:
    limit = limits.get(piece.part)
    return limit is None or piece.template.width(widths) <= limit


def _tells_title(chosen: Sequence[StoredPiece]) -> bool:
    return any(piece.part == "hook" and "title" in piece.slots for piece in chosen)


def _repeats(line: StoredPiece, other: StoredPiece) -> bool:
    apart = "subject" in (line.part, other.part) or "preheader" in (line.part, other.part)
    return (bool(line.terms & other.terms) and not apart) or alike(line.text, other.text)


def _not_naming_twice(lines: list[StoredPiece], chosen: Sequence[StoredPiece]) -> list[StoredPiece]:
    """Lines that name the past product only where it was not named yet, as far as there are such."""
    named = any("past" in piece.told for piece in chosen)
    return [line for line in lines if ("past" in line.told) != named] or lines

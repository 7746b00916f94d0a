"""Which pieces make a reader's message: those that fit, with seeded variety and no line that says the same twice."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from siyu.copywriting.angles import LIKING
from siyu.copywriting.lines import POPULAR, StoredPiece, clear_of
from siyu.copywriting.openings import comfort, openings
from siyu.copywriting.titles import width
from siyu.domain.ids import PersonId
from siyu.domain.policy import Policy

_OWN = 3  # warmth of a line about the reader's own doing
_OPENING = ("subject", "hook")
_width = lru_cache(maxsize=100_000)(width)  # the same names and prices come again and again
_BESIDE_BODY = frozenset({"subject", "preheader", "hook", "point", "call"})
_MAY_BE_LEFT_OUT = frozenset({"offer", "preheader", "proof"})


class Situation(NamedTuple):
    """What one reader brings to a brief.

    Attributes:
        likes: slots that answer an interest of theirs, strongest first.
        used: variants they were sent before.
    """

    person: str
    seed: str
    likes: Sequence[str] = ()
    used: Collection[str] = ()


class Assembly(NamedTuple):
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
        points: facts told as selling points at most.
    """

    parts: Sequence[str]
    limits: Mapping[str, int]
    points: int
    policy: Policy


@dataclass(frozen=True, slots=True)
class Focus:
    """What a brief's message is to dwell on.

    Attributes:
        angle: slot of the fact that answers the reader's interest; empty for none.
        strength: how much is known of that interest.
        event: whether the occasion is the news.
    """

    angle: str = ""
    strength: int = 0
    event: bool = False


class _Body(NamedTuple):
    """What may stand beside an opening.

    Attributes:
        parts: where each part's turn stands in the digest, its name, the lines that add something.
        terms: price and offer slots that the opening states already.
    """

    parts: list[tuple[int, str, list[StoredPiece]]]
    terms: frozenset[str]


class Kit:
    """The pieces of one brief that can be filled with what is known, ready for many readers.

    Args:
        pieces: every piece of the brief.
        values: what can be filled in, by slot.
    """

    def __init__(
        self, pieces: Sequence[StoredPiece], values: Mapping[str, str], plan: Plan, focus: Focus | None = None
    ) -> None:
        self._plan, self._focus = plan, focus or Focus()
        widths = {slot: _width(value) for slot, value in values.items()}
        known = frozenset(values)
        self._parts: dict[str, list[StoredPiece]] = {part: [] for part in plan.parts}
        self._widths = widths
        places = {part: (lines, plan.limits.get(part)) for part, lines in self._parts.items()}
        for piece in pieces:
            if piece.slots <= known and piece.part in places:
                lines, limit = places[piece.part]
                if limit is None or piece.template.width(widths) <= limit:
                    lines.append(piece)
        self._parts["point"] = [p for p in self._parts.get("point", []) if _adds(p, values)]
        liked = self._focus.strength >= LIKING
        subjects = self._parts["subject"] if "subject" in plan.parts else None
        self.pairs = openings(self._parts.get("hook", []), subjects, widths, liked=liked, event=self._focus.event)
        self.names = ["+".join([piece.piece_id for piece in pair]) for pair in self.pairs]
        if any(piece.warmth(liked=liked) >= _OWN for pair in self.pairs[:1] for piece in pair):
            self._parts["proof"] = [p for p in self._parts.get("proof", []) if p.kind != POPULAR]
        self._bodies: dict[int, _Body] = {}
        self._told: dict[tuple[object, ...], list[StoredPiece]] = {}

    def assemble(self, situation: Situation) -> Assembly | None:
        """A message for a reader; None where no opening fits."""
        if not self.pairs:
            return None
        digest = hashlib.blake2b(f"{situation.seed}\x1f{situation.person}".encode(), digest_size=24).digest()
        at, propensity = self._choose(situation, digest)
        body = self._bodies.get(at)
        if body is None:
            body = self._bodies[at] = self._body(at)
        chosen: list[StoredPiece] = []
        terms = body.terms
        for place, part, lines in body.parts:
            if part in _OPENING:
                chosen += lines
                continue
            turn = digest[place] << 8 | digest[place + 1]
            if part == "point":
                chosen += self._points(at, situation.likes, turn)
                continue
            line = _next(lines, turn, terms if part != "preheader" else frozenset())
            if line is not None:
                chosen.append(line)
                if line.terms and part != "preheader":
                    terms = terms | line.terms
        return Assembly(tuple(chosen), self.names[at], propensity)

    def _body(self, at: int) -> _Body:
        """Parts beside an opening, in their order."""
        opening = self.pairs[at]
        found = []
        for place, part in enumerate(self._plan.parts):
            if part in _OPENING:
                lines = [piece for piece in opening if piece.part == part]
            else:
                lines = self._parts[part] if part == "point" else self._beside(opening, part)
            if lines:
                found.append((8 + place, part, lines))
        terms = (piece.terms for piece in opening if piece.part != "subject")
        return _Body(found, frozenset().union(*terms))

    def _choose(self, situation: Situation, digest: bytes) -> tuple[int, float]:
        """Index of the opening, and how likely it was; one the reader had before is left out while others remain."""
        names: Sequence[str] = self.names
        if situation.used:
            names = [name for name in names if name not in situation.used] or names
        draw = int.from_bytes(digest[:6], "big") / (1 << 48)
        person = PersonId(situation.person)
        at = self._plan.policy.choose(person, names, draw)
        place = at if names is self.names else self.names.index(names[at])
        return place, self._plan.policy.propensities(person, names)[at]

    def _beside(self, opening: Sequence[StoredPiece], part: str) -> list[StoredPiece]:
        """Lines of a part that do not repeat the opening."""
        if part == "reveal" and any(piece.part == "hook" and "title" in piece.told for piece in opening):
            return []
        one, other = opening[0], opening[-1]
        lines = clear_of(one, clear_of(other, self._parts[part]))
        if part == "proof":
            counted = any("past.count" in piece.told for piece in opening)
            return [] if counted else _naming_once(lines, opening)
        return lines if lines or part in _MAY_BE_LEFT_OUT else self._parts[part]

    def _points(self, at: int, likes: Sequence[str], turn: int) -> list[StoredPiece]:
        """Selling points the reader likes best first, each fact once, none that the opening speaks of."""
        lines = self._parts["point"]
        if not lines:
            return []
        key = (at, turn % len(lines), *likes)
        found = self._told.get(key)
        if found is None:
            found = self._told[key] = self._ranked_points(self.pairs[at], likes, turn % len(lines))
        return found

    def _ranked_points(self, opening: Sequence[StoredPiece], likes: Sequence[str], turn: int) -> list[StoredPiece]:
        told = {slot for piece in opening for slot in piece.told}
        if "angle" in told:
            told.add(self._focus.angle)
        place = {slot: at for at, slot in enumerate(likes)}
        last = len(place)
        lines = self._parts["point"]
        ranked = sorted(
            lines[turn:] + lines[:turn],
            key=lambda piece: (min([place.get(slot, last) for slot in piece.told] or [last]), piece.later),
        )
        left, taken = self._plan.points, []
        for line in ranked:
            if len(line.told) <= left and not (line.told & told):
                taken.append(line)
                told |= line.told
                left -= len(line.told)
        room = self._room(opening)
        return taken if room is None else self._narrowed(taken, room)

    def _room(self, opening: Sequence[StoredPiece]) -> float | None:
        """Width that is left for selling points beside an opening; None where the body has no limit."""
        body = self._plan.limits.get("body")
        if body is None:
            return None
        rest = [piece for piece in opening if piece.part != "subject"]
        for part in self._plan.parts:
            beside = [] if part in _BESIDE_BODY else self._beside(opening, part)
            rest += sorted(beside, key=self._width)[-1:]
        return body - sum(map(self._width, rest))

    def _width(self, piece: StoredPiece) -> float:
        return piece.template.width(self._widths)

    def _narrowed(self, taken: list[StoredPiece], room: float) -> list[StoredPiece]:
        """``taken`` in no more than ``room``: first in fewer words, then without the last of them; never cut."""
        widths = {line: self._width(line) for line in taken}
        if sum(widths.values()) > room:
            shortest: dict[frozenset[str], StoredPiece] = {}
            for line in sorted(self._parts["point"], key=self._width):
                shortest.setdefault(line.told, line)
            taken = [shortest[line.told] for line in taken]
        while taken and sum(map(self._width, taken)) > room:
            taken = taken[:-1]
        return taken


class Stock:
    """The kits of one brief and focus: readers with whose values the same lines fit share one.

    Args:
        pieces: every piece of the brief.
        values: what can be filled in for all its readers.
    """

    def __init__(self, pieces: Sequence[StoredPiece], values: Mapping[str, str], plan: Plan, focus: Focus) -> None:
        self._pieces, self.values, self._plan, self._focus = pieces, values, plan, focus
        self._first: tuple[Mapping[str, str], Kit] | None = None
        self._open: list[_Open] = []
        self._kits: dict[tuple[object, ...], Kit] = {}

    def kit(self, own: Mapping[str, str]) -> Kit:
        """The kit for readers with ``own`` values beside those of all readers."""
        if self._first is None:
            self._first = own, self._made(own)
            return self._first[1]
        if not self._kits:  # only now that there are two of them does it pay to compare
            known, widths = frozenset(self.values), {slot: _width(value) for slot, value in self.values.items()}
            self._open = [_Open.of(p, widths, self._plan.limits) for p in self._pieces if not p.slots <= known]
            self._kits[self._key(self._first[0])] = self._first[1]
        key = self._key(own)
        kit = self._kits.get(key)
        if kit is None:
            kit = self._kits[key] = self._made(own)
        return kit

    def _made(self, own: Mapping[str, str]) -> Kit:
        return Kit(self._pieces, {**self.values, **own}, self._plan, self._focus)

    def _key(self, own: Mapping[str, str]) -> tuple[object, ...]:
        widths = {slot: _width(value) for slot, value in own.items()}
        return tuple([piece.fit(own, widths) for piece in self._open])


class _Open(NamedTuple):
    """A line that takes something of the reader's own.

    Attributes:
        slots: what it takes, as often as it does.
        steps: widths of those values at which it no longer is comfortable, or no longer fits.
        by_value: whether more than the width matters.
    """

    slots: tuple[str, ...]
    steps: tuple[float, ...]
    by_value: bool

    @staticmethod
    def of(piece: StoredPiece, widths: Mapping[str, float], limits: Mapping[str, int]) -> _Open:
        own = tuple(slot for slot in piece.template.slots if slot not in widths)
        rest = piece.template.width({**widths, **dict.fromkeys(own, 0.0)})
        steps = [limits[piece.part] - rest] if piece.part in limits else []
        if piece.part == "subject":
            steps.append(comfort(piece) - rest)
        return _Open(own, tuple(steps), piece.part == "point")

    def fit(self, own: Mapping[str, str], widths: Mapping[str, float]) -> object:
        """How it fits with a reader's values: two readers with equal answers are served alike."""
        for slot in self.slots:
            if slot not in own:
                return None
        if self.by_value:
            return tuple([own[slot] for slot in self.slots])
        size = sum([widths[slot] for slot in self.slots])
        return [size > step for step in self.steps].count(True) if self.steps else 0


def _next(lines: Sequence[StoredPiece], turn: int, terms: frozenset[str]) -> StoredPiece | None:
    """The line whose turn it is, or the next one that does not state ``terms`` again."""
    count = len(lines)
    for step in range(count):
        line = lines[(turn + step) % count]
        if not line.terms or not terms or line.terms.isdisjoint(terms):
            return line
    return None


def _adds(piece: StoredPiece, values: Mapping[str, str]) -> bool:
    """Whether a selling point tells something that the title does not tell already."""
    title = values.get("title", "").casefold()
    return not any(values[slot].casefold() in title for slot in piece.facts if slot in values)


def _naming_once(lines: list[StoredPiece], chosen: Sequence[StoredPiece]) -> list[StoredPiece]:
    """Lines that name the past product only where it was not named yet, and the others only where it was."""
    named = any("past" in piece.told for piece in chosen)
    return [line for line in lines if "past.count" not in line.told or ("past" in line.told) != named]

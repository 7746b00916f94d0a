"""The offline writer: phrase banks written natively in each language, chosen by a seed that is the brief itself."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final

from siyu.copywriting import phrases, saying
from siyu.copywriting.display import Presenter
from siyu.copywriting.layouts import layout
from siyu.copywriting.slots import ANGLES, PERSON_SLOTS, fact_slot
from siyu.copywriting.templates import compile_line
from siyu.copywriting.varying import varied
from siyu.domain.copy import Brief, Finding, Piece
from siyu.domain.facts import Fact

_PAIRS = (("colour", "material"), ("colour", "style"), ("material", "style"))
_GROUP, _FALLBACK, _OTHERS = 3, 2, 4
_PLACEHOLDERS = frozenset({"value", "name", "a", "b", "list"})
_SENTENCES: Final = {
    "look": ("colour", "pattern", "style"),
    "feel": ("material",),
    "cut": ("fit", "shape", "length", "waist"),
    "detail": ("neck", "sleeve", "hem", "closure", "craft", "taste", "detail", "season"),
}
"""Groups of attributes of which one sentence may speak."""
_TOGETHER, _MOST = 4, 24  # facts in a sentence; attributes told at all
_KINDS: Final = {
    "bought-together": "past",
    "similar": "past",
    "repeat": "again",
    "viewed": "seen",
    "interest": "general",
}
"""What a reason's lines speak of; a reason that is not here (``new``, ``popular``) is its own kind."""


class OfflineWriter:
    """Needs no model and no network; every line was written by a person and claims only what its slots carry."""

    name = "offline"

    def write(self, briefs: Sequence[Brief]) -> list[tuple[Piece, ...]]:
        """Pieces for each brief; see :class:`siyu.copywriting.writers.port.Writer`."""
        return [_Desk(brief).pieces() for brief in briefs]

    def repair(self, brief: Brief, pieces: Sequence[Piece], findings: Sequence[Finding]) -> tuple[Piece, ...]:
        """Leave out what was objected to; a bank has other lines."""
        objected = {finding.part for finding in findings}
        return tuple(piece for piece in pieces if piece.piece_id not in objected)


class _Desk:
    """One brief being written."""

    def __init__(self, brief: Brief) -> None:
        self._brief = brief
        matter = (
            brief.item, brief.angle_facet, brief.angle_value, brief.reason, brief.occasion, brief.channel,
            brief.language, brief.tone,
        )  # fmt: skip
        # The seed is what the brief is about, not its id: a line added to a bank changes no other group's choice.
        self._bits = random.Random("\x1f".join(matter)).getrandbits
        known, self._plain = _sayable(brief.facts, brief.language)
        self._known = known | {ANGLES[0]} if brief.angle_facet else known
        self._own = phrases.own_lines(brief.language, brief.tone)
        self._laid = layout(brief.channel)

    def pieces(self) -> tuple[Piece, ...]:
        made = [
            *self._openings("subject"),
            *self._preheaders(),
            *(self._of_post() if self._laid.post else self._openings("hook")),
            *self._take("reveal", self._lines("reveal"), 3),
            *self._take("reveal", self._lines("reveal", self._plain_price()), 3),
            *self._fields(),
            *self._points(),
            *self._proofs(),
            *self._offers(),
            *self._take("more", self._lines("more"), _OTHERS),
            *self._take("call", self._calls(), _OTHERS),
        ]
        return tuple({piece.piece_id: piece for piece in made}.values())

    def _openings(self, part: str) -> list[Piece]:
        """Subjects or hooks: of the occasion, the angle (its look too), the reason, and some of any day."""
        brief = self._brief
        inside = {"subject": ("", ""), "hook": ("reason.", "occasion.")}[part]
        occasion = "" if brief.occasion == "general" else f"{inside[1]}{brief.occasion}"
        return [
            *self._some(part, self._lines(part, occasion) if occasion else [], "occasion"),
            *self._some(part, self._lines(part, f"trade.{brief.industry}"), "trade"),
            *self._some(part, self._styled(part), "style"),
            *self._some(part, self._lines(part, self._angle_group(part)) if brief.angle_facet else [], "angle"),
            *self._some(part, self._lines(part, f"{inside[0]}{brief.reason}"), _KINDS.get(brief.reason, brief.reason)),
            *self._take(part, self._lines(part, f"{inside[1]}general"), _GROUP + _FALLBACK, "general"),
        ]

    def _of_post(self) -> list[Piece]:
        """How a post begins: with the look or the thing, and with nobody's past."""
        found = list(self._some("hook", self._styled("hook"), "style"))
        if self._brief.angle_facet:
            lines = self._lines("hook", self._angle_group("hook"))
            found += self._take("hook", [line for line in lines if not _claims(line)], _GROUP, "angle")
        own = [
            _put(line, value=slot)
            for slot, group in self._attributes() for line in self._lines("post", group)
        ]  # fmt: skip
        return [*found, *self._take("hook", own, _OTHERS, "product"), *self._take("hook", self._lines("post"), _OTHERS)]

    def _fields(self) -> list[Piece]:
        """Fields of a template message; none where the channel has no such part."""
        if "field" not in self._laid.parts:
            return []
        return [
            one for slot in ("title", "price", "offer.ends") if slot in self._known
            for one in self._take("field", self._lines("field", slot.replace(".", "-")), 1, slot.replace(".", ""))
        ]  # fmt: skip

    def _angle_group(self, part: str) -> str:
        facet = {"keyword": "category"}.get(self._brief.angle_facet, self._brief.angle_facet)
        if part == "hook":
            return f"angle.{facet}"
        return "look" if facet == "attribute" else "angle"

    def _styled(self, part: str) -> Sequence[str]:
        """Lines for the look that the angle names, with its fact put in."""
        name, _, value = self._brief.angle_value.partition("=")
        if self._brief.angle_facet != "attribute" or saying.attribute_group(name) != "style":
            return []
        return [_put(line, value=f"attr.{name}") for line in self._lines(part, f"style.{saying.concept(value)}")]

    def _plain_price(self) -> str:
        """The price may stand beside the name where nothing better is to be said of it later."""
        return "no-price" if self._known & {"offer.ends", "price.before"} else "price"

    def _lines(self, part: str, group: str = "") -> tuple[str, ...]:
        found = _fitting(self._brief.language, part, group, self._brief.tone, self._known)
        return _with_choices(found) if self._laid.post else _without_choices(found)

    def _some(self, part: str, lines: Sequence[str], kind: str) -> list[Piece]:
        """Some of a group for each thing they may claim of the reader, so that whoever reads finds one that is true."""
        groups = _by_claim(tuple(lines))
        return [piece for group in groups for piece in self._take(part, group, _GROUP, kind)]

    def _take(self, part: str, lines: Iterable[str], most: int, kind: str = "") -> list[Piece]:
        """At most ``most`` lines: half of them the tone's own, where it has so many, the rest of any tone."""
        own, other = map(list, _parted(tuple(lines), self._own))
        _shuffle(own, self._bits)
        _shuffle(other, self._bits)
        half = max((most + 1) // 2, most - len(other))
        taken = [*own[:half], *other, *own[half:]][:most]
        return [piece(part, varied(line, self._bits), OfflineWriter.name, kind) for line in taken]

    def _proofs(self) -> list[Piece]:
        reason = self._brief.reason
        kind = _KINDS.get(reason, reason)
        return [
            *self._take("proof", self._lines("proof", reason), 2, kind),
            *self._take("proof", self._lines("proof", "both") if reason == "bought-together" else [], 2, kind),
        ]

    def _preheaders(self) -> list[Piece]:
        return [
            *self._take("preheader", self._lines("preheader"), _OTHERS),
            *self._take("preheader", self._lines("preheader", "offer"), 1),
        ]

    def _calls(self) -> Sequence[str]:
        if self._laid.post:
            return self._lines("close")
        again = self._lines("call", "repeat") if self._brief.reason == "repeat" else ()
        return again + self._lines("call")

    def _offers(self) -> list[Piece]:
        """Lines of the strongest terms only: an offer, else a lower price, else the price."""
        kinds = (
            ("offer.percent_off", "offer", "percent"),
            ("offer.price", "offer", "price"),
            ("offer.gift", "offer", "gift"),
            ("price.before", "drop", ""),
            ("price", "price", ""),
        )
        for slot, part, group in kinds:
            if slot in self._known and (part != "offer" or "offer.ends" in self._known):
                return self._take("offer", self._lines(part, group), _OTHERS)
        return []

    def _points(self) -> list[Piece]:
        """Selling points: facts one by one, two in one line, and the facts of one kind in one sentence."""
        named = self._attributes()
        made = [piece for slot, group in named for piece in self._attribute(slot, group)]
        by_group = {group: slot for slot, group in reversed(named)}
        for first, second in () if self._laid.post else _PAIRS:
            if first in by_group and second in by_group:
                lines = [
                    _put(line, a=by_group[first], b=by_group[second])
                    for line in self._lines("pair", f"{first}-{second}")
                ]
                made += self._take("point", lines, 2, "pair")
        if self._laid.post:
            made += self._sentences(named)
        if not made or self._laid.post:
            slots = ("brand", "category") if self._laid.post else (_other(self._brief.angle_facet),)
            made += [one for slot in slots for one in self._take("point", self._lines("point", slot), 2, slot)]
        return made

    def _attributes(self) -> list[tuple[str, str]]:
        """Slots of attributes worth telling, with the group that speaks of each.

        A value that sets nothing apart is told in a post alone, for a post is to say all.
        """
        told = self._known if self._laid.post else self._known - self._plain
        slots = [slot for slot in sorted(told) if slot.startswith("attr.")]
        named = [(slot, saying.attribute_group(slot[5:])) for slot in slots]
        if not self._laid.post:
            named = [(slot, group) for slot, group in named if group != "season"]  # in autumn, spring is no point
        return sorted(named, key=lambda one: one[1] == "detail")[:_MOST]

    def _sentences(self, named: Sequence[tuple[str, str]]) -> list[Piece]:
        """One sentence for the facts of one kind; for more than four, as few sentences as hold them."""
        made: list[Piece] = []
        for kind, groups in _SENTENCES.items():
            slots = [slot for slot, group in named if group in groups]
            if len(slots) < 2:
                continue
            count = -(-len(slots) // _TOGETHER)
            for at in range(count):
                some = slots[at::count]
                lines = [_put(line, list=self._joined(some)) for line in self._lines("group", kind)]
                made += self._take("point", lines, _GROUP, "group")
        return made

    def _joined(self, slots: Sequence[str]) -> str:
        style = phrases.typography(self._brief.language)
        marked = [f"{{{slot}}}" for slot in slots]
        return marked[0] if len(marked) < 2 else f"{style['list'].join(marked[:-1])}{style['and']}{marked[-1]}"

    def _attribute(self, slot: str, group: str) -> list[Piece]:
        lines = self._lines("point", group) or self._lines("point", "detail")
        named = [_put(line, value=slot, name=f"{slot}.name") for line in lines]
        return self._take("point", named, 2, group)


def _put(line: str, **slots: str) -> str:
    for name, slot in slots.items():
        line = line.replace("{" + name + "}", slot if name == "list" else "{" + slot + "}")
    return line


def _other(facet: str) -> str:
    return "category" if facet == "brand" else "brand"


def _claims(line: str) -> bool:
    """Whether a line says something about its reader."""
    return not {*ANGLES[1:], *PERSON_SLOTS}.isdisjoint(compile_line(line).slots)


@lru_cache(maxsize=20_000)
def _fitting(language: str, part: str, group: str, tone: str, known: frozenset[str]) -> tuple[str, ...]:
    """Lines of a bank whose slots are known, or are filled per reader."""
    return tuple(line for line in phrases.lines(language, part, group, tone) if _needs(line) <= known)


@lru_cache(maxsize=20_000)
def _without_choices(lines: tuple[str, ...]) -> tuple[str, ...]:
    """A letter is read alone, and what came of its lines is counted line by line: those that are said in one way."""
    return tuple(line for line in lines if "|" not in line) or lines


@lru_cache(maxsize=20_000)
def _with_choices(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Posts are read side by side: lines that can be said in several ways, where there are some."""
    return tuple(line for line in lines if "|" in line) or lines


@lru_cache(maxsize=20_000)
def _needs(line: str) -> frozenset[str]:
    """Facts that a line rests on."""
    slots = frozenset(compile_line(line).slots) - PERSON_SLOTS - _PLACEHOLDERS
    return frozenset(map(fact_slot, slots))


@lru_cache(maxsize=20_000)
def _by_claim(lines: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    groups: dict[str, list[str]] = {}
    for line in lines:
        claims = [slot for slot in compile_line(line).slots if slot in ANGLES or slot in PERSON_SLOTS]
        groups.setdefault(claims[0].removesuffix(".short") if claims else "", []).append(line)
    return tuple(map(tuple, groups.values()))


@lru_cache(maxsize=20_000)
def _parted(lines: tuple[str, ...], own: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Distinct lines: those of the tone, and those of any."""
    chosen = dict.fromkeys(lines)
    return tuple(line for line in chosen if line in own), tuple(line for line in chosen if line not in own)


@lru_cache(maxsize=1000)
def _sayable(facts: tuple[Fact, ...], language: str) -> tuple[frozenset[str], frozenset[str]]:
    """Slots of the facts that a language can say, and of those whose value sets nothing apart."""
    presenter = Presenter(language)
    known = frozenset(fact.slot for fact in facts if presenter.fact(fact))
    return known, frozenset(fact.slot for fact in facts if saying.is_plain(fact.value))


def _shuffle(lines: list[str], bits: Callable[[int], int]) -> None:
    """As ``random.Random.shuffle``, without its detours."""
    for last in range(len(lines) - 1, 0, -1):
        size = (last + 1).bit_length()
        at = bits(size)
        while at > last:
            at = bits(size)
        lines[last], lines[at] = lines[at], lines[last]


@lru_cache(maxsize=50_000)
def piece(part: str, text: str, writer: str, kind: str = "") -> Piece:
    """A piece whose id is its part, what it speaks of, and the hash of its words.

    The same line has the same id in every brief, so that results add up.

    Example:
        >>> piece("call", "Take a look", "offline").piece_id
        'call-2097562f'
        >>> piece("hook", "Meet {title}.", "offline", "general").piece_id
        'hook-general-0bbece6a'
    """
    name = hashlib.blake2b(f"{part}\x1f{text}".encode(), digest_size=4).hexdigest()
    prefix = f"{part}-{kind}" if kind else part
    return Piece(f"{prefix}-{name}", part, text, tuple(dict.fromkeys(compile_line(text).slots)), writer)

"""The offline writer: phrase banks written natively in each language, chosen by a seed that is the brief itself."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence

from siyu.copywriting import phrases
from siyu.copywriting.display import Presenter, attribute_group
from siyu.copywriting.slots import PERSON_SLOTS, fact_slot
from siyu.copywriting.templates import compile_line
from siyu.domain.copy import Brief, Finding, Piece

_PAIRS = (("colour", "material"), ("colour", "style"), ("material", "style"))
_SUBJECTS, _HOOKS, _OTHERS = (3, 4, 2, 2), (4, 5, 3, 2), 4


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
        self._random = random.Random(brief.brief_id)
        self._presenter = Presenter(brief.language)
        self._known = {fact.slot for fact in brief.facts if self._presenter.fact(fact)}
        self._own = phrases.own_lines(brief.language, brief.tone)
        if brief.angle_facet:
            self._known.add("angle")

    def pieces(self) -> tuple[Piece, ...]:
        brief = self._brief
        angle = f"facet.{brief.angle_facet}" if brief.angle_facet else ""
        subject_angle = {"keyword": "keyword", "price_band": "", "": ""}.get(brief.angle_facet, "facet")
        occasion = brief.occasion if brief.occasion != "general" else ""
        made = [
            *self._some("subject", (occasion, subject_angle, brief.reason, "general"), _SUBJECTS),
            *self._preheaders(),
            *self._hooks(angle, occasion),
            *self._take("reveal", self._lines("reveal"), 3),
            *self._take("reveal", self._lines("reveal", self._plain_price()), 3),
            *self._points(),
            *self._take("proof", self._lines("proof", brief.reason), 2),
            *self._take("proof", self._lines("proof", "both") if brief.reason == "bought-together" else [], 2),
            *self._offers(),
            *self._take("more", self._lines("more"), _OTHERS),
            *self._take("call", self._calls(), _OTHERS),
        ]
        return tuple({piece.piece_id: piece for piece in made}.values())

    def _plain_price(self) -> str:
        """The price may stand beside the name where nothing better is to be said of it later."""
        return "no-price" if self._known & {"offer.ends", "price.before"} else "price"

    def _lines(self, part: str, group: str = "") -> list[str]:
        return [line for line in phrases.lines(self._brief.language, part, group, self._brief.tone) if self._fits(line)]

    def _fits(self, line: str) -> bool:
        slots = compile_line(line).slots
        return all(
            slot in PERSON_SLOTS or slot in ("value", "name", "a", "b") or fact_slot(slot) in self._known
            for slot in slots
        )

    def _take(self, part: str, lines: Iterable[str], most: int) -> list[Piece]:
        """At most ``most`` lines: half of them the tone's own, where it has so many, the rest of any tone."""
        chosen = list(dict.fromkeys(lines))
        own = [line for line in chosen if line in self._own]
        other = [line for line in chosen if line not in self._own]
        self._random.shuffle(own)
        self._random.shuffle(other)
        half = max((most + 1) // 2, most - len(other))
        return [self._piece(part, line) for line in [*own[:half], *other, *own[half:]][:most]]

    def _some(self, part: str, groups: Sequence[str], most: Sequence[int]) -> list[Piece]:
        """Some of each group: of the occasion, the angle, the reason and of any day."""
        made: list[Piece] = []
        for group, count in zip(groups, most, strict=True):
            if group:
                made += self._take(part, self._lines(part, group), count)
        return made

    def _hooks(self, angle: str, occasion: str) -> list[Piece]:
        groups = (f"occasion.{occasion}" if occasion else "", angle, f"reason.{self._brief.reason}", "occasion.general")
        return self._some("hook", groups, _HOOKS)

    def _preheaders(self) -> list[Piece]:
        return [
            *self._take("preheader", self._lines("preheader"), _OTHERS),
            *self._take("preheader", self._lines("preheader", "offer"), 1),
        ]

    def _calls(self) -> list[str]:
        return (
            self._lines("call", "repeat") + self._lines("call")
            if self._brief.reason == "repeat"
            else self._lines("call")
        )

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
        groups = [(slot, attribute_group(slot[5:])) for slot in sorted(self._known) if slot.startswith("attr.")]
        made = [piece for slot, group in groups for piece in self._attribute(slot, group)]
        by_group = {group: slot for slot, group in reversed(groups)}
        for first, second in _PAIRS:
            if first in by_group and second in by_group:
                made += self._take("point", self._pair(f"{first}-{second}", by_group[first], by_group[second]), 1)
        if not made:
            slot = "brand" if self._brief.angle_facet != "brand" else "category"
            made = self._take("point", self._lines("point", slot), 2)
        return made

    def _attribute(self, slot: str, group: str) -> list[Piece]:
        lines = self._lines("point", group)
        return self._take("point", [_put(line, value=slot, name=f"{slot}.name") for line in lines], 2)

    def _pair(self, group: str, first: str, second: str) -> list[str]:
        return [_put(line, a=first, b=second) for line in self._lines("pair", group)]

    def _piece(self, part: str, text: str) -> Piece:
        return piece(part, text, OfflineWriter.name)


def _put(line: str, **slots: str) -> str:
    for name, slot in slots.items():
        line = line.replace("{" + name + "}", "{" + slot + "}")
    return line


def piece(part: str, text: str, writer: str) -> Piece:
    """A piece whose id is the hash of its words: the same line has the same id in every brief, so that results add up.

    Example:
        >>> piece("call", "Take a look", "offline").piece_id
        'call-2097562f'
    """
    name = hashlib.blake2b(f"{part}\x1f{text}".encode(), digest_size=4).hexdigest()
    return Piece(f"{part}-{name}", part, text, tuple(dict.fromkeys(compile_line(text).slots)), writer)

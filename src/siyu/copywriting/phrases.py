"""Phrase banks of a language, by part, group and tone."""

from __future__ import annotations

from functools import cache
from typing import Any

from siyu import packs

TONES = ("warm", "plain", "playful", "elegant", "urgent")
_STANDS_IN = {"urgent": "warm"}
"""A tone with few lines of its own borrows those of another."""


@cache
def voice(language: str, tone: str) -> str:
    """The form of address of a tone: 您 or 你 in Chinese."""
    known: dict[str, str] = packs.read("languages", language, "copy")["voice"]
    return known.get(tone, known["warm"])


@cache
def lines(language: str, part: str, group: str, tone: str) -> tuple[str, ...]:
    """Lines of ``part`` (``hook``, ``subject`` ...) and ``group`` (``facet.brand``, ``repeat``; empty for none).

    Lines of the tone come first, then those of any tone. An unknown group has none.

    Example:
        >>> lines("en", "call", "", "plain")[0], lines("en", "point", "no-such-group", "plain")
        ('View product', ())
    """
    place: Any = packs.read("languages", language, "hooks" if part == "hook" else "copy")
    for key in (*(() if part == "hook" else (part,)), *filter(None, group.split("."))):
        place = place.get(key, {})
    own = place.get(tone, place.get(_STANDS_IN.get(tone, ""), []))
    address = voice(language, tone)
    return tuple(line.replace("{you}", address) for line in (*own, *place.get("any", [])))


@cache
def own_lines(language: str, tone: str) -> frozenset[str]:
    """Every line that only ``tone`` has."""
    address, stands_in = voice(language, tone), _STANDS_IN.get(tone, "")

    def walk(place: Any, inside: bool) -> list[str]:
        if isinstance(place, str):
            return [place.replace("{you}", address)] if inside else []
        if isinstance(place, list):
            return [line for part in place for line in walk(part, inside)]
        return [line for key, part in place.items() for line in walk(part, inside or key in (tone, stands_in))]

    copy = {k: v for k, v in packs.read("languages", language, "copy").items() if k not in ("voice", "typography")}
    return frozenset(walk(packs.read("languages", language, "hooks"), False) + walk(copy, False))


@cache
def every_line(language: str) -> tuple[str, ...]:
    """Every line of a language's banks, as written."""

    def walk(place: Any) -> list[str]:
        if isinstance(place, str):
            return [place]
        return [line for part in (place.values() if isinstance(place, dict) else place) for line in walk(part)]

    copy = {k: v for k, v in packs.read("languages", language, "copy").items() if k not in ("voice", "typography")}
    return tuple(walk(packs.read("languages", language, "hooks")) + walk(copy))

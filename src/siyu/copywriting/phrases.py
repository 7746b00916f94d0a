"""Phrase banks of a language, by part, group and tone."""

from __future__ import annotations

from functools import cache
from typing import Any

from siyu import packs
from siyu.copywriting.tongues import tongue
from siyu.copywriting.varying import spread

BANKS = ("hooks", "copy", "posts")
"""Files of a language that hold lines."""
_NO_LINES = ("voice", "typography")
TONES = ("warm", "plain", "playful", "elegant", "urgent")


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
    keys = (*(() if part == "hook" else (part,)), *filter(None, group.split(".")))
    own: list[str] = []
    rest: list[str] = []
    for bank in ("hooks",) if part == "hook" else ("copy", "posts"):
        place: Any = _bank(language, bank)
        for key in keys:
            place = place.get(key, {})
        own += place.get(tone, place.get(tongue(language).tones.get(tone, ""), []))
        rest += place.get("any", [])
    address = voice(language, tone)
    return tuple(line.replace("{you}", address) for line in (*own, *rest))


@cache
def typography(language: str) -> dict[str, Any]:
    """How a language joins words: quotation marks, lists, prices in brackets."""
    known: dict[str, Any] = packs.read("languages", language, "copy")["typography"]
    return known


def _bank(language: str, name: str) -> dict[str, Any]:
    """One of a language's banks: its lines alone; empty where it has no such file."""
    if name not in packs.names("languages", language):
        return {}
    return {key: part for key, part in packs.read("languages", language, name).items() if key not in _NO_LINES}


@cache
def own_lines(language: str, tone: str) -> frozenset[str]:
    """Every line that only ``tone`` has."""
    address, stands_in = voice(language, tone), tongue(language).tones.get(tone, "")

    def walk(place: Any, inside: bool) -> list[str]:
        if isinstance(place, str):
            return [place.replace("{you}", address)] if inside else []
        if isinstance(place, list):
            return [line for part in place for line in walk(part, inside)]
        return [line for key, part in place.items() for line in walk(part, inside or key in (tone, stands_in))]

    return frozenset(line for bank in BANKS for line in walk(_bank(language, bank), False))


@cache
def every_line(language: str) -> tuple[str, ...]:
    """Every line of a language's banks; one with choices in so many forms that each option is there."""

    def walk(place: Any) -> list[str]:
        if isinstance(place, str):
            return [place]
        return [line for part in (place.values() if isinstance(place, dict) else place) for line in walk(part)]

    return tuple(form for bank in BANKS for line in walk(_bank(language, bank)) for form in spread(line))

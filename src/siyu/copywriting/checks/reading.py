"""Reads text the way an evader hopes nobody does: NFKC, no invisible characters, no gaps inside words, no old forms."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from siyu import packs

_GAP = re.compile(r"(?<=[\u3400-\u9fff])[ \t*·•.\-_|~^/+]{1,3}(?=[\u3400-\u9fff])")
_SPELLED = re.compile(r"(?<![A-Za-z])(?:[A-Za-z]([ .*_-])(?=[A-Za-z]\1|[A-Za-z](?![A-Za-z]))){2,}[A-Za-z](?![A-Za-z])")
_SPACES = re.compile(r"(?<=[ \t])[ \t]+")
_FIRST = re.compile(r"(?<=第)1(?![0-9])")


@cache
def _traditional() -> dict[int, str]:
    forms = packs.read("languages", "zh", "glossary")["traditional"]
    return {ord(old): new for old, new in zip(forms["from"], forms["to"], strict=True)}


@dataclass(frozen=True, slots=True)
class Reading:
    """Normal form of a text, and where each of its characters came from."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Span of the original text for a span of the normal form."""
        return self.places[start], self.places[max(start, end - 1)] + 1


def read(text: str) -> Reading:
    """The normal form of ``text``, in lower case.

    Example:
        >>> read("最 佳").text, read("ＴＯＰ①").text, read("b.e.s.t ever").text, read("國家級").text
        ('最佳', 'top1', 'best ever', '国家级')
    """
    if text.isascii():
        normal, places = text.lower(), list(range(len(text)))
    else:
        normal, places = _folded(text)
    for pattern, keep in ((_GAP, ""), (_SPELLED, None), (_SPACES, "")):
        normal, places = _without(normal, places, pattern, keep)
    return Reading(_FIRST.sub("一", normal), tuple(places))


def _folded(text: str) -> tuple[str, list[int]]:
    shown: list[str] = []
    places: list[int] = []
    old = _traditional()
    for place, character in enumerate(text):
        if unicodedata.category(character) in ("Cf", "Mn", "Cc"):
            continue
        folded = unicodedata.normalize("NFKC", character).lower().translate(old)
        shown.append(folded)
        places.extend([place] * len(folded))
    return "".join(shown), places


def _without(normal: str, places: list[int], pattern: re.Pattern[str], keep: str | None) -> tuple[str, list[int]]:
    """Drop what ``pattern`` matches; with ``keep`` None, only the separators inside a spelled-out word."""
    shown, kept, at = [], [], 0
    for match in pattern.finditer(normal):
        inside = [] if keep == "" else [i for i in range(match.start(), match.end()) if normal[i] != match.group(1)]
        shown += [normal[at : match.start()], *(normal[i] for i in inside)]
        kept += [*places[at : match.start()], *(places[i] for i in inside)]
        at = match.end()
    return ("".join([*shown, normal[at:]]), kept + places[at:]) if at else (normal, places)

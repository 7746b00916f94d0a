"""Reads text the way an evader hopes nobody does.

NFKC, no invisible characters, no accents, no gaps inside words, old forms as simplified ones, letters of other scripts
as the Latin ones they look like. Words that sound alike are another check's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from siyu import packs

_MARKS = r" \t*·•.\-_|~^/+=#&@`'\"()\[\]{}<>“”‘’【】「」『』《》〈〉"
_PUT_BETWEEN = _MARKS + r"\u2600-\u27bf\u2b50\u2b55\u25a0-\u25ff\U0001f300-\U0001faff"
_GAP = re.compile(rf"(?<=[\u3400-\u9fff])[{_PUT_BETWEEN}]{{1,6}}(?=[\u3400-\u9fff])")
_SPELLED = re.compile(r"(?<![A-Za-z])(?:[A-Za-z]([ .*_-])(?=[A-Za-z]\1|[A-Za-z](?![A-Za-z]))){2,}[A-Za-z](?![A-Za-z])")
_LONE = re.compile(r"(?<![a-z])[a-z][ .*_-][a-z](?![a-z])")  # what a spelled-out word holds
_SPACES = re.compile(r"(?<=[ \t])[ \t]+")
_FIRST = re.compile(r"(?<=第)[1i壹](?![0-9a-z])")
_FIRST_MARKS = ("第1", "第i", "第壹")
_LEET = re.compile(
    r"(?<![a-z0-9@$!|])(?=[0-9@$!|]*[a-z])[a-z0-9@$!|]*[0-9@$!|][a-z0-9@$!|]*[a-z][a-z0-9@$]*|[a-z]+[0-9@$]+"
)
_LEET_LETTERS = str.maketrans("0134578@$!|", "oieastbasil")


@cache
def _forms() -> dict[int, str]:
    """Old forms of Han characters, and letters that look like Latin ones."""
    found: dict[int, str] = {}
    for pack, group in (("han", "simplified"), ("latin", "alike")):
        forms = packs.read("characters", pack)[group]
        found |= {ord(old): new for old, new in zip(forms["from"], forms["to"], strict=True)}
    return found


@dataclass(frozen=True, slots=True)
class Reading:
    """Normal form of a text, and where each of its characters came from."""

    text: str
    places: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Span of the original text for a span of the normal form."""
        return self.places[start], self.places[max(start, end - 1)] + 1


def read(text: str) -> Reading:
    """The normal form of ``text``, in lower case.

    Example:
        >>> read("最 佳").text, read("ＴＯＰ①").text, read("b.e.s.t ever").text, read("國家級").text
        ('最佳', 'top1', 'best ever', '国家级')
    """
    normal, places = (text.lower(), range(len(text))) if text.isascii() else _folded(text)
    if not normal.isascii():
        normal, places = _without(normal, places, _GAP, "")
    if _LONE.search(normal):
        normal, places = _without(normal, places, _SPELLED, None)
    if "  " in normal:
        normal, places = _without(normal, places, _SPACES, "")
    return Reading(_first(normal), places)


def normal(text: str) -> str:
    """The text of :func:`read`, without its places: for many lines at once, parted by U+2028.

    Example:
        >>> normal("最 佳\\u2028T.O.P").split("\\u2028")
        ['最佳', 'top']
    """
    shown = text.lower() if text.isascii() else _GAP.sub("", text.translate(_FOLDS))
    if _LONE.search(shown):
        shown = _SPELLED.sub(lambda found: found.group().replace(found.group(1), ""), shown)
    return _first(_SPACES.sub("", shown) if "  " in shown else shown)


def undisguised(normal: str) -> str | None:
    """``normal`` with figures and signs inside words as the letters they stand for; None where there are none.

    Example:
        >>> undisguised("gu@rant33d b3st"), undisguised("100% best")
        ('guaranteed best', None)
    """
    if not _LEET.search(normal):
        return None
    return _LEET.sub(lambda found: found.group().translate(_LEET_LETTERS), normal)


def _first(normal: str) -> str:
    return _FIRST.sub("一", normal) if any(mark in normal for mark in _FIRST_MARKS) else normal


class _Folds(dict[int, str]):
    """Normal form by character, learnt as characters come; ``odd`` are those that do not stay one character."""

    odd: set[str] = set()  # noqa: RUF012 - there is one such table

    def __missing__(self, code: int) -> str:
        folded = _character(chr(code))
        if len(folded) != 1:
            self.odd.add(chr(code))
        self[code] = folded
        return folded


_FOLDS = _Folds()


def _folded(text: str) -> tuple[str, Sequence[int]]:
    quick = text.translate(_FOLDS)
    if _FOLDS.odd.isdisjoint(text):
        return quick, range(len(text))
    shown: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        folded = _character(character)
        shown.append(folded)
        if len(folded) == 1:
            places.append(place)
        else:
            places.extend([place] * len(folded))
    return "".join(shown), places


@lru_cache(maxsize=20_000)
def _character(character: str) -> str:
    if unicodedata.category(character) in ("Cf", "Mn", "Cc"):
        return ""
    folded = unicodedata.normalize("NFKC", character).lower()
    if len(folded) == 1 and folded.isalpha() and folded < "\u0250":
        folded = unicodedata.normalize("NFD", folded)[0]
    return folded.translate(_forms())


def _without(
    normal: str, places: Sequence[int], pattern: re.Pattern[str], keep: str | None
) -> tuple[str, Sequence[int]]:
    """Drop what ``pattern`` matches; with ``keep`` None, only the separators inside a spelled-out word."""
    shown, kept, at = [], [], 0
    for match in pattern.finditer(normal):
        inside = [] if keep == "" else [i for i in range(match.start(), match.end()) if normal[i] != match.group(1)]
        shown += [normal[at : match.start()], *(normal[i] for i in inside)]
        kept += [*places[at : match.start()], *(places[i] for i in inside)]
        at = match.end()
    return ("".join([*shown, normal[at:]]), [*kept, *places[at:]]) if at else (normal, places)

"""Goods and interests that are never spoken of, and those that are shown without saying whose they are."""

from __future__ import annotations

import re
from collections.abc import Sequence

from siyu import packs
from siyu.copywriting.checks.together import Together

_LATIN = re.compile(r"[a-z]+")


class Words:
    """Finds any of a pack's words in a text: English ones at the beginning of a word, Chinese ones anywhere."""

    def __init__(self, lists: Sequence[dict[str, list[str]]]) -> None:
        english = [word for words in lists for word in words["en"]]
        self._chinese = re.compile("|".join(re.escape(word) for words in lists for word in words["zh"]))
        self._english = re.compile(rf"\b(?:{'|'.join(map(re.escape, english))})")
        self._starts = frozenset(_LATIN.findall(word)[0][:3] for word in english)

    def find(self, text: str) -> re.Match[str] | None:
        """The first of the words in ``text``."""
        low = text.casefold()
        if any(word[:3] in self._starts for word in _LATIN.findall(low)):
            found = self._english.search(low)
            if found:
                return found
        return None if low.isascii() else self._chinese.search(low)

    def touched(self, texts: Together) -> set[int]:
        """Places of all texts (in folded case) in which a word would be found, and perhaps of more."""
        found: set[int] = set()
        if any(word[:3] in self._starts for word in set(_LATIN.findall(texts.text))):
            found = texts.touched(self._english)
        return found if texts.text.isascii() else found | texts.touched(self._chinese)


class Sensitive:
    """Words of an industry by which a person would be exposed.

    Attributes:
        private: goods that may be shown, but never as what a reader likes or bought.
    """

    def __init__(self, industry: str) -> None:
        known = packs.read("industries", industry) if industry in packs.names("industries") else {}
        usual = packs.read("industries", "e-commerce")
        self._never = Words([known.get(section) or usual[section] for section in ("sensitive", "barred")])
        self.private = Words([known.get("private") or usual["private"]])

    def find(self, text: str) -> re.Match[str] | None:
        """The first word in ``text`` that reveals what a reader never told, or names what may not be advertised.

        Example:
            >>> Sensitive("e-commerce").find("MATERNITY JEANS").group()
            'maternity'
        """
        return self._never.find(text)

    def touched(self, texts: Together) -> set[int]:
        """Places of all texts (in folded case) in which :meth:`find` would find a word, and perhaps of more."""
        return self._never.touched(texts)

    def keeps_quiet(self, text: str) -> bool:
        """Whether nobody should read that they like or bought what ``text`` names.

        Example:
            >>> Sensitive("e-commerce").keeps_quiet("简约纯棉内裤"), Sensitive("e-commerce").keeps_quiet("Wool socks")
            (True, False)
        """
        return bool(self._never.find(text) or self.private.find(text))

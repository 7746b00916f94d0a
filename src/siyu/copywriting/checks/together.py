"""Many texts read in one search: what no search touches need not be read one by one."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate


class Together:
    """Texts one after another with a mark between them.

    A search over all of them touches every text in which the same search alone would find something, as long as its
    pattern was made by :func:`across` and looks at nothing beyond its text but whether there is more. So a text that
    is not touched holds nothing; what is touched must be read by itself.

    Args:
        mark: a character that stands between texts; a text that holds it is always among ``odd``.
        known: the texts as they were joined, where the caller has changed all of them at once (lower case).

    Attributes:
        text: all of them.
        odd: places of texts that could not be joined, and must be read by themselves.

    Example:
        >>> texts = Together(["one", "two 2", "three", "4"])
        >>> sorted(texts.touched(across(re.compile("[0-9]$"))))
        [1, 3]
    """

    def __init__(self, texts: Sequence[str], mark: str = "\n") -> None:
        joined = mark.join(texts)
        self.odd: frozenset[int] = frozenset()
        if joined.count(mark) != max(0, len(texts) - 1):
            self.odd = frozenset(place for place, text in enumerate(texts) if mark in text)
            joined = mark.join(["" if mark in text else text for text in texts])
        self.text, self._mark = joined, mark
        self._starts: list[int] = []

    def changed(self, text: str, mark: str = "\n") -> Together:
        """The same after all texts were changed at once, in a way that keeps the marks and nothing across them."""
        other = Together.__new__(Together)
        other.text, other.odd, other._mark, other._starts = text, self.odd, mark, []
        return other

    def touched(self, pattern: re.Pattern[str]) -> set[int]:
        """Places of the texts that a match of ``pattern`` touches."""
        found: set[int] = set()
        for match in pattern.finditer(self.text):
            start, end = match.span()
            first = self._place(start)
            found.add(first)
            if end - start > 1:
                found.update(range(first + 1, self._place(end - 1) + 1))
        return found

    def _place(self, at: int) -> int:
        if not self._starts:
            lengths = (len(text) + len(self._mark) for text in self.text.split(self._mark))
            self._starts = [0, *accumulate(lengths)]
        return bisect_right(self._starts, at) - 1

    def split(self) -> list[str]:
        """The texts again."""
        return self.text.split(self._mark)


def across(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """``pattern`` for many lines: the beginning and the end of a line are those of a text."""
    return re.compile(pattern.pattern, pattern.flags | re.MULTILINE)


def any_touched(texts: Together, patterns: Iterable[re.Pattern[str]]) -> set[int]:
    """Places of texts that some of the patterns touch, and of those that could not be joined."""
    return set(texts.odd).union(*(texts.touched(pattern) for pattern in patterns))

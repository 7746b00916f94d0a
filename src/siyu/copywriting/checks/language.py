"""A text is in the language it was asked for."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from siyu.copywriting.checks.port import Context, Line, finding
from siyu.copywriting.checks.together import Together, any_touched
from siyu.copywriting.tongues import known, tongue
from siyu.domain.copy import Finding

_LATIN_RUN = re.compile(r"[A-Za-z]+(?:[ ,'’-]+[A-Za-z]+){2,}")
_WORDS = re.compile(r"[A-Za-z]{2,}")
_TOKENS = re.compile(r"[^\W\d_]+")
_KANA, _HAN = re.compile("[\u3040-\u30ff]"), re.compile("[\u3400-\u9fff]+")
_TELLING, _PLAIN = 2, 6  # words of another language that tell it; characters without kana that do


class LanguageCheck:
    """Finds lines whose own words (values apart) are of another language: by letters, and by its most common words."""

    name = "language"
    of_rest = True

    def __init__(self, context: Context) -> None:
        own = tongue(context.language)
        self._own, self._language = own, context.language
        self._never = re.compile(f"[{''.join(sorted(own.never))}]") if own.never else None
        others = (tongue(code) for code in known() if code != context.language)
        self._others = [other.common - own.common for other in others if other.common] if own.common else []
        self._telling = frozenset[str]().union(*self._others)

    def suspects(self, lines: Sequence[Line]) -> Collection[int]:
        """Lines with a character or words of another language, or without any of this one."""
        rests = [line.rest for line in lines]
        patterns = [self._own.foreign, *([_LATIN_RUN] if self._own.letters else []), *filter(None, [self._never])]
        found = set(any_touched(Together(rests), patterns))
        if self._own.letters:
            found.update(place for place, rest in enumerate(rests) if not self._own.letters.search(rest))
        if "kana" in self._own.scripts:
            found.update(place for place, rest in enumerate(rests) if not _KANA.search(rest))
        if self._telling:
            found.update(place for place, rest in enumerate(rests) if self._elsewhere(rest))
        return found

    def look(self, line: Line) -> list[Finding]:
        """At most one finding."""
        found = self._foreign(line.rest)
        if not found:
            return []
        at = max(line.text.find(found), 0)
        return [finding("language.foreign", line, (at, at + len(found)), remedy=f"Write it in {self._language!r}.")]

    def _foreign(self, rest: str) -> str:
        """Words of another language; empty for none."""
        match = self._own.foreign.search(rest) or (self._never.search(rest) if self._never else None)
        if match is None and self._own.letters:
            match = _LATIN_RUN.search(rest)
            if match is None and not self._own.letters.search(rest):
                match = _WORDS.search(rest)
        if match is None and "kana" in self._own.scripts and not _KANA.search(rest):
            match = next((run for run in _HAN.finditer(rest) if len(run.group()) >= _PLAIN), None)
        return str(match.group()) if match else self._elsewhere(rest)

    def _elsewhere(self, rest: str) -> str:
        """A common word of another language of the same letters, where there are two of them and none of this one."""
        if not self._telling:
            return ""
        words: list[str] = _TOKENS.findall(rest)
        low = {word.casefold() for word in words}
        if low.isdisjoint(self._telling) or not low.isdisjoint(self._own.common):
            return ""
        if not any(len(low & other) >= _TELLING for other in self._others):
            return ""
        return next(word for word in words if word.casefold() in self._telling)

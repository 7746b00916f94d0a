"""A text is in the language it was asked for."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from siyu.copywriting.checks.port import Context, Line, finding
from siyu.copywriting.checks.together import Together, any_touched
from siyu.copywriting.titles import HAN
from siyu.domain.copy import Finding

_OTHER = re.compile(r"[\u3040-\u30ff\uac00-\ud7af\u0400-\u052f\u0600-\u06ff\u0590-\u05ff\u0e00-\u0e7f\u0900-\u097f]+")
_LATIN_RUN = re.compile(r"[A-Za-z]+(?:[ ,'’-]+[A-Za-z]+){2,}")
_WORDS = re.compile(r"[A-Za-z]{2,}")


class LanguageCheck:
    """Finds lines whose own words (values apart) are of another language."""

    name = "language"
    of_rest = True

    def __init__(self, context: Context) -> None:
        self._language = context.language

    def suspects(self, lines: Sequence[Line]) -> Collection[int]:
        """Lines with a character or a run of words of another language, or without any of this one."""
        rests = [line.rest for line in lines]
        if self._language != "zh":
            return any_touched(Together(rests), (_OTHER, HAN))
        found = any_touched(Together(rests), (_OTHER, _LATIN_RUN))
        found.update(place for place, rest in enumerate(rests) if not HAN.search(rest))
        return found

    def look(self, line: Line) -> list[Finding]:
        """At most one finding."""
        rest = line.rest
        match = _OTHER.search(rest) or (_LATIN_RUN.search(rest) if self._language == "zh" else HAN.search(rest))
        if match is None and self._language == "zh" and not HAN.search(rest):
            match = _WORDS.search(rest)
        if match is None:
            return []
        at = max(line.text.find(match.group()), 0)
        span = (at, at + len(match.group()))
        return [finding("language.foreign", line, span, remedy=f"Write it in {self._language!r}.")]

"""Nothing that sounds as if somebody were watching: ``packs/languages/<code>/tone.toml``."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache

from siyu import packs
from siyu.copywriting.checks.port import Context, Line, finding
from siyu.copywriting.checks.together import Together, across, any_touched
from siyu.domain.copy import Finding


@cache
def rules(language: str) -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Rules of tone of a language: id, what breaks it, and the remedy.

    Example:
        >>> [id for id, _, _ in rules("en")]
        ['tone.watching']
    """
    if "tone" not in packs.names("languages", language):
        return ()
    known = packs.read("languages", language, "tone")["rule"]
    return tuple((rule["id"], re.compile(rule["pattern"], re.I), rule["remedy"][language]) for rule in known)


class ToneCheck:
    """Finds lines that readers would feel followed by. What stands in a product's name is not ours to judge."""

    name = "tone"
    of_rest = True

    def __init__(self, context: Context) -> None:
        self._rules = rules(context.language)
        self._across = [across(pattern) for _, pattern, _ in self._rules]

    def suspects(self, lines: Sequence[Line]) -> Collection[int]:
        """Lines that some rule touches."""
        return any_touched(Together([line.rest for line in lines]), self._across)

    def look(self, line: Line) -> list[Finding]:
        """Findings by rule, in order of place."""
        rest = line.rest
        return [
            finding(rule, line, match.span(), remedy=remedy)
            for rule, pattern, remedy in self._rules
            for match in pattern.finditer(rest)
        ]

"""What a law wants to be seen in a message: sentences of a trade, and what must stand around the words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from siyu import packs
from siyu.copywriting.checks.carriers import segments
from siyu.domain.copy import Finding
from siyu.domain.kinds import Severity

NOTE: Final = "note"
"""Part of a message that holds what its trade must say."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Something a finished text must show on some channels."""

    id: str
    channels: tuple[str, ...]
    pattern: re.Pattern[str]
    remedy: dict[str, str]
    source: str
    must_fail: tuple[str, ...]
    must_pass: tuple[str, ...]


@cache
def shown(place: str) -> tuple[Shown, ...]:
    """Everything a place wants to be seen; empty where it has no pack."""
    return tuple(
        Shown(
            raw["id"],
            tuple(raw["channels"]),
            re.compile(raw["pattern"], re.I),
            raw["remedy"],
            _source(raw["source"]),
            tuple(raw["fail"]),
            tuple(raw["pass"]),
        )
        for raw in _pack(place).get("shown", ())
    )


def note(place: str, industry: str, language: str) -> str:
    """What every message of a trade must say, in the language it is written in; empty where nothing is asked.

    Example:
        >>> note("cn", "finance", "zh"), note("cn", "e-commerce", "zh")
        ('理财非存款，投资有风险，决定前请阅读产品说明书。', '')
    """
    told = _pack(place).get("note", {}).get(industry, {})
    return str(told.get(language) or told.get(language.split("-")[0]) or told.get("en", ""))


def lacking_note(texts: Sequence[str], place: str, industry: str, language: str) -> list[Finding]:
    """A finding where a message does not say what its trade must."""
    told = _pack(place).get("note", {}).get(industry)
    if not told or any(re.search(told["pattern"], text, re.I) for text in texts):
        return []
    remedy = note(place, industry, language)
    return [_finding(f"{place}.required.{industry}", _source(told["source"]), remedy)]


def lacking(text: str, *, place: str, channel: str, language: str, most_parts: int = 1) -> list[Finding]:
    """What a finished text (subject, words and all that was put around them) lacks, and a text message too long.

    Args:
        most_parts: messages a text may be sent as, where the channel is ``sms``.

    Example:
        >>> [found.rule for found in lacking("来看看", place="cn", channel="sms", language="zh")]
        ['cn.required.signature', 'cn.required.refuse']
        >>> lacking("【青屿】来看看。拒收请回复R", place="cn", channel="sms", language="zh")
        []
    """
    wanted = [one for one in shown(place) if channel in one.channels and not one.pattern.search(text)]
    found = [_finding(one.id, one.source, one.remedy.get(language, one.remedy["en"])) for one in wanted]
    if channel == "sms" and segments(text).parts > most_parts:
        counted = segments(text)
        remedy = f"{counted.units} units of {counted.alphabet} are {counted.parts} messages: at most {most_parts}."
        source = "3GPP TS 23.040, 9.2.3.24.1"
        found.append(Finding("limits.segments", Severity.BLOCK, "body", 0, len(text), text[:60], 1.0, source, remedy))
    return found


def _finding(rule: str, source: str, remedy: str) -> Finding:
    return Finding(rule, Severity.REQUIRED_TEXT, "body", 0, 0, "", 1.0, source, remedy)


def _source(source: dict[str, str]) -> str:
    return f"{source['law']} {source['article']} ({source['date']})"


def _pack(place: str) -> dict[str, Any]:
    known = bool(place) and "required" in packs.names("law", place)
    return packs.read("law", place, "required") if known else {}

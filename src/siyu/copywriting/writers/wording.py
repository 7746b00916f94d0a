"""What a model may say in its own words: only words that claim nothing.

A check of catalogue names cannot see that a model invented "waterproof". So a draft's own words, slots apart, must all
be known: those of our own lines of the same kind, plain ones (``packs/drafts``), words of the brief's facts, and those
the shop allows. What such words may still claim together is barred by the claims of the pack, unless a slot carries it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

from siyu import packs
from siyu.copywriting import phrases
from siyu.copywriting.templates import MASK, compile_line
from siyu.copywriting.titles import HAN
from siyu.domain.copy import Finding
from siyu.domain.kinds import Severity
from siyu.text.tokenise import stem, tokens

_LATIN: Final = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
_HAN_RUN: Final = re.compile(r"[\u3400-\u9fff]+")
_OPENING, _CLOSING = re.compile(r"^[\"'“‘「『《*#\-•>\s]+"), re.compile(r"[\"'”’」』》*\s]+$")
_LONGEST_WORD: Final = 6
_SIGNS: Final = frozenset(" ,.;:!?'’“”\"-–—…()&，。；：！？、·—（）～" + MASK)


@dataclass(frozen=True, slots=True)
class Draft:
    """A line a model wrote, and what it was asked for.

    Attributes:
        kind: of the order. group: of our own lines of the same kind, by part: ``hooks`` keys.
        slots: those it may use. told: words of the facts it knows.
    """

    part: str
    text: str
    language: str
    groups: tuple[str, ...]
    slots: frozenset[str]
    told: frozenset[str]
    occasion: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Claim:
    name: str
    pattern: re.Pattern[str]
    unless: frozenset[str]
    occasions: frozenset[str]
    reasons: frozenset[str]
    remedy: str


def languages() -> frozenset[str]:
    """Languages in which a model may be asked to write."""
    return frozenset(packs.names("drafts"))


def tidy(text: str) -> str:
    """A line without the quotation marks, list marks and spaces models like to put around it.

    Example:
        >>> tidy(' - "Take your time."  ')
        'Take your time.'
    """
    bare = " ".join(text.split())
    bare = _OPENING.sub("", bare)
    return bare if bare.count("“") > bare.count("”") or bare.endswith(("?”", "!”")) else _CLOSING.sub("", bare)


def look(draft: Draft, *, allowed: Collection[str] = ()) -> Iterator[Finding]:
    """Findings in a draft that the checks of every text do not see.

    Args:
        allowed: further words the shop allows.
    """
    template = compile_line(draft.text)
    for slot in template.slots:
        if slot not in draft.slots:
            yield finding("draft.slot", slot, f"Use one of: {', '.join(sorted(draft.slots)) or 'no slot'}.")
    yield from _claimed(draft, template.masked, frozenset(template.slots))
    for sign in dict.fromkeys(template.masked):
        if not (sign.isalnum() or sign in _SIGNS):
            yield finding("draft.sign", sign, "Use letters and plain punctuation.")
    words = _han(draft, template.masked) if draft.language == "zh" else _latin(draft, template.masked, allowed)
    known = frozenset(allowed)
    for word in words:
        if word not in known:
            yield finding("draft.word", word, "It may state what no slot carries; say it in plainer words.")


def _claimed(draft: Draft, text: str, slots: frozenset[str]) -> Iterator[Finding]:
    for claim in _claims(draft.language):
        carried = not claim.unless.isdisjoint(slots) or ("praise" in claim.unless and _praises(slots))
        if carried or draft.occasion in claim.occasions or draft.reason in claim.reasons:
            continue
        match = claim.pattern.search(text)
        if match:
            yield finding(f"draft.{claim.name}", match.group(), claim.remedy)


def _praises(slots: frozenset[str]) -> bool:
    return any(slot.startswith("praise.") for slot in slots)


def _latin(draft: Draft, text: str, allowed: Collection[str]) -> Iterator[str]:
    known = _vocabulary(draft.language, draft.groups)
    further = {stem(word.casefold()) for word in allowed} | {stem(word) for word in draft.told}
    for match in _LATIN.finditer(text):
        word = match.group().replace("’", "'").casefold()
        parts = [word] if word in known else word.replace("'s", "").split("-")
        if not all(part in known or stem(part) in known or stem(part) in further for part in parts):
            yield match.group()


def _han(draft: Draft, text: str) -> Iterator[str]:
    """Stretches that no known words make up, and Latin words that no fact tells."""
    known = _vocabulary(draft.language, draft.groups)
    for match in _HAN_RUN.finditer(text):
        left = _uncovered(match.group(), known, draft.told)
        if left:
            yield left
    yield from (m.group() for m in _LATIN.finditer(text) if m.group().casefold() not in draft.told)


def _uncovered(run: str, known: frozenset[str], told: frozenset[str]) -> str:
    """The first stretch of ``run`` that no words make up; empty where all of it is words.

    Example:
        >>> _uncovered("慢慢看真皮", frozenset({"慢慢", "看"}), frozenset())
        '真皮'
    """
    reach = [True] + [False] * len(run)
    for end in range(1, len(run) + 1):
        first = max(0, end - _LONGEST_WORD)
        reach[end] = any(
            reach[at] and (run[at:end] in known or (end - at > 1 and run[at:end] in told)) for at in range(first, end)
        )
    if reach[-1]:
        return ""
    last = max(at for at, is_reached in enumerate(reach) if is_reached)
    return run[last : last + 4]


@lru_cache(maxsize=2000)
def _vocabulary(language: str, groups: tuple[str, ...]) -> frozenset[str]:
    """Plain words, and those of our own lines of the same kind."""
    lines = [line for group in groups for line in _own(language, group)]
    plain = frozenset(str(packs.read("drafts", language)["words"]["plain"]).casefold().split())
    if language == "zh":
        cut = {word for line in lines for word in _cut(line)}
        return plain | {word for word in cut if len(word) > 1}
    words = {m.group().replace("’", "'").casefold() for line in lines for m in _LATIN.finditer(_bare(line))}
    return frozenset({*plain, *words, *map(stem, plain), *map(stem, words)})


def _bare(line: str) -> str:
    return " ".join(compile_line(line).texts)


@cache
def _cut(line: str) -> tuple[str, ...]:
    """Words of a Chinese line: those that carry meaning, and what stands between them as far as it is short."""
    found: list[str] = []
    for text in compile_line(line).texts:
        for run in _HAN_RUN.findall(text):
            words = [word for word in tokens(run, "zh") if HAN.search(word)]
            found += words
            rest = run
            for word in words:
                before, _, rest = rest.partition(word)
                found += [before] if 1 < len(before) <= _LONGEST_WORD else []
            found += [rest] if 1 < len(rest) <= _LONGEST_WORD else []
    return tuple(found)


@cache
def _own(language: str, group: str) -> tuple[str, ...]:
    """Lines of one group of a bank: ``hook:angle.brand``; every tone."""
    part, _, name = group.partition(":")
    return tuple(
        dict.fromkeys(line for tone in phrases.TONES for line in phrases.lines(language, part, name, tone))
    )  # fmt: skip


@cache
def _claims(language: str) -> tuple[_Claim, ...]:
    rows: list[dict[str, Any]] = packs.read("drafts", language)["claim"]
    return tuple(
        _Claim(
            row["name"], re.compile(row["pattern"], re.IGNORECASE), frozenset(row.get("unless", ())),
            frozenset(row.get("occasions", ())), frozenset(row.get("reasons", ())), row["remedy"],
        )
        for row in rows
    )  # fmt: skip


def finding(rule: str, excerpt: str, remedy: str) -> Finding:
    """A finding in a draft, which has no place in a text yet."""
    return Finding(rule, Severity.BLOCK, "", 0, 0, excerpt[:60], 1.0, "siyu", remedy)

"""Openings: pairs of subject and hook, those in which there is most of the reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from siyu.copywriting.lines import OCCASION, StoredPiece, apart
from siyu.copywriting.titles import HAN

_LEAST = 6
"""Fewer openings than this are joined by the next best, so that a series of messages does not repeat itself."""
_BOTH = 4
"""Of two openings with equally much of the reader, the one that has it in the subject is warmer."""
_COMFORT_HAN, _COMFORT_LATIN = 20, 25
"""Width at which a subject is read at a glance: 20 Chinese characters, 50 Latin letters."""

Pair: TypeAlias = tuple[StoredPiece, ...]
"""Subject and hook, or a hook alone."""


def openings(
    hooks: Sequence[StoredPiece],
    subjects: Sequence[StoredPiece] | None,
    widths: Mapping[str, float],
    *,
    liked: bool,
    event: bool,
) -> list[Pair]:
    """Openings to choose among, warmest first (hooks alone where a channel has no subject: ``subjects`` None).

    Subject and hook do not speak of the same thing, unless that leaves no opening. What is not needed is never paired.

    Args:
        liked: whether the reader has an interest in what the angle names.
        event: whether the occasion is the news (a lower price, something new): then one of the two must tell it.
    """
    said = _by_warmth(hooks, liked)
    if subjects is None:
        groups = [(warmth, news) for news in ([True, False] if event else [False]) for warmth in sorted(said)[::-1]]
        return _enough([(hook,) for hook in said[warmth] if _tells(event, hook) == news] for warmth, news in groups)
    named = _by_warmth(_comfortable(subjects, widths), liked)
    return _enough(_levels(named, said, event, True)) or _enough(_levels(named, said, event, False))


def _by_warmth(pieces: Sequence[StoredPiece], liked: bool) -> dict[int, list[StoredPiece]]:
    found: dict[int, list[StoredPiece]] = {}
    for piece in pieces:
        found.setdefault(piece.warmths[liked], []).append(piece)
    return found


def _levels(
    subjects: Mapping[int, Sequence[StoredPiece]],
    hooks: Mapping[int, Sequence[StoredPiece]],
    event: bool,
    strict: bool,
) -> Iterable[list[Pair]]:
    """Pairs of equal worth, the worthiest first; ``strict``: only those that speak of different things."""
    worths = {(s, h, news): (news, _BOTH * (s + h) + s) for s in subjects for h in hooks for news in {event, False}}
    for s, h, news in sorted(worths, key=worths.__getitem__, reverse=True):
        pairs = [(subject, hook) for subject in subjects[s] for hook in hooks[h]]
        if event:
            pairs = [pair for pair in pairs if _tells(event, *pair) == news]
        yield [pair for pair in pairs if apart(*pair)] if strict else [*pairs]


def _tells(event: bool, *pair: StoredPiece) -> bool:
    return event and any(piece.kind == OCCASION for piece in pair)


def _enough(levels: Iterable[list[Pair]]) -> list[Pair]:
    chosen: list[Pair] = []
    for pairs in levels:
        chosen += pairs
        if len(chosen) >= _LEAST:
            break
    return chosen


def _comfortable(subjects: Sequence[StoredPiece], widths: Mapping[str, float]) -> Sequence[StoredPiece]:
    return [piece for piece in subjects if piece.template.width(widths) <= comfort(piece)] or subjects


@lru_cache(maxsize=100_000)
def comfort(subject: StoredPiece) -> int:
    """Width up to which a subject is comfortable to read."""
    return _COMFORT_HAN if HAN.search(subject.text) else _COMFORT_LATIN

"""Openings: pairs of subject and hook, those in which there is most of the reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from siyu.copywriting.lines import OCCASION, StoredPiece, alike
from siyu.copywriting.titles import HAN

_LEAST = 6
"""Fewer openings than this are joined by the next best, so that a series of messages does not repeat itself."""
_BOTH = 4
"""Of two openings with equally much of the reader, the one that has it in the subject is warmer."""
_NEWS = 100  # more than any warmth
_COMFORT_HAN, _COMFORT_LATIN = 20, 25
"""Width at which a subject is read at a glance: 20 Chinese characters, 50 Latin letters."""


def openings(
    hooks: Sequence[StoredPiece],
    subjects: Sequence[StoredPiece] | None,
    widths: Mapping[str, float],
    *,
    liked: bool,
    event: bool,
) -> list[tuple[StoredPiece, ...]]:
    """Openings to choose among, warmest first (hooks alone where a channel has no subject: ``subjects`` None).

    Args:
        liked: whether the reader has an interest in what the angle names.
        event: whether the occasion is the news (a lower price, something new): then one of the two must tell it.
    """
    warmth = {piece.piece_id: piece.warmth(liked=liked) for piece in (*hooks, *(subjects or ()))}
    by_worth: dict[int, list[tuple[StoredPiece, ...]]] = {}
    for pair in [(hook,) for hook in hooks] if subjects is None else _paired(_comfortable(subjects, widths), hooks):
        news = event and any(piece.kind == OCCASION for piece in pair)
        worth = (
            _BOTH * sum(warmth[piece.piece_id] for piece in pair) + warmth[pair[0].piece_id] + (_NEWS if news else 0)
        )
        by_worth.setdefault(worth, []).append(pair)
    chosen: list[tuple[StoredPiece, ...]] = []
    for worth in sorted(by_worth, reverse=True):
        if len(chosen) < _LEAST:
            chosen += by_worth[worth]
    return chosen


def _paired(subjects: Sequence[StoredPiece], hooks: Sequence[StoredPiece]) -> list[tuple[StoredPiece, ...]]:
    """Subjects and hooks that do not speak of the same thing; any two where that leaves none."""
    apart = [(s, h) for s in subjects for h in hooks if s.topics.isdisjoint(h.topics) and not alike(s.text, h.text)]
    return list(apart or [(s, h) for s in subjects for h in hooks])


def _comfortable(subjects: Sequence[StoredPiece], widths: Mapping[str, float]) -> Sequence[StoredPiece]:
    return [piece for piece in subjects if _is_comfortable(piece, widths)] or subjects


def _is_comfortable(piece: StoredPiece, widths: Mapping[str, float]) -> bool:
    comfort = _COMFORT_HAN if HAN.search(piece.text) else _COMFORT_LATIN
    return piece.template.width(widths) <= comfort

"""Choosing samples that are as different from each other as there are: each time the one that adds most that is new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from siyu.reports.ledger import SENT

_WEIGHTS: Final[Mapping[str, float]] = {
    "sent": 2.0,
    "fate": 2.0,  # state and reason of a skip
    "language": 2.0,
    "lane": 2.0,
    "reason": 1.5,
    "status": 1.5,
    "reaction": 1.0,
    "angle_facet": 0.5,
}
"""How much a value that no sample has yet is worth."""


def various(candidates: Sequence[Mapping[str, Any]], *, count: int) -> list[Mapping[str, Any]]:
    """``count`` of the candidates, a third of them not sent where there are enough of both; equal ones as given.

    Example:
        >>> mail = {"state": "accepted", "skip_reason": "", "lane": "discover", "reason": "new", "status": "approved",
        ...         "reaction": "none", "angle_facet": "brand"}
        >>> found = various([{**mail, "language": code} for code in ("en", "en", "zh")], count=2)
        >>> [one["language"] for one in found]
        ['en', 'zh']
    """
    left = [(one, _traits(one)) for one in candidates]
    sent = sum(traits["sent"] for _, traits in left)
    unsent = max(min(count // 3, len(left) - sent), count - sent)
    quota = {True: count - unsent, False: unsent}
    seen: Counter[tuple[str, Any]] = Counter()
    chosen: list[Mapping[str, Any]] = []
    while left and len(chosen) < count:
        open_ones = [pair for pair in left if quota[pair[1]["sent"]] > 0]
        if not open_ones:
            break
        best = max(open_ones, key=lambda pair: (round(_worth(pair[1], seen), 9), pair[1]["sent"]))
        left.remove(best)
        quota[best[1]["sent"]] -= 1
        seen.update(best[1].items())
        chosen.append(best[0])
    return chosen


def _traits(one: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: one[name] for name in _WEIGHTS if name in one}
    sent = one["state"] in SENT
    return {**own, "sent": sent, "fate": (one["state"], one["skip_reason"]), "reaction": (sent, one["reaction"])}


def _worth(traits: Mapping[str, Any], seen: Counter[tuple[str, Any]]) -> float:
    return sum(weight / (1 + seen[name, traits[name]]) ** 2 for name, weight in _WEIGHTS.items())

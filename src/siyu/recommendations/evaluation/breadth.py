"""What lists do beyond being right: how much of the catalogue they show, how novel, how varied, how popular."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from siyu.recommendations.evaluation.truth import Codes

Values: TypeAlias = NDArray[np.float64]

SMOOTHED: Final = 0.01
"""Share of a person's own categories in their list's, so that the divergence is finite (Steck's alpha)."""


@dataclass(frozen=True, slots=True)
class Own:
    """Categories of what each query's person had before the cut: shares of products, which sum to one for a query."""

    query: Codes
    kind: Codes
    share: Values

    def of(self, asked: NDArray[np.bool_]) -> Own:
        """Of some queries only, numbered anew."""
        kept = asked[self.query]
        return Own((np.cumsum(asked) - 1)[self.query[kept]], self.kind[kept], self.share[kept])


def breadth(
    ranked: Codes, buyers: Codes, *, people: int, kinds: Codes | None = None, own: Own | None = None
) -> dict[str, float]:
    """Measures over all lists together.

    Args:
        ranked: queries x places, item codes, -1 where a list is short.
        buyers: for each item of the catalogue, how many people had it before the cut.
        people: how many people there were before the cut.
        kinds: for each item, the code of its category (-1 for none); without it there is no ``diversity``.
        own: categories of each query's person; without it there is no ``miscalibration``.

    Returns:
        ``coverage`` (share of the catalogue that is on some list), ``gini`` (0 = every item is shown as often, 1 = one
        item takes all places), ``novelty`` (mean -log2 of the share of people who had the item, in bits; items nobody
        had count as half a buyer; Zhou et al., PNAS 2010), ``popularity`` (mean percentile of the shown items among
        all by buyers, .5 = no bias), ``diversity`` (share of pairs on a list that differ in category) and
        ``miscalibration`` (Kullback-Leibler divergence of a list's shares of categories, smoothed, from the person's
        own, in nats; 0 = the same; Steck, RecSys 2018).

    Example:
        >>> found = breadth(np.array([[0, 1], [0, 2]]), np.array([8, 4, 2, 1]), people=8, kinds=np.array([0, 0, 1, 1]))
        >>> {name: round(value, 4) for name, value in found.items()}
        {'coverage': 0.75, 'gini': 0.375, 'novelty': 0.75, 'popularity': 0.6875, 'diversity': 0.5}
    """
    shown = ranked[ranked >= 0]
    if not shown.size or not buyers.size:
        return {}
    times = np.bincount(shown, minlength=buyers.size)
    sums = by_list(ranked, buyers, people=people, kinds=kinds, own=own)
    means = {name: float(above.sum() / below.sum()) for name, (above, below) in sums.items() if below.any()}
    return {"coverage": float((times > 0).mean()), "gini": _gini(times), **means}


def by_list(
    ranked: Codes, buyers: Codes, *, people: int, kinds: Codes | None = None, own: Own | None = None
) -> dict[str, tuple[Values, Values]]:
    """``novelty``, ``popularity``, ``diversity`` and ``miscalibration`` as sums above and below for each list."""
    present = ranked >= 0
    places = np.where(present, ranked, 0)
    lengths = present.sum(axis=1).astype(np.float64)
    novelty = -np.log2(np.maximum(buyers, 0.5) / max(1, people))
    found = {
        name: ((values[places] * present).sum(axis=1), lengths)
        for name, values in (("novelty", novelty), ("popularity", _percentiles(buyers)))
    }
    if kinds is not None and (kinds >= 0).any():
        found["diversity"] = _unlike_pairs(ranked, kinds), lengths * (lengths - 1)
        if own is not None and len(own.query):
            found["miscalibration"] = _divergence(ranked, kinds, own)
    return found


def _gini(times: NDArray[np.int64]) -> float:
    """Gini index of exposure: mean absolute difference over twice the mean."""
    ordered = np.sort(times).astype(np.float64)
    places = np.arange(1, ordered.size + 1)
    return float((2 * places - ordered.size - 1) @ ordered / (ordered.size * ordered.sum()))


def _percentiles(buyers: Codes) -> Values:
    """Share of items with fewer buyers, ties in the middle."""
    ordered = np.sort(buyers)
    below, upto = np.searchsorted(ordered, buyers, "left"), np.searchsorted(ordered, buyers, "right")
    return np.asarray((below + upto) / (2 * buyers.size), np.float64)


def _unlike_pairs(ranked: Codes, kinds: Codes) -> Values:
    """Of each list, ordered pairs of places whose items differ in category."""
    present = ranked >= 0
    width = int(kinds.max()) + 2
    rows = np.repeat(np.arange(ranked.shape[0], dtype=np.int64), present.sum(axis=1))
    keys, sizes = np.unique(rows * width + kinds[ranked[present]] + 1, return_counts=True)
    alike = np.bincount(keys // width, weights=sizes * (sizes - 1.0), minlength=ranked.shape[0])
    lengths = present.sum(axis=1)
    return np.asarray(lengths * (lengths - 1) - alike, np.float64)


def _divergence(ranked: Codes, kinds: Codes, own: Own) -> tuple[Values, Values]:
    """Of each list, the divergence of its categories from the person's own; and 1 where both have any."""
    present = ranked >= 0
    kind: Any = np.where(present, kinds[np.where(present, ranked, 0)], -1)
    width = int(kinds.max()) + 1
    rows = np.repeat(np.arange(len(ranked), dtype=np.int64), (kind >= 0).sum(axis=1))
    cells, times = np.unique(rows * width + kind[kind >= 0], return_counts=True)
    lengths = np.bincount(rows, minlength=len(ranked))
    asked = own.query * width + own.kind
    at = np.minimum(np.searchsorted(cells, asked), max(len(cells) - 1, 0))
    held = np.where(cells[at] == asked, times[at], 0) if len(cells) else np.zeros(len(asked))
    listed = held / np.maximum(lengths[own.query], 1)
    parts = own.share * np.log(own.share / ((1 - SMOOTHED) * listed + SMOOTHED * own.share))
    both = (lengths > 0) & (np.bincount(own.query, minlength=len(ranked)) > 0)
    total = np.bincount(own.query, weights=parts, minlength=len(ranked))
    return np.where(both, total, 0.0), both.astype(np.float64)

"""What lists do beyond being right: how much of the catalogue they show, how novel, how varied, how popular."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from siyu.recommendations.evaluation.truth import Codes


def breadth(ranked: Codes, buyers: Codes, *, people: int, kinds: Codes | None = None) -> dict[str, float]:
    """Measures over all lists together.

    Args:
        ranked: queries x places, item codes, -1 where a list is short.
        buyers: for each item of the catalogue, how many people had it before the cut.
        people: how many people there were before the cut.
        kinds: for each item, the code of its category; without it there is no ``diversity``.

    Returns:
        ``coverage`` (share of the catalogue that is on some list), ``gini`` (0 = every item is shown as often, 1 = one
        item takes all places), ``novelty`` (mean -log2 of the share of people who had the item, in bits; items nobody
        had count as half a buyer; Zhou et al., PNAS 2010), ``popularity`` (mean percentile of the shown items among
        all by buyers, .5 = no bias) and ``diversity`` (share of pairs on a list that differ in category).

    Example:
        >>> found = breadth(np.array([[0, 1], [0, 2]]), np.array([8, 4, 2, 1]), people=8, kinds=np.array([0, 0, 1, 1]))
        >>> {name: round(value, 4) for name, value in found.items()}
        {'coverage': 0.75, 'gini': 0.375, 'novelty': 0.75, 'popularity': 0.6875, 'diversity': 0.5}
    """
    shown = ranked[ranked >= 0]
    if not shown.size or not buyers.size:
        return {}
    share = np.maximum(buyers, 0.5) / max(1, people)
    times = np.bincount(shown, minlength=buyers.size)
    found = {
        "coverage": float((times > 0).mean()),
        "gini": _gini(times),
        "novelty": float(-np.log2(share[shown]).mean()),
        "popularity": float(_percentiles(buyers)[shown].mean()),
    }
    if kinds is not None and ((ranked >= 0).sum(axis=1) > 1).any():
        found["diversity"] = _diversity(ranked, kinds)
    return found


def _gini(times: NDArray[np.int64]) -> float:
    """Gini index of exposure: mean absolute difference over twice the mean."""
    ordered = np.sort(times).astype(np.float64)
    places = np.arange(1, ordered.size + 1)
    return float((2 * places - ordered.size - 1) @ ordered / (ordered.size * ordered.sum()))


def _percentiles(buyers: Codes) -> NDArray[np.float64]:
    """Share of items with fewer buyers, ties in the middle."""
    ordered = np.sort(buyers)
    below, upto = np.searchsorted(ordered, buyers, "left"), np.searchsorted(ordered, buyers, "right")
    return (below + upto) / (2 * buyers.size)


def _diversity(ranked: Codes, kinds: Codes) -> float:
    present = ranked >= 0
    width = int(kinds.max()) + 1
    rows = np.repeat(np.arange(ranked.shape[0], dtype=np.int64), present.sum(axis=1))
    _, sizes = np.unique(rows * width + kinds[ranked[present]], return_counts=True)
    alike = float((sizes * (sizes - 1)).sum())
    lengths = present.sum(axis=1)
    return 1 - alike / float((lengths * (lengths - 1)).sum())

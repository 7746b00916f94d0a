"""What lists do beyond being right: how much of the catalogue they show, how novel, how varied, how popular."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from siyu.recommendations.evaluation.truth import Codes

Values: TypeAlias = NDArray[np.float64]


def breadth(ranked: Codes, buyers: Codes, *, people: int, kinds: Codes | None = None) -> dict[str, float]:
    """Measures over all lists together.

    Args:
        ranked: queries x places, item codes, -1 where a list is short.
        buyers: for each item of the catalogue, how many people had it before the cut.
        people: how many people there were before the cut.
        kinds: for each item, the code of its category (-1 for none); without it there is no ``diversity``.

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
    times = np.bincount(shown, minlength=buyers.size)
    sums = by_list(ranked, buyers, people=people, kinds=kinds)
    means = {name: float(above.sum() / below.sum()) for name, (above, below) in sums.items() if below.any()}
    return {"coverage": float((times > 0).mean()), "gini": _gini(times), **means}


def by_list(
    ranked: Codes, buyers: Codes, *, people: int, kinds: Codes | None = None
) -> dict[str, tuple[Values, Values]]:
    """``novelty``, ``popularity`` and ``diversity`` as a sum above and a sum below for each list, to be added up."""
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

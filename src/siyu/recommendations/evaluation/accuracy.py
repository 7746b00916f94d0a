"""Accuracy of ranked lists, query by query, with binary relevance and the whole catalogue as candidates.

Sampled negatives are not offered: they reorder models (Krichene and Rendle, "On sampled metrics for item
recommendation", KDD 2020).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from siyu.recommendations.evaluation.truth import Codes, Truth

Values: TypeAlias = NDArray[np.float64]


def accuracy(ranked: Codes, truth: Truth, *, places: int) -> dict[str, Values]:
    """Measures of each query over the first ``places`` of its list; queries without truth are left out.

    Args:
        ranked: queries x at least one place, best first, item codes without repetition in a row, -1 where a list is
            short.

    Returns:
        ``hit`` (any found), ``precision`` (found / places), ``recall`` (found / wanted), ``ndcg`` (gain 1 / log2(place
        + 1) over the best possible, Jarvelin and Kekalainen 2002), ``mrr`` (1 / first place found) and ``map``
        (precision at each place found, averaged over the findable); an array each, one value a query.

    Example:
        >>> found = accuracy(np.array([[5, 8, 1]]), Truth.of(np.array([0, 0]), np.array([8, 9]), 1), places=3)
        >>> {name: round(float(value[0]), 4) for name, value in found.items()}
        {'hit': 1.0, 'precision': 0.3333, 'recall': 0.5, 'ndcg': 0.3869, 'mrr': 0.5, 'map': 0.25}
    """
    asked = truth.sizes > 0
    hits = truth.hits(ranked)[asked, :places].astype(np.float64)
    wanted = truth.sizes[asked]
    order = np.arange(1, hits.shape[1] + 1)
    found = hits.sum(axis=1)
    findable = np.minimum(wanted, places)
    gains = 1 / np.log2(np.arange(1, places + 1) + 1)
    first = np.where(hits.any(axis=1), hits.argmax(axis=1) + 1, np.inf)
    return {
        "hit": (found > 0).astype(np.float64),
        "precision": found / places,
        "recall": found / wanted,
        "ndcg": (hits * gains[: hits.shape[1]]).sum(axis=1) / np.cumsum(gains)[findable - 1],
        "mrr": 1 / first,
        "map": (hits * np.cumsum(hits, axis=1) / order).sum(axis=1) / findable,
    }

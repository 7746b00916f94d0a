"""Many tests at once: how many of the "discoveries" are false (Benjamini and Hochberg 1995)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given: keep those at or under q, and of those kept a share q is false on average.

    Example:
        >>> [round(p, 4) for p in benjamini_hochberg([0.01, 0.04, 0.03])]
        [0.03, 0.04, 0.04]

    Raises:
        ValueError: a p-value is outside 0 to 1.
    """
    p = np.asarray(p_values, dtype=np.float64)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p-values lie in 0 to 1")
    order = np.argsort(p, kind="stable")
    raw = p[order] * p.size / np.arange(1, p.size + 1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 1.0)
    return [float(value) for value in adjusted]

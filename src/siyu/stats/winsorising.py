"""Winsorising: values above a cap count as the cap, so that one order of a reseller does not decide a test."""

from __future__ import annotations

import numpy as np

from siyu.stats.moments import Values


def cap(values: Values, *, quantile: float = 0.99) -> float | None:
    """The ``quantile`` of the *positive* values; ``None`` where there are none.

    Most people buy nothing, so that a quantile over everybody would often be zero and cap all revenue away. Take the
    cap over both arms together: one cap per arm would hide a difference in the tails.

    Example:
        >>> cap(np.array([0.0, 0.0, 1.0, 2.0, 3.0]), quantile=0.5)
        2.0
    """
    positive = values[values > 0]
    return float(np.quantile(positive, quantile)) if positive.size else None


def winsorise(values: Values, ceiling: float | None) -> Values:
    """``values`` with those above ``ceiling`` set to it; unchanged without one.

    Example:
        >>> winsorise(np.array([1.0, 500.0]), 10.0).tolist()
        [1.0, 10.0]
    """
    return values if ceiling is None else np.minimum(values, ceiling)

"""What segments are made of: logarithms of skewed amounts, cut at the ends, on one scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Matrix = npt.NDArray[np.float64]

COLUMNS = {
    "recency": "silent_days",
    "frequency": "orders",
    "spend": "spend",
    "tenure": "tenure_days",
    "activity": "events",
    "browsing": "browse_share",
    "basket": "basket",
    "price": "unit_spend",
    "focus": "focus",
    "returns": "return_share",
}
"""Feature names (keys of the language packs) to the columns of ``profile_measured``. ``recency`` is days of silence."""

NAMES = tuple(COLUMNS)
_SHARES = frozenset({"browsing", "focus", "returns"})
_LEAST_SPREAD = 1e-9
_FIELDS = ("low", "high", "mean", "deviation", "used")


def matrix(batch: pa.RecordBatch) -> Matrix:
    """Raw features of a batch of ``profile_measured``: people x features; missing and infinite values are 0."""
    columns = [np.asarray(batch.column(column).to_numpy(zero_copy_only=False), float) for column in COLUMNS.values()]
    filled: Matrix = np.nan_to_num(np.column_stack(columns), nan=0.0, posinf=0.0, neginf=0.0)
    return filled


@dataclass(frozen=True, slots=True)
class Scale:
    """How raw features become comparable: log(1 + x) for amounts, cut at ``low`` and ``high``, mean 0, deviation 1.

    Attributes:
        used: places of the features that vary at all; the others are left out.
    """

    low: Matrix
    high: Matrix
    mean: Matrix
    deviation: Matrix
    used: npt.NDArray[np.int64]

    @classmethod
    def fitted(cls, raw: Matrix, winsorise: float) -> Scale:
        """The scale of these people."""
        logged = _logged(raw)
        low, high = np.quantile(logged, winsorise, axis=0), np.quantile(logged, 1 - winsorise, axis=0)
        # a feature that only few people have (returns, say) would be cut to nothing: it keeps its own ends
        flat = high - low < _LEAST_SPREAD
        low, high = np.where(flat, logged.min(axis=0), low), np.where(flat, logged.max(axis=0), high)
        cut = np.clip(logged, low, high)
        deviation = cut.std(axis=0)
        return cls(low, high, cut.mean(axis=0), deviation, np.flatnonzero(deviation > _LEAST_SPREAD))

    @classmethod
    def none(cls) -> Scale:
        """The scale of nobody."""
        width = len(NAMES)
        return cls(np.zeros(width), np.zeros(width), np.zeros(width), np.ones(width), np.empty(0, np.int64))

    def kept(self) -> dict[str, list[float]]:
        """As JSON values; floats survive exactly."""
        return {name: getattr(self, name).tolist() for name in _FIELDS}

    @classmethod
    def of(cls, kept: Mapping[str, list[float]]) -> Scale:
        """The scale that :meth:`kept` wrote."""
        low, high, mean, deviation, used = (np.array(kept[name], float) for name in _FIELDS)
        return cls(low, high, mean, deviation, used.astype(np.int64))

    def __call__(self, raw: Matrix) -> Matrix:
        """Standardised features that vary."""
        cut = np.clip(_logged(raw), self.low, self.high)
        scaled: Matrix = ((cut - self.mean) / np.where(self.deviation > 0, self.deviation, 1.0))[:, self.used]
        return scaled


def _logged(raw: Matrix) -> Matrix:
    amounts = np.array([name not in _SHARES for name in NAMES])
    logged: Matrix = np.where(amounts, np.log1p(np.maximum(raw, 0.0)), raw)
    return logged

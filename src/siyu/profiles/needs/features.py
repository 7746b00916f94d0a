"""What is known of a person, as numbers that a learner can use and a reader can understand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from siyu.profiles.value import Buying

Floats = npt.NDArray[np.float64]

COLUMNS: Final = (
    "seen", "silent", "browse_7", "browse_30", "cart_30", "search_30", "message_30", "buys", "buys_30", "buys_90",
    "recency", "tenure", "spend", "spend_90", "quantity", "returned", "gaps", "gap_sum", "gap_squares",
)  # fmt: skip
"""Columns of ``sql/features.sql`` beside the person."""

NAMES: Final = (
    "never", "recency", "late", "buys", "buys_30", "buys_90", "gap", "regular", "tenure", "spend", "spend_90",
    "basket", "items", "returned", "seen", "silent", "browse_7", "browse_30", "cart_30", "search_30", "message_30",
    "alive", "likely",
)  # fmt: skip
"""Features, in the order of the matrix; keys of the language packs.

``never``: 1 for someone who has not bought. ``late``: silence in own gaps. ``regular``: deviation of the gaps over
their mean. ``alive`` and ``likely``: of BG/NBD, still a buyer, and buying within the horizon.
"""
PLACE: Final[Mapping[str, int]] = {name: place for place, name in enumerate(NAMES)}
_LINEAR = frozenset({"never", "returned", "alive", "likely", "regular"})
_RHYTHM = 2
"""Gaps from which a rhythm is one's own."""
SHORTEST_SILENCE = 14.0
_FLAT = 1e-9


@dataclass(frozen=True, slots=True)
class Known:
    """Columns of ``sql/features.sql`` as arrays; not a number where nothing is known."""

    columns: Mapping[str, Floats]

    @classmethod
    def of(cls, rows: pa.Table | pa.RecordBatch) -> Known:
        """From rows of the query."""
        columns = {name: rows.column(name) for name in COLUMNS}
        return cls({name: np.array(_chunked(column).to_numpy(), float) for name, column in columns.items()})

    def __getitem__(self, name: str) -> Floats:
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.columns["buys"])

    @property
    def gap(self) -> Floats:
        """Mean days between purchases; not a number under two of them."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self["gaps"] > 0, self["gap_sum"] / self["gaps"], np.nan)

    def silence(self, gaps: float, most: float) -> Floats:
        """Days of silence after which each is lost: so many own gaps where there is a rhythm, at most ``most``."""
        own = np.clip(gaps * self.gap, min(SHORTEST_SILENCE, most), most)
        return np.where(self["gaps"] >= _RHYTHM, np.nan_to_num(own, nan=most), most)

    def history(self) -> tuple[Floats, Floats, Floats]:
        """Repeats, time of the last and age, as BG/NBD counts them; of people without purchases zeros."""
        repeats = np.maximum(self["buys"] - 1, 0)
        age = np.nan_to_num(self["tenure"], nan=0.0)
        last = np.clip(age - np.nan_to_num(self["recency"], nan=0.0), 0, age)
        return repeats, np.where(repeats > 0, last, 0.0), age

    def matrix(self, buying: Buying | None, within: Floats) -> Floats:
        """Features as they are, people x :data:`NAMES`; ``within`` is each one's horizon in days for ``likely``."""
        alive, likely = self._foreseen(buying, within)
        gap, buys = self.gap, self["buys"]
        with np.errstate(invalid="ignore", divide="ignore"):
            spread = np.sqrt(np.maximum(self["gap_squares"] / self["gaps"] - gap**2, 0)) / gap
            columns = {
                "never": (buys == 0).astype(float),
                "late": self["recency"] / np.maximum(gap, 1),
                "gap": gap,
                "regular": np.where(self["gaps"] >= _RHYTHM, spread, np.nan),
                "basket": np.where(buys > 0, self["spend"] / buys, np.nan),
                "items": np.where(buys > 0, self["quantity"] / buys, np.nan),
                "returned": self["returned"] / (self["returned"] + self["quantity"]),
                "alive": alive,
                "likely": likely,
            }
        return np.column_stack([columns.get(name, self.columns.get(name, buys)) for name in NAMES])

    def _foreseen(self, buying: Buying | None, within: Floats) -> tuple[Floats, Floats]:
        none = self["buys"] == 0
        if buying is None:
            return np.full(len(self), np.nan), np.full(len(self), np.nan)
        repeats, last, age = self.history()
        alive = buying.alive(repeats, last, age)
        # a living buyer's rate is gamma(r + repeats, alpha + age): the chance of none is its Laplace transform
        some = -np.expm1((buying.r + repeats) * np.log((buying.alpha + age) / (buying.alpha + age + within)))
        return np.where(none, np.nan, alive), np.where(none, np.nan, alive * some)


@dataclass(frozen=True, slots=True)
class Scale:
    """How features become comparable: gaps filled with what is usual, logarithms of amounts, ends cut, one scale.

    Attributes:
        usual: the median of each feature as it is, where it is known; what fills gaps, and what drivers compare with.
        varies: whether a feature says anything at all; the others are constant here and stay 0.
    """

    usual: Floats
    low: Floats
    high: Floats
    mean: Floats
    deviation: Floats

    @classmethod
    def fitted(cls, raw: Floats) -> Scale:
        """The scale of these people."""
        finite = np.where(np.isfinite(raw), raw, np.nan)
        known = np.isfinite(finite).any(axis=0)
        usual = np.zeros(raw.shape[1])
        if known.any():
            usual[known] = np.nanmedian(finite[:, known], axis=0)
        logged = _logged(np.where(np.isfinite(raw), raw, usual))
        low, high = np.quantile(logged, 0.002, axis=0), np.quantile(logged, 0.998, axis=0)
        flat = high - low < _FLAT  # a feature that few people have keeps its own ends
        low, high = np.where(flat, logged.min(axis=0), low), np.where(flat, logged.max(axis=0), high)
        cut = np.clip(logged, low, high)
        return cls(usual, low, high, cut.mean(axis=0), cut.std(axis=0))

    @property
    def varies(self) -> npt.NDArray[np.bool_]:
        """Features that say anything."""
        found: npt.NDArray[np.bool_] = self.deviation > _FLAT
        return found

    def __call__(self, raw: Floats) -> Floats:
        """Features on one scale. In the precision of float32, since trees are grown in that."""
        cut = np.clip(_logged(np.where(np.isfinite(raw), raw, self.usual)), self.low, self.high)
        scaled = (cut - self.mean) / np.where(self.varies, self.deviation, 1.0)
        return np.where(self.varies, scaled, 0.0).astype(np.float32).astype(np.float64)


def _chunked(column: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])


def _logged(raw: Floats) -> Floats:
    amounts = np.array([name not in _LINEAR for name in NAMES])
    found: Floats = np.where(amounts, np.log1p(np.clip(raw, 0, 1e15)), raw)
    return found

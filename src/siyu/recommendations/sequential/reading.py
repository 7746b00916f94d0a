"""The network when it is asked: the same sums as :mod:`.network`, with numpy, so that workers need nothing else.

In 64 bits: how many people are read at a time must not show in what is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import numpy as np

from siyu.recommendations.people import Ints

Numbers: TypeAlias = np.ndarray[Any, np.dtype[np.floating[Any]]]
Arrays: TypeAlias = dict[str, Numbers]
_CELLS: Final = 2_000_000
"""Numbers of one layer's width held at a time."""
_FINE: Final = 1e-5


class Reader:
    """Reads sequences of product numbers; what it gives times the vector of a product is how likely that comes next."""

    def __init__(self, arrays: Arrays, heads: int) -> None:
        self.arrays = {name: array.astype(np.float64) for name, array in arrays.items()}
        self.heads = heads
        self.layers = sum(name.endswith(".attend") for name in arrays)

    @property
    def length(self) -> int:
        """Steps that can be read."""
        return len(self.arrays["place"])

    def read(self, items: Ints, size: Ints) -> Numbers:
        """One vector a row, for rows of ``size`` numbers (1 or more), filled up behind."""
        width = self.arrays["item"].shape[1]
        found = np.zeros((len(size), width))
        order, first = np.argsort(size, kind="stable"), 0
        while first < len(order):
            cells = np.arange(1, len(order) - first + 1) * size[order[first:]] * width
            rows = order[first : first + max(1, int(np.searchsorted(cells, _CELLS, side="right")))]
            found[rows] = self._read(items[rows, : int(size[rows].max())], size[rows])
            first += len(rows)
        return found

    def _read(self, items: Ints, size: Ints) -> Numbers:
        arrays, rows = self.arrays, np.arange(len(size))
        found = arrays["item"][items] * arrays["item"].shape[1] ** 0.5 + arrays["place"][: items.shape[1]]
        for layer in range(self.layers):
            mine = {name.partition(".")[2]: array for name, array in arrays.items() if name.startswith(f"{layer}.")}
            plain = _normal(found, mine, "before.")
            joined = _attended(plain @ mine["attend"], self.heads) @ mine["join"]
            found = found + joined * _sigmoid(plain @ mine["join_gate"])
            if layer == self.layers - 1:
                found = found[rows, size - 1]  # nothing after this looks at other steps
            plain = _normal(found, mine, "between.")
            inner = plain @ mine["widen"]
            found = found + (inner * _sigmoid(inner)) @ mine["narrow"] * _sigmoid(plain @ mine["narrow_gate"])
        return _normal(found, arrays, "end.")


def _normal(values: Numbers, arrays: Mapping[str, Numbers], name: str) -> Numbers:
    centred = values - values.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + _FINE)
    found: Numbers = centred / spread * arrays[f"{name}scale"] + arrays[f"{name}shift"]
    return found


def _sigmoid(values: Numbers) -> Numbers:
    found: Numbers = 0.5 * (1.0 + np.tanh(0.5 * values))
    return found


def _attended(mixed: Numbers, heads: int) -> Numbers:
    rows, steps, wide = mixed.shape
    parts = mixed.reshape(rows, steps, 3, heads, wide // (3 * heads)).transpose(2, 0, 3, 1, 4)
    told = parts[0] @ parts[1].swapaxes(-1, -2) / parts.shape[-1] ** 0.5
    told += np.triu(np.full((steps, steps), -np.inf), 1)
    told = np.exp(told - told.max(axis=-1, keepdims=True))
    told /= told.sum(axis=-1, keepdims=True)
    found: Numbers = (told @ parts[2]).swapaxes(1, 2).reshape(rows, steps, wide // 3)
    return found

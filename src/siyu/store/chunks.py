"""Long lists in short statements: databases limit the parameters of one statement (SQLite to 32,766)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

SIZE = 10_000
"""Values in one ``IN (...)``."""


def chunks(values: Sequence[T], size: int = SIZE) -> Iterator[Sequence[T]]:
    """Consecutive parts of ``values`` of at most ``size``.

    Example:
        >>> [list(part) for part in chunks([1, 2, 3], 2)]
        [[1, 2], [3]]
    """
    for start in range(0, len(values), size):
        yield values[start : start + size]

"""Lines with choices in square brackets: ``[Quietly|Simply] done``. Each brief takes one of them, by its seed."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

_CHOICE = re.compile(r"\[([^\[\]\n]*\|[^\[\]\n]*)\]")


@lru_cache(maxsize=20_000)
def _parts(line: str) -> tuple[tuple[str, ...], ...]:
    """Parts of a line, each with its options; what is fixed has one."""
    pieces = _CHOICE.split(line)
    return tuple(tuple(piece.split("|")) if at % 2 else (piece,) for at, piece in enumerate(pieces))


def varied(line: str, bits: Callable[[int], int]) -> str:
    """``line`` with one option of each choice.

    Args:
        bits: gives so many random bits, as ``random.Random.getrandbits``.

    Example:
        >>> varied("[a|b] cup of [tea|coffee]", lambda size: 1)
        'b cup of coffee'
    """
    if "|" not in line:
        return line
    return "".join([options[0] if len(options) == 1 else options[bits(16) % len(options)] for options in _parts(line)])


def spread(line: str) -> tuple[str, ...]:
    """So many forms of ``line`` that every option stands in one: what is checked before a bank is used.

    Example:
        >>> spread("[a|b] cup of [tea|coffee|milk]")
        ('a cup of tea', 'b cup of coffee', 'a cup of milk')
    """
    parts = _parts(line)
    most = max(map(len, parts))
    return tuple("".join(options[at % len(options)] for options in parts) for at in range(most))

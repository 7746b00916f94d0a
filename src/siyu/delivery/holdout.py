"""The hold-out: who is never written to, so that the effect of writing can be measured.

Whether a person is held out depends on the salt, the scope and that person alone: not on the order of the audience, on
other people, on the day or on the machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

GLOBAL = ""
"""The scope of the hold-out that every campaign shares (a campaign's name is never empty)."""


def buckets(people: Iterable[str], *, scope: str, salt: str) -> npt.NDArray[np.float64]:
    """A number in [0, 1) for every person, uniform and independent over people and scopes.

    Args:
        scope: name of the campaign, or :data:`GLOBAL`.

    Example:
        >>> bool(buckets(["a"], scope="spring", salt="s")[0] == buckets(["b", "a"], scope="spring", salt="s")[1])
        True
    """
    start = blake2b(f"{salt}\x1f{scope}\x1f".encode(), digest_size=8)
    digests = bytearray()
    for person in people:
        one = start.copy()
        one.update(person.encode())
        digests += one.digest()
    # 53 bits: what a double holds exactly
    return (np.frombuffer(bytes(digests), dtype=">u8") >> 11).astype(np.float64) / float(1 << 53)


def held_out(
    people: list[str], *, campaign: str, share: float, global_share: float, salt: str
) -> npt.NDArray[np.bool_]:
    """Mask of the people held out of ``campaign``: by its own share, or by the share held out of every campaign."""
    mask = np.zeros(len(people), dtype=np.bool_)
    for scope, part in ((campaign, share), (GLOBAL, global_share)):
        if part > 0:
            mask |= buckets(people, scope=scope, salt=salt) < part
    return mask

"""Identifiers: people and items have two types, so that one is never passed for the other."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from hashlib import sha1
from typing import Final, NewType, Protocol

PersonId = NewType("PersonId", str)
"""A keyed pseudonym (32 hex digits). Never a shop's own customer number, name, address or phone number."""

ItemId = NewType("ItemId", str)
"""A product identifier as the shop's catalogue spells it."""

NAMESPACE = uuid.UUID("6f0c2f6e-3f0e-5d0a-9a55-5349595553cc")
"""Namespace of every name-based id that Siyu makes (RFC 9562, version 5)."""


SEPARATOR: Final = "\x1f"
"""Between the parts of a name that an id is made of."""

_START: Final = sha1(NAMESPACE.bytes, usedforsecurity=False)
_VARIANT: Final = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))


def stable_id(*parts: str) -> str:
    """Name-based id (UUID version 5) of ``parts``: the same parts always give the same id.

    Written out here because it is made millions of times in a run, and the standard library takes three times as long.

    Example:
        >>> stable_id("spring", "0", "u1") == str(uuid.uuid5(NAMESPACE, "spring\x1f0\x1fu1"))
        True
    """
    return _id(SEPARATOR.join(parts))


def stable_ids(names: Iterable[str]) -> list[str]:
    """:func:`stable_id` of many, each given as its parts joined by :data:`SEPARATOR`.

    Example:
        >>> stable_ids(["spring\x1f0"]) == [stable_id("spring", "0")]
        True
    """
    return [_id(name) for name in names]


def _id(name: str) -> str:
    digest = _START.copy()
    digest.update(name.encode())
    text = digest.hexdigest()
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"


class IdSource(Protocol):
    """Gives fresh ids; one is injected, so that tests and replays are repeatable."""

    def fresh(self) -> str:
        """A new id, never given before by this source."""
        ...

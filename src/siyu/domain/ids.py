"""Identifiers: people and items have two types, so that one is never passed for the other."""

from __future__ import annotations

import uuid
from typing import NewType, Protocol

PersonId = NewType("PersonId", str)
"""A keyed pseudonym (32 hex digits). Never a shop's own customer number, name, address or phone number."""

ItemId = NewType("ItemId", str)
"""A product identifier as the shop's catalogue spells it."""

NAMESPACE = uuid.UUID("6f0c2f6e-3f0e-5d0a-9a55-5349595553cc")
"""Namespace of every name-based id that Siyu makes (RFC 9562, version 5)."""


def stable_id(*parts: str) -> str:
    """Name-based id (UUID version 5) of ``parts``: the same parts always give the same id.

    Example:
        >>> stable_id("spring", "0", "u1", "mailbox") == stable_id("spring", "0", "u1", "mailbox")
        True
    """
    return str(uuid.uuid5(NAMESPACE, "\x1f".join(parts)))


class IdSource(Protocol):
    """Gives fresh ids; one is injected, so that tests and replays are repeatable."""

    def fresh(self) -> str:
        """A new id, never given before by this source."""
        ...

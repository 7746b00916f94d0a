"""Slots: the names that may stand in braces, and the facts behind them."""

from __future__ import annotations

from typing import Final

PERSON_SLOTS: Final = frozenset(
    {
        "past.title", "past.title.short",  # the past product a reason rests on; says nothing about the reader
        "past.bought", "past.bought.short",  # the same, only where the reader bought it
        "past.viewed", "past.viewed.short",  # the same, only where the reader looked at it and did not buy it
        "reason.count",  # how many times; only from `min_count` on
        "more",  # the second and third product
    }
)  # fmt: skip
"""Slots a piece may use although no brief holds them: they are filled per reader, or the piece is left out."""

VOLATILE: Final = frozenset(
    {"price", "price.before", "stock", "offer.price", "offer.percent_off", "offer.ends", "offer.gift"}
)
"""Slots read again at the moment of sending."""


def fact_slot(slot: str) -> str:
    """The slot of the fact behind a slot of a line.

    Example:
        >>> fact_slot("title.short"), fact_slot("attr.材质.name"), fact_slot("price.before")
        ('title', 'attr.材质', 'price.before')
    """
    return slot.removesuffix(".short") if slot.endswith(".short") else slot.removesuffix(".name")

"""Slots: the names that may stand in braces, and the facts behind them."""

from __future__ import annotations

from typing import Final

NAMES: Final = ("title", "past.title", "past.bought", "past.viewed", "past.again", "past.seen")
"""Slots that name a product; each has a ``.short`` form, where the name is short enough without being cut."""

PERSON_SLOTS: Final = frozenset(
    {
        *(form for name in NAMES[1:] for form in (name, f"{name}.short")),
        "past.count",  # how often the product and the past one were chosen together; only from `min_count` on
        "reason.count",  # how often the product was chosen; only from `min_count` on
        "more",  # the second and third product
    }
)
"""Slots a piece may use although no brief holds them: they are filled per reader, or the piece is left out.

``past.title`` is the product a reason rests on and says nothing about the reader; ``past.bought`` is the same, only
where the reader bought it and kept it; ``past.viewed``, only where they looked at it and did not buy. ``past.again`` is
the main product where they bought it before, ``past.seen`` where they looked at it and did not buy.
"""

ANGLES: Final = ("angle", "angle.liked", "angle.usual")
"""The angle as a thing, weakest first. Each is filled from a strength on, so that no line claims more than is known.

``angle`` says nothing about the reader; ``angle.liked`` takes an interest of theirs, ``angle.usual`` a habit.
"""

ABOUT_READER: Final = ("past.", "reason.", "angle.")
"""How slots begin that claim something about the reader, not about the product alone."""

VOLATILE: Final = frozenset(
    {"price", "price.before", "stock", "offer.price", "offer.percent_off", "offer.ends", "offer.gift"}
)
"""Slots read again at the moment of sending."""

_FORMS = (".short", ".name", ".unit")


def fact_slot(slot: str) -> str:
    """The slot of the fact behind a slot of a line.

    Example:
        >>> fact_slot("title.short"), fact_slot("attr.材质.name"), fact_slot("price.before"), fact_slot("angle.liked")
        ('title', 'attr.材质', 'price.before', 'angle')
    """
    if slot in ANGLES:
        return ANGLES[0]
    return slot.rsplit(".", 1)[0] if slot.endswith(_FORMS) else slot

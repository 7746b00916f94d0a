"""Facts: the only things a message may claim."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from siyu.domain.ids import ItemId


@dataclass(frozen=True, slots=True)
class Fact:
    """One value about one product, with where it comes from and how long it holds.

    Attributes:
        item: the product.
        slot: what the value is: ``title``, ``brand``, ``category``, ``price``, ``stock``, ``url``, ``attr.<name>``,
            ``offer.price``, ``offer.percent_off``, ``offer.ends`` ...
        value: the text as the source spells it, already free of markup.
        number: the same as a number where it is one (price, stock), in ``unit``.
        unit: ISO 4217 code for money, otherwise the unit of measure; empty where there is none.
        language: BCP 47 code of ``value``; empty where the value is of no language (numbers, brands).
        source: file, feed or record it was read from.
        observed_at: when it was read.
        valid_from, valid_until: the window in which it may be claimed; ``None`` is open.

    Example:
        >>> from datetime import UTC
        >>> seen = datetime(2026, 1, 1, tzinfo=UTC)
        >>> Fact(ItemId("p1"), "price", "99", 99.0, "CNY", "", "products.csv", seen).in_force(seen)
        True
    """

    item: ItemId
    slot: str
    value: str
    number: float | None
    unit: str
    language: str
    source: str
    observed_at: datetime
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def in_force(self, now: datetime) -> bool:
        """Whether the fact may be claimed at ``now`` (``valid_until`` itself is outside)."""
        begun = self.valid_from is None or self.valid_from <= now
        return begun and (self.valid_until is None or now < self.valid_until)

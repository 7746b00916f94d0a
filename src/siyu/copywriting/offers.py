"""Offers of a campaign as facts: only what an offer says, only while it holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from siyu.domain.campaigns import Offer
from siyu.domain.facts import Fact
from siyu.domain.ids import ItemId


def offer_facts(item: ItemId, categories: Sequence[str], offers: Iterable[Offer], now: datetime) -> tuple[Fact, ...]:
    """Facts of the first offer in force that covers a product (by item, or by a level of its category path).

    Args:
        categories: the product's category path in each language.

    Example:
        >>> from datetime import UTC
        >>> start, end = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
        >>> june = Offer("june", start, end, category="Clothing", percent_off=20)
        >>> [fact.slot for fact in offer_facts(ItemId("p1"), ["Clothing > T-shirt"], [june], start)]
        ['offer.percent_off', 'offer.ends']
    """
    offer = next((offer for offer in offers if offer.in_force(now) and _covers(offer, item, categories)), None)
    if offer is None:
        return ()

    def fact(slot: str, value: str, number: float | None = None, unit: str = "") -> Fact:
        return Fact(item, slot, value, number, unit, "", f"offer:{offer.name}", now, offer.start, offer.end)

    if offer.price is not None:
        terms = fact("offer.price", str(offer.price), offer.price, offer.currency)
    elif offer.percent_off is not None:
        terms = fact("offer.percent_off", str(offer.percent_off), offer.percent_off, "%")
    else:
        terms = fact("offer.gift", offer.gift)
    return terms, fact("offer.ends", offer.end.isoformat())


def _covers(offer: Offer, item: ItemId, categories: Sequence[str]) -> bool:
    if offer.item is not None:
        return offer.item == item
    return any(path == offer.category or path.startswith(f"{offer.category} > ") for path in categories)

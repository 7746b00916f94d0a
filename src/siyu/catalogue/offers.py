"""Offers as facts: what a message may say about terms, and for how long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain import columns as c
from siyu.domain.campaigns import Offer
from siyu.engine.schemas import FACTS


def offer_facts(offers: Sequence[Offer], products: pa.Table) -> pa.Table:
    """Facts of ``offers`` (schema ``FACTS``), one set per product an offer covers.

    A category offer covers the products of that category and of those below it (``Toys`` covers ``Toys > Cars``).
    Slots: one of ``offer.price``, ``offer.percent_off``, ``offer.gift``; always ``offer.starts`` and ``offer.ends``;
    ``offer.terms`` and ``offer.stock`` where stated. They hold from the offer's start until its end.

    Args:
        products: with columns ``item`` and ``category``; an offer on a product that is not there gives no facts.
    """
    columns: list[list[object]] = [[] for _ in FACTS]
    for offer in offers:
        items = _covered(offer, products)
        for slot, value, number, unit in _terms(offer):
            start, end = _naive(offer.start), _naive(offer.end)
            constant = (slot, value, number, unit, "", f"offer:{offer.name}", start, start, end)
            columns[0].extend(items)
            for column, cell in zip(columns[1:], constant, strict=True):
                column.extend([cell] * len(items))
    arrays = [pa.array(column, field.type) for column, field in zip(columns, FACTS, strict=True)]
    return pa.Table.from_arrays(arrays, schema=FACTS)


def _covered(offer: Offer, products: pa.Table) -> list[str]:
    if offer.item is not None:
        mask = pc.equal(products[c.ITEM], str(offer.item))
    else:
        category = products[c.CATEGORY]
        mask = pc.or_(pc.equal(category, offer.category), pc.starts_with(category, f"{offer.category} > "))
    found: list[str] = products[c.ITEM].filter(mask).to_pylist()
    return found


def _terms(offer: Offer) -> Iterator[tuple[str, str, float | None, str]]:
    if offer.price is not None:
        yield "offer.price", f"{offer.price:.2f}", offer.price, offer.currency
    if offer.percent_off is not None:
        yield "offer.percent_off", f"{offer.percent_off:g}", offer.percent_off, "%"
    if offer.gift:
        yield "offer.gift", offer.gift, None, ""
    yield "offer.starts", offer.start.astimezone(UTC).isoformat(), None, ""
    yield "offer.ends", offer.end.astimezone(UTC).isoformat(), None, ""
    if offer.terms:
        yield "offer.terms", offer.terms, None, ""
    if offer.stock is not None:
        yield "offer.stock", str(offer.stock), float(offer.stock), ""


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)

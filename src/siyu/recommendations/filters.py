"""Filters: what may not be recommended, each with its name, its lanes and its condition.

One contract: a condition in SQL over the row at hand. Filters of products see ``i`` (a product); filters of pairs see
besides ``s`` (the candidate), ``q`` (the person's price band), ``f`` (what they did with it) and ``x`` (exclusions).
The first that holds is the one that is counted, so that counts add up. A new filter is one line.
"""

from __future__ import annotations

from dataclasses import dataclass

from siyu.domain.kinds import Lane
from siyu.engine.sql import literal
from siyu.recommendations.settings import FilterSettings

BOTH = frozenset(Lane)
DISCOVER = frozenset({Lane.DISCOVER})


@dataclass(frozen=True, slots=True)
class Filter:
    """Bars a candidate of ``lanes`` where ``condition`` holds."""

    name: str
    lanes: frozenset[Lane]
    condition: str


ITEM_FILTERS = (
    Filter("no-catalogue-entry", BOTH, "NOT i.listed"),
    Filter("no-title", BOTH, "i.title IS NULL OR trim(i.title) = ''"),
    Filter("not-in-force", BOTH, "i.first_seen > $now"),
    Filter("out-of-stock", BOTH, "i.stock <= 0"),
    Filter("excluded-item", BOTH, "i.barred_item"),
    Filter("excluded-category", BOTH, "i.barred_category"),
    Filter(
        "price-range",
        BOTH,
        "($price_from IS NOT NULL AND (i.price IS NULL OR i.price < $price_from))"
        " OR ($price_to IS NOT NULL AND (i.price IS NULL OR i.price > $price_to))",
    ),
)
"""Products no one is recommended, in the order they are tried."""

PAIR_FILTERS = (
    Filter("already-bought", DISCOVER, "f.bought"),
    Filter("returned", BOTH, "f.returned"),
    Filter("disliked", BOTH, "f.disliked"),
    Filter("excluded-for-person", BOTH, "x.item IS NOT NULL"),
    Filter("price-band", DISCOVER, "q.band IS NOT NULL AND i.band IS NOT NULL AND abs(q.band - i.band) > $price_bands"),
)
"""Products one person is not recommended, tried after those of the product."""


def item_case() -> str:
    """Branches of the ``CASE`` that names the filter barring product ``i``."""
    return " ".join(f"WHEN {found.condition} THEN {literal(found.name)}" for found in ITEM_FILTERS)


def pair_case() -> str:
    """Branches of the ``CASE`` that names the filter barring candidate ``s`` of product ``i``."""
    return "WHEN i.veto IS NOT NULL THEN i.veto " + " ".join(map(_branch, PAIR_FILTERS))


def parameters(settings: FilterSettings) -> dict[str, object]:
    """Values of the parameters that the conditions name."""
    return {
        "price_from": settings.price_from,
        "price_to": settings.price_to,
        "price_bands": settings.price_bands,
    }


def _branch(found: Filter) -> str:
    lanes = ", ".join(literal(lane.value) for lane in sorted(found.lanes))
    return f"WHEN s.lane IN ({lanes}) AND ({found.condition}) THEN {literal(found.name)}"

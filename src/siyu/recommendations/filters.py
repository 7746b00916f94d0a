"""Filters: what may not be recommended, each with its name, its lanes and its condition.

Filters of products are conditions in SQL over a product ``i``. Filters of a person and a product are functions over a
block of people: :data:`PAIR_FILTERS` name the products outright, :data:`CANDIDATE_FILTERS` judge what models found. The
first that holds is the one that is counted, so that counts add up. A new filter is one line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from siyu.domain.kinds import Lane
from siyu.engine.sql import literal
from siyu.recommendations.items import Items
from siyu.recommendations.people import Act, Ints, Mask, People
from siyu.recommendations.settings import FilterSettings

BOTH = frozenset(Lane)
DISCOVER = frozenset({Lane.DISCOVER})
Named: TypeAlias = tuple[Ints, Ints]
"""Rows of people and codes of products."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Bars a product where ``condition`` holds."""

    name: str
    condition: str


@dataclass(frozen=True, slots=True)
class PairFilter:
    """Bars the products that ``barred`` names, for the people it names."""

    name: str
    lanes: frozenset[Lane]
    barred: Callable[[People], Named]


@dataclass(frozen=True, slots=True)
class CandidateFilter:
    """Bars candidates (rows of people, codes of products) that ``barred`` marks, where ``used`` by the settings."""

    name: str
    lanes: frozenset[Lane]
    used: Callable[[FilterSettings], bool]
    barred: Callable[[People, Items, FilterSettings, Named], Mask]


ITEM_FILTERS = (
    Filter("no-catalogue-entry", "NOT i.listed"),
    Filter("no-title", "i.title IS NULL OR trim(i.title) = ''"),
    Filter("not-in-force", "i.first_seen > $now"),
    Filter("out-of-stock", "i.stock <= 0"),
    Filter("excluded-item", "i.barred_item"),
    Filter("excluded-category", "i.barred_category"),
    Filter(
        "price-range",
        "($price_from IS NOT NULL AND (i.price IS NULL OR i.price < $price_from))"
        " OR ($price_to IS NOT NULL AND (i.price IS NULL OR i.price > $price_to))",
    ),
)
"""Products no one is recommended, in the order they are tried."""


def _pairs(people: People, found: Mask) -> Named:
    return people.pairs.row[found], people.pairs.item[found]


def _off_band(people: People, items: Items, settings: FilterSettings, candidates: Named) -> Mask:
    row, item = candidates
    usual, band = usual_band(people, items)[row], items.band[item]
    off: Mask = (usual > 0) & (band > 0) & (np.abs(usual - band) > settings.price_bands)
    return off


PAIR_FILTERS = (
    PairFilter("already-bought", DISCOVER, lambda people: _pairs(people, people.bought)),
    PairFilter("returned", BOTH, lambda people: _pairs(people, people.returned)),
    PairFilter("disliked", BOTH, lambda people: _pairs(people, people.disliked)),
    PairFilter("excluded-for-person", BOTH, lambda people: (people.spared_row, people.spared)),
)
"""Products one person is not recommended, tried after those of the product."""

CANDIDATE_FILTERS = (CandidateFilter("price-band", DISCOVER, lambda settings: settings.price_bands < 4, _off_band),)
"""Tried last."""

SAME_GROUP: Final = "same-group"
"""Takes products out of a list on which better ones of their group stand; counted by person and product."""


def usual_band(people: People, items: Items) -> Ints:
    """The price band each person usually buys in, 1 to 5; 0 where they bought nothing with a band."""
    band = np.where(people.kind == Act.PURCHASE, items.band[people.item], 0).astype(np.float64)
    counted = np.bincount(people.row, weights=band > 0, minlength=people.size)
    total = np.bincount(people.row, weights=band, minlength=people.size)
    return np.floor(total / np.maximum(counted, 1) + 0.5).astype(np.int8)


def item_case() -> str:
    """Branches of the ``CASE`` that names the filter barring product ``i``."""
    return " ".join(f"WHEN {found.condition} THEN {literal(found.name)}" for found in ITEM_FILTERS)


def parameters(settings: FilterSettings) -> dict[str, object]:
    """Values of the parameters that the conditions of products name."""
    return {"price_from": settings.price_from, "price_to": settings.price_to}

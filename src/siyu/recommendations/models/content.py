"""What a product is against what a person cares about: serves products that nobody has bought yet."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from siyu.domain.kinds import Facet, Lane
from siyu.engine.port import Engine, Sql
from siyu.engine.sql import query
from siyu.recommendations.port import Block, Capability
from siyu.recommendations.tables import PACKAGE, keep, table_of
from siyu.recommendations.terms import ITEM_TERMS, VALUE_TERMS, item_terms, value_terms


class ContentOptions(BaseModel):
    """Options of :class:`Content`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    category: float = Field(1.0, ge=0, le=10, description="How much a shared category counts.")
    brand: float = Field(0.7, ge=0, le=10, description="How much a shared brand counts.")
    attribute: float = Field(0.7, ge=0, le=10, description="How much a shared attribute counts.")
    keyword: float = Field(0.7, ge=0, le=10, description="How much a shared word of the title counts.")
    price_band: float = Field(0.1, ge=0, le=10, description="How much a shared price band counts.")
    interests: int = Field(5, ge=1, le=50, description="Interests of each facet that count, the strongest.")
    best_sold: int = Field(40, ge=1, le=1000, description="Products per value: those most people took to lately.")
    newest: int = Field(20, ge=0, le=1000, description="Products per value: the newest, besides.")
    recent: int = Field(90, ge=1, description="Days that lately means.")
    fresh: float = Field(1.0, ge=0, le=10, description="How much being new adds to a match.")
    fresh_days: int = Field(30, ge=1, description="Days for which a product is new.")
    fresh_people: int = Field(5, ge=0, description="A product that more people than this took to is no longer new.")


class Content:
    """Products that carry the values of a person's interests, rare values first.

    Reason ``interest``: ``facet`` and ``value`` of the interest, ``number`` its weight. Reason ``new``: the product was
    first seen ``number`` days ago. Without the dataset ``interests`` it says nothing.
    """

    Options: ClassVar[type[BaseModel]] = ContentOptions
    lane: ClassVar[Lane] = Lane.DISCOVER
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.COLD_ITEMS, Capability.CONTENT})

    def __init__(self, options: ContentOptions) -> None:
        self.options = options

    def fit(self, engine: Engine, now: datetime) -> None:
        """Turn products and interest values into terms, and stock a shelf of products for each term."""
        chosen = self.options
        weights = [(facet.value, float(getattr(chosen, facet.value))) for facet in Facet]
        engine.table("rec_facets", table_of(
            {"facet": [name for name, _ in weights], "weight": [weight for _, weight in weights]},
            facet=pa.string(), weight=pa.float64(),
        ))  # fmt: skip
        engine.map_arrow(_ITEMS, item_terms, ITEM_TERMS, "rec_terms")
        engine.table("rec_terms", "rec_terms")
        engine.map_arrow(_VALUES, value_terms, VALUE_TERMS, "rec_interest_terms")
        engine.table("rec_interest_terms", "rec_interest_terms")
        keep(engine, "rec_shelves", query(
            PACKAGE, "shelves", recent=chosen.recent, best_sold=chosen.best_sold, newest=chosen.newest
        ))  # fmt: skip
        fresh = query(PACKAGE, "fresh", now=now, days=chosen.fresh_days, people=chosen.fresh_people)
        engine.table("rec_fresh", Sql(fresh))

    def evidence(self, people: Block, now: datetime) -> str:
        """One row for each interest a product matches, and one where it is new."""
        return query(
            PACKAGE, "content", first=people.first, last=people.last,
            interests=self.options.interests, fresh=self.options.fresh,
        )  # fmt: skip


_ITEMS = "SELECT code AS item, title, category, brand, attributes, band FROM rec_items WHERE veto IS NULL"
_VALUES = "SELECT DISTINCT facet, value FROM rec_interests WHERE facet IS NOT NULL AND value IS NOT NULL"

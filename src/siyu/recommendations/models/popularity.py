"""What most people bought lately: the answer for people of whom nothing is known."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from siyu.domain.kinds import Lane
from siyu.engine.port import Engine
from siyu.engine.sql import query
from siyu.recommendations.port import Block, Capability
from siyu.recommendations.tables import PACKAGE, keep, table_of


class PopularityOptions(BaseModel):
    """Options of :class:`Popularity`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: tuple[int, ...] = Field(
        (30, 90, 365, 36_500), min_length=1, description="Windows to try, the shortest with enough products is used."
    )
    enough: int = Field(20, ge=1, description="Products bought within a window for it to be enough.")
    kept: int = Field(100, ge=1, le=1000, description="Products kept, the most bought.")


class Popularity:
    """Products by the number of people who bought them in a recent window.

    Reason ``popular``: ``count`` people bought it, net of returns, in the last ``number`` days.
    """

    Options: ClassVar[type[BaseModel]] = PopularityOptions
    lane: ClassVar[Lane] = Lane.DISCOVER
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.COLD_PEOPLE})

    def __init__(self, options: PopularityOptions) -> None:
        self.options = options

    def fit(self, engine: Engine, now: datetime) -> None:
        """Count buyers in each window and keep the best of the chosen one as ``rec_popular``."""
        engine.table("rec_windows", table_of({"days": sorted(set(self.options.days))}, days=pa.int64()))
        sql = query(PACKAGE, "popular_items", enough=self.options.enough, kept=self.options.kept)
        keep(engine, "rec_popular", sql)

    def evidence(self, people: Block, now: datetime) -> str:
        """The same products for everyone."""
        return query(PACKAGE, "popularity", first=people.first, last=people.last)

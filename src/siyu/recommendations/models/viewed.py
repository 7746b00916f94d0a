"""What a person looked at, or put in the cart, without buying it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from siyu.domain.kinds import Lane
from siyu.engine.port import Engine
from siyu.engine.sql import query
from siyu.recommendations.port import Block, Capability
from siyu.recommendations.tables import PACKAGE


class ViewedOptions(BaseModel):
    """Options of :class:`Viewed`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    half_life: float = Field(14.0, gt=0, le=36_500, description="Days after which a look counts half.")


class Viewed:
    """Products a person showed interest in, by how much and how lately.

    Reason ``viewed``: ``count`` looks (or additions to the cart, or clicks), the last of them ``number`` days ago.
    """

    Options: ClassVar[type[BaseModel]] = ViewedOptions
    lane: ClassVar[Lane] = Lane.DISCOVER
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.COLD_ITEMS})

    def __init__(self, options: ViewedOptions) -> None:
        self.options = options

    def fit(self, engine: Engine, now: datetime) -> None:
        """Nothing to learn: the events say it all."""

    def evidence(self, people: Block, now: datetime) -> str:
        """One row a product looked at."""
        return query(PACKAGE, "viewed", first=people.first, last=people.last, half_life=self.options.half_life)

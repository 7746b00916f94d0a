"""Buying again: a person's own habits, and whether the next purchase is due."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from siyu.domain.kinds import Lane
from siyu.engine.port import Engine
from siyu.engine.sql import query
from siyu.recommendations.port import Block, Capability
from siyu.recommendations.tables import PACKAGE, keep


class PersonalFrequencyOptions(BaseModel):
    """Options of :class:`PersonalFrequency`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    half_life: float = Field(120.0, gt=0, le=36_500, description="Days after which a purchase counts half.")
    repeaters: int = Field(
        3, ge=1, description="People who bought a product on two days or more, for it to be one that is bought again."
    )
    prior: float = Field(2.0, ge=0, le=1000, description="Intervals' worth of trust in the product's own interval.")
    early: float = Field(0.8, ge=0, le=1, description="Share of the score left right after a purchase.")
    late: float = Field(0.3, ge=0, le=5, description="Power by which the score falls once the purchase is overdue.")


class PersonalFrequency:
    """Recency-weighted frequency of a person's purchases of a product, times how due it is.

    The expected interval is the person's own mean between purchase days, drawn towards the product's pooled mean.
    Reason ``repeat``: bought on ``count`` days; ``number`` is the person's mean interval in days (``value`` is
    ``person``) or, after a single purchase, that of everyone who bought it again (``everyone``).
    """

    Options: ClassVar[type[BaseModel]] = PersonalFrequencyOptions
    lane: ClassVar[Lane] = Lane.BUY_AGAIN
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.SEQUENCE})

    def __init__(self, options: PersonalFrequencyOptions) -> None:
        self.options = options

    def fit(self, engine: Engine, now: datetime) -> None:
        """Learn how each product is bought again, as ``rec_repeat``."""
        keep(engine, "rec_repeat", query(PACKAGE, "repeat_items"))

    def evidence(self, people: Block, now: datetime) -> str:
        """One row a product bought before that is of the kind that is bought again."""
        values = self.options.model_dump()
        return query(PACKAGE, "personal_frequency", first=people.first, last=people.last, **values)

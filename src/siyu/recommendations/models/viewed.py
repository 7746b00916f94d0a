"""What a person looked at, or put in the cart, without buying it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from siyu.domain.kinds import Lane
from siyu.engine.port import Engine
from siyu.recommendations.links import itself, most
from siyu.recommendations.models.past import places
from siyu.recommendations.people import Act, People, pairs_of
from siyu.recommendations.port import Asked, Blocks, Capability, Reasons, Told
from siyu.recommendations.tables import rows


class ViewedOptions(BaseModel):
    """Options of :class:`Viewed`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    half_life: float = Field(14.0, gt=0, le=36_500, description="Days after which a look counts half.")
    fade: float = Field(
        0.0, ge=0, le=10, description="Power by which products lose weight with every later one: (1 + place) ^ -fade."
    )
    kept: int = Field(200, ge=1, le=5000, description="Products of one person that count, the most looked at.")


class Viewed:
    """Products a person showed interest in, by how much and how lately.

    Reason ``viewed``: ``count`` looks (or additions to the cart, or clicks), the last of them ``number`` days ago.
    """

    Options: ClassVar[type[BaseModel]] = ViewedOptions
    lane: ClassVar[Lane] = Lane.DISCOVER
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.COLD_ITEMS})
    interests = 0

    def __init__(self, options: ViewedOptions) -> None:
        self.options = options

    def fit(self, engine: Engine, people: Blocks, now: datetime) -> None:
        """Nothing to learn: the events say it all."""

    def scorer(self, engine: Engine, now: datetime) -> ViewedScorer:
        """Every product stands for itself."""
        return ViewedScorer(self.options, items=rows(engine, "SELECT count(*) AS items FROM rec_items")[0]["items"])


class ViewedScorer:
    """Asks by the products looked at."""

    words = ("viewed",)
    merged = None

    def __init__(self, options: ViewedOptions, *, items: int) -> None:
        self.options = options
        self.links = itself(items)

    def asked(self, people: People) -> Asked:
        """One key a product looked at; notes hold the looks and the age of the last."""
        at = np.flatnonzero(people.kind <= Act.CLICK)
        pairs = pairs_of(people.row[at], people.item[at])
        if not len(pairs.row):
            return Asked(pairs.row, pairs.item, np.zeros(0), {"looks": pairs.start, "last": np.zeros(0)})
        age = people.age[at]
        value = pairs.sums(people.weight[at] * 0.5 ** (age / self.options.half_life))
        if self.options.fade:
            value *= (
                1.0 + places(pairs.row, np.maximum.reduceat(people.second[at], pairs.start))
            ) ** -self.options.fade
        looks = np.diff(np.r_[pairs.start, len(at)])
        notes = {"looks": looks, "last": np.minimum.reduceat(age, pairs.start)}
        return most(Asked(pairs.row, pairs.item, value, notes), self.options.kept)

    def reasons(self, asked: Asked, told: Told) -> Reasons:
        """How often, and how long ago."""
        looks, last = asked.notes["looks"][told.ask], asked.notes["last"][told.ask]
        return Reasons.of(len(told.ask), kind=0, past=told.item, count=looks, number=last)

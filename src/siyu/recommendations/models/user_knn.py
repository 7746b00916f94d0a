"""User-kNN: what the people most like this one bought lately.

Herlocker et al., "An algorithmic framework for performing collaborative filtering", SIGIR 1999; likeness is the cosine
of recency-weighted histories in which rare products say more, and a neighbour's latest purchases count most, as in
TIFU-kNN (Hu et al., SIGIR 2020).
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import numpy as np
from pydantic import BaseModel, Field
from scipy import sparse

from siyu.domain.kinds import Lane
from siyu.engine.port import Engine
from siyu.recommendations.links import matrix
from siyu.recommendations.models import alike
from siyu.recommendations.models.interactions import Acts, interactions
from siyu.recommendations.models.neighbours import item_count
from siyu.recommendations.models.past import PastOptions, past
from siyu.recommendations.people import People
from siyu.recommendations.port import Asked, Blocks, Capability, Links, Reasons, Told


class UserKnnOptions(PastOptions):
    """Options of :class:`UserKnn`."""

    recent: float = Field(
        120.0, gt=0, le=36_500, description="Days after which an act of the person asked for is half."
    )
    acts: Acts = Field("auto", description="bought: purchases; any: looks too; auto: purchases where there are any.")
    half_life: float = Field(120.0, gt=0, le=36_500, description="Days after which an act counts half in likeness.")
    votes: float = Field(30.0, gt=0, le=36_500, description="Days after which a neighbour's act is recommended half.")
    history: int = Field(200, ge=2, le=2000, description="Products of one person that are learnt from, the latest.")
    rare: float = Field(0.5, ge=0, le=3, description="Power of idf: how much more rare products say.")
    people: int = Field(50_000, ge=1, le=1_000_000, description="People to be like, those who did something latest.")
    neighbours: int = Field(100, ge=1, le=2000, description="People whose acts are recommended, the most like.")


class UserKnn:
    """Like-minded people.

    Reason ``similar``, value ``like-minded``: ``count`` of the people most like this one have the product; ``item`` is
    what the person shares with the nearest of them.
    """

    Options: ClassVar[type[BaseModel]] = UserKnnOptions
    lane: ClassVar[Lane] = Lane.DISCOVER
    capabilities: ClassVar[frozenset[Capability]] = frozenset()
    interests = 0

    def __init__(self, options: UserKnnOptions) -> None:
        self.options = options

    def fit(self, engine: Engine, people: Blocks, now: datetime) -> None:
        """Keep the histories of the latest people, nameless, as ``rec_user_knn``."""
        chosen = self.options
        size = item_count(engine)
        known, lately = (
            interactions(people, size, acts=chosen.acts, half_life=days, history=chosen.history).weights
            for days in (chosen.half_life, chosen.votes)
        )
        latest = np.zeros(known.shape[0])
        filled = np.flatnonzero(np.diff(lately.indptr))
        if len(filled):
            latest[filled] = np.maximum.reduceat(lately.data, lately.indptr[filled])
        kept = np.sort(np.argsort(-latest, kind="stable")[: chosen.people])
        known, lately = known[kept], lately[kept]
        units = alike.Units(known.indptr, known.indices, known.data, lately.data, size)
        data = known.data * units.idf[known.indices] ** chosen.rare
        norms = np.sqrt(np.bincount(np.repeat(np.arange(len(units.sizes)), units.sizes), data**2, len(units.sizes)))
        weight = data / np.repeat(np.maximum(norms, 1e-12), units.sizes)
        alike.publish(engine, "rec_user_knn", alike.Units(units.ends, units.item, weight, units.vote, size))

    def scorer(self, engine: Engine, now: datetime) -> UserKnnScorer:
        """Histories as links from people to products."""
        return UserKnnScorer(self.options, alike.learnt(engine, "rec_user_knn", item_count(engine)))


class UserKnnScorer:
    """Asks by the like-minded."""

    words = ("similar", "like-minded")
    merged = 0

    def __init__(self, options: UserKnnOptions, units: alike.Units) -> None:
        self.options, self.units = options, units
        shape = (len(units.sizes), units.items)
        self.links: Links = sparse.csr_array((units.vote.astype(np.float64), units.item, units.ends), shape=shape)

    def asked(self, people: People) -> Asked:
        """One key a like-minded person; notes hold the product shared."""
        found = past(people, self.options)
        value = found.value * self.units.idf[found.key] ** self.options.rare
        wanted = alike.scaled(matrix(Asked(found.row, found.key, value), people.size, self.units.items))
        met = alike.nearest(wanted, self.units, kept=self.options.neighbours)
        notes = {"shared": self.units.item[met.place], "rows": np.full(len(met.row), people.size)}
        return Asked(met.row, met.unit, met.alike, notes)

    def reasons(self, asked: Asked, told: Told) -> Reasons:
        """The product shared, and how many of the like-minded have what is recommended."""
        return alike.reasons(asked, told, self.links)

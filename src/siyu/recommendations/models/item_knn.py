"""Item-kNN: products are alike that the same people bought; by cosine or by BM25.

Sarwar et al., "Item-based collaborative filtering recommendation algorithms", WWW 2001. BM25 (Robertson and Walker,
1994) weighs a person who bought much less, as a long document, and a product that many bought less, as a common word.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

import numpy as np
from pydantic import BaseModel, Field
from scipy import sparse

from siyu.domain.kinds import Lane
from siyu.engine.port import Engine
from siyu.recommendations.models import neighbours
from siyu.recommendations.models.interactions import Acts, Interactions, interactions
from siyu.recommendations.models.past import PastOptions
from siyu.recommendations.people import Floats
from siyu.recommendations.port import Blocks, Capability, Links


class ItemKnnOptions(PastOptions):
    """Options of :class:`ItemKnn`."""

    measure: Literal["cosine", "bm25"] = Field("bm25", description="How alike two products are.")
    acts: Acts = Field("auto", description="bought: purchases; any: looks too; auto: purchases where there are any.")
    half_life: float = Field(20.0, gt=0, le=36_500, description="Days after which what is learnt from counts half.")
    history: int = Field(200, ge=2, le=2000, description="Products of one person that are learnt from, the latest.")
    least: int = Field(2, ge=1, description="People that two products must share.")
    shrink: float = Field(5.0, ge=0, le=1000, description="Doubt of products with few people: adds to the divisor.")
    normal: float = Field(0.5, ge=0, le=1, description="Power of a person's count of products that divides their say.")
    k1: float = Field(1.2, gt=0, le=100, description="BM25: how soon repetition says no more.")
    b: float = Field(0.75, ge=0, le=1, description="BM25: how much less a person says who bought much.")
    neighbours: int = Field(100, ge=1, le=1000, description="Neighbours kept for each product.")


class ItemKnn:
    """Neighbours over people; reasons as of :class:`.neighbours.NeighbourScorer`."""

    Options: ClassVar[type[BaseModel]] = ItemKnnOptions
    lane: ClassVar[Lane] = Lane.DISCOVER
    capabilities: ClassVar[frozenset[Capability]] = frozenset()
    interests = 0

    def __init__(self, options: ItemKnnOptions) -> None:
        self.options = options

    def fit(self, engine: Engine, people: Blocks, now: datetime) -> None:
        """Measure neighbours, as ``rec_item_knn`` (about products only)."""
        chosen = self.options
        size = neighbours.item_count(engine)
        known = interactions(people, size, acts=chosen.acts, half_life=chosen.half_life, history=chosen.history)
        weighed = self._cosine(known) if chosen.measure == "cosine" else self._bm25(known)
        ones, turned, turned_ones = known.ones, weighed.T.tocsr(), known.ones.T.tocsr()
        squares = np.bincount(weighed.indices, weights=weighed.data.astype(np.float64) ** 2, minlength=size)
        under = 1 / np.sqrt(np.maximum(squares + chosen.shrink, 1e-12))
        found = []
        for block in neighbours.blocks(ones):
            alike = turned[block] @ weighed
            few = (turned_ones[block] @ ones) if chosen.least > 1 else None
            if few is not None:
                alike = alike.multiply(few >= chosen.least).tocsr()
            if chosen.measure == "cosine":
                alike = neighbours.scaled(alike, under[block], under)
            found.append(neighbours.strongest(alike, chosen.neighbours, first=block.start))
        neighbours.publish(engine, "rec_item_knn", known, neighbours.joined(found))

    def scorer(self, engine: Engine, now: datetime) -> neighbours.NeighbourScorer:
        """Neighbours as one table of links."""
        return neighbours.learnt(engine, "rec_item_knn", self.options)

    def _cosine(self, known: Interactions) -> Links:
        """Root weights of age, each person's say divided by a power of how much they bought."""
        sizes = np.diff(known.weights.indptr)
        say = np.repeat(np.maximum(sizes, 1).astype(np.float64) ** (-self.options.normal / 2), sizes)
        return _like(known.weights, np.sqrt(known.weights.data) * say)

    def _bm25(self, known: Interactions) -> Links:
        """Term frequency of what age leaves, times idf."""
        chosen, weights = self.options, known.weights
        sizes = np.diff(weights.indptr)
        length = np.repeat(
            (1 - chosen.b) + chosen.b * sizes / max(float(sizes.mean()) if len(sizes) else 1.0, 1.0), sizes
        )
        support = np.bincount(weights.indices, minlength=known.items)
        idf = np.log1p((len(sizes) - support + 0.5) / (support + 0.5))
        data = weights.data * (chosen.k1 + 1) / (chosen.k1 * length + weights.data) * idf[weights.indices]
        return _like(weights, data)


def _like(links: Links, data: Floats) -> Links:
    return sparse.csr_array((data.astype(np.float32), links.indices, links.indptr), shape=links.shape)

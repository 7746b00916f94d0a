"""ALS: products as points in a few dimensions such that everyone's history lies together (package ``implicit``).

Hu, Koren and Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM 2008. What is kept are the
products' strongest neighbours in that space: with V the products' factors, the weight from i to j is
``v_i' (V'V + ridge I)^-1 v_j``, which is how a person with that product alone would be scored. So a person's latest
acts count without learning anew, and each score tells the past products it comes from.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from pydantic import BaseModel, Field
from scipy import sparse
from threadpoolctl import threadpool_limits

from siyu.domain.kinds import Lane
from siyu.engine.port import Engine
from siyu.recommendations.models import neighbours
from siyu.recommendations.models.interactions import Acts, Interactions, interactions
from siyu.recommendations.models.past import PastOptions
from siyu.recommendations.port import Blocks, Capability

_ROWS = 512
"""Products worked on at a time."""


class AlsOptions(PastOptions):
    """Options of :class:`Als`."""

    acts: Acts = Field("auto", description="bought: purchases; any: looks too; auto: purchases where there are any.")
    half_life: float = Field(60.0, gt=0, le=36_500, description="Days after which what is learnt from counts half.")
    history: int = Field(500, ge=2, le=5000, description="Products of one person that are learnt from, the latest.")
    factors: int = Field(64, ge=1, le=512, description="Dimensions.")
    iterations: int = Field(15, ge=1, le=200, description="Turns of solving people and products.")
    ridge: float = Field(1.0, gt=0, le=10_000, description="Penalty on large factors.")
    confidence: float = Field(10.0, gt=0, le=1000, description="How much more an act says than its absence.")
    seed: int = Field(20_261, ge=0, le=2**31 - 1, description="Of the factors that learning begins with.")
    neighbours: int = Field(100, ge=1, le=1000, description="Neighbours kept of each product.")


class Als:
    """Neighbours in the space of factors; reasons as of :class:`.neighbours.NeighbourScorer`."""

    Options: ClassVar[type[BaseModel]] = AlsOptions
    lane: ClassVar[Lane] = Lane.DISCOVER
    capabilities: ClassVar[frozenset[Capability]] = frozenset()
    interests = 0

    def __init__(self, options: AlsOptions) -> None:
        self.options = options

    def fit(self, engine: Engine, people: Blocks, now: datetime) -> None:
        """Factorise, as ``rec_als`` (about products only)."""
        chosen = self.options
        size = neighbours.item_count(engine)
        known = interactions(people, size, acts=chosen.acts, half_life=chosen.half_life, history=chosen.history)
        neighbours.publish(engine, "rec_als", known, self._found(known))

    def scorer(self, engine: Engine, now: datetime) -> neighbours.NeighbourScorer:
        """Neighbours as one table of links."""
        return neighbours.learnt(engine, "rec_als", self.options)

    def _found(self, known: Interactions) -> neighbours.Found:
        part = np.unique(known.weights.indices)
        if len(part) < 2:
            return neighbours.joined([])
        factors = self._factors(known, part).astype(np.float64)
        inner = factors.T @ factors + self.options.ridge * np.eye(factors.shape[1])
        asking = np.linalg.solve(inner, factors.T).T.astype(np.float32)
        led = factors.T.astype(np.float32)
        found = []
        for first in range(0, len(part), _ROWS):
            block = np.ascontiguousarray(asking[first : first + _ROWS] @ led)
            found.append(neighbours.strongest_dense(block, first, self.options.neighbours))
        one, other, data = neighbours.joined(found)
        return part[one].astype(np.int64), part[other].astype(np.int64), data

    def _factors(self, known: Interactions, part: Any) -> Any:
        """Factors of the products somebody dealt with."""
        chosen, weights = self.options, known.weights
        number = np.searchsorted(part, weights.indices).astype(np.int32)
        data = (1 + chosen.confidence * weights.data).astype(np.float32)
        ends = weights.indptr.astype(np.int32)
        acts = sparse.csr_matrix((data, number, ends), shape=(weights.shape[0], len(part)))
        with threadpool_limits(1, "blas"):  # its own threads do the work
            model = AlternatingLeastSquares(
            factors=min(chosen.factors, len(part)), regularization=chosen.ridge, iterations=chosen.iterations,
            random_state=chosen.seed,
        )  # fmt: skip
            model.fit(acts, show_progress=False)
        return model.item_factors

"""EASE: weights between products such that everyone's history is best told from the rest of it, in closed form.

Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019; recency-weighted, and cut to the strongest
weights of each product, which loses nothing. It inverts a matrix of products by products, so it has an end: beyond
``most`` products it refuses and says what it would need.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field
from scipy import sparse
from scipy.linalg import lapack

from siyu.domain.errors import SettingsError
from siyu.domain.kinds import Lane
from siyu.engine.port import Engine
from siyu.recommendations.models import neighbours
from siyu.recommendations.models.interactions import Acts, interactions
from siyu.recommendations.models.past import PastOptions
from siyu.recommendations.people import Ints
from siyu.recommendations.port import Blocks, Capability, Links

Dense: TypeAlias = NDArray[np.float32]

_ROWS: Final = 512
"""Rows of the dense matrix worked on at a time."""


class EaseOptions(PastOptions):
    """Options of :class:`Ease`."""

    acts: Acts = Field("auto", description="bought: purchases; any: looks too; auto: purchases where there are any.")
    half_life: float = Field(30.0, gt=0, le=36_500, description="Days after which what is learnt from counts half.")
    history: int = Field(500, ge=2, le=5000, description="Products of one person that are learnt from, the latest.")
    ridge: float = Field(50.0, gt=0, le=100_000, description="Penalty on large weights, in people.")
    least: int = Field(2, ge=1, description="People a product needs to take part.")
    most: int = Field(20_000, ge=2, le=60_000, description="Products at most; memory grows with their square.")
    neighbours: int = Field(100, ge=1, le=1000, description="Weights kept of each product.")


class Ease:
    """Weights of all products that somebody bought; reasons as of :class:`.neighbours.NeighbourScorer`."""

    Options: ClassVar[type[BaseModel]] = EaseOptions
    lane: ClassVar[Lane] = Lane.DISCOVER
    capabilities: ClassVar[frozenset[Capability]] = frozenset()
    interests = 0

    def __init__(self, options: EaseOptions) -> None:
        self.options = options

    def fit(self, engine: Engine, people: Blocks, now: datetime) -> None:
        """Solve, as ``rec_ease`` (about products only).

        Raises:
            SettingsError: there are more products than ``most``.
        """
        chosen = self.options
        size = neighbours.item_count(engine)
        known = interactions(people, size, acts=chosen.acts, half_life=chosen.half_life, history=chosen.history)
        part = np.flatnonzero(np.bincount(known.weights.indices, minlength=size) >= chosen.least)
        if len(part) > chosen.most:
            raise too_many(len(part), chosen.most)
        found = solved(_only(known.weights, part), chosen.ridge, chosen.neighbours)
        one, other, data = found
        neighbours.publish(engine, "rec_ease", known, (part[one], part[other], data))

    def scorer(self, engine: Engine, now: datetime) -> neighbours.NeighbourScorer:
        """Weights as one table of links."""
        return neighbours.learnt(engine, "rec_ease", self.options)


def too_many(products: int, most: int) -> SettingsError:
    """The refusal, with figures: one matrix of float32 and a fifth beside it."""
    need = products**2 * 4 * 1.2 / 1e9
    return SettingsError(
        f"EASE has {products:,} products to solve for and stops at {most:,}.",
        why=f"It inverts a matrix of products by products: {need:.1f} GB of memory, {products**3 * 2 / 1e12:,.0f} tera "
        "operations.",
        next_step="Raise recommendations.options.ease.least (people a product needs) or .most, or use item_knn or als.",
        products=products,
        gigabytes=round(need, 1),
    )


def solved(weights: Links, ridge: float, kept: int) -> neighbours.Found:
    """The ``kept`` greatest weights of each product: from it (row) to others.

    With P the inverse of (X'X + ridge I) the weight from i to j is -P_ij / P_jj.
    """
    items = weights.shape[1]
    if items < 2:
        return neighbours.joined([])
    inverse = _inverse(_gram(weights), ridge)
    under = np.diag(inverse).copy()
    found = []
    for first in range(0, items, _ROWS):
        block = inverse[first : first + _ROWS] / -under[None, :]
        found.append(neighbours.strongest_dense(block, first, kept))
    return neighbours.joined(found)


def _gram(weights: Links) -> Dense:
    """X'X, dense, a block of rows at a time."""
    items = weights.shape[1]
    gram = np.zeros((items, items), np.float32)
    turned = weights.T.tocsr()
    for first in range(0, items, _ROWS):  # few rows at a time: a block of all would be a second matrix
        gram[first : first + _ROWS] = (turned[first : first + _ROWS] @ weights).toarray()
    return gram


def _inverse(gram: Dense, ridge: float) -> Dense:
    """The inverse of ``gram`` + ridge I, in place: a second matrix of this size would not fit."""
    diagonal = np.diag(gram).copy()
    fortran: Any = gram.T  # symmetric, and in the order that LAPACK works on without a copy
    while True:
        gram.flat[:: len(gram) + 1] = diagonal + np.float32(ridge)
        factor, failed = lapack.spotrf(fortran, lower=1, clean=0, overwrite_a=1)
        if not failed:
            break
        ridge *= 4  # rounding made it indefinite; the other half still holds the matrix
        _mirror(gram, upper=False)
    inverse, _ = lapack.spotri(factor, lower=1, overwrite_c=1)
    whole: Dense = inverse.T
    _mirror(whole, upper=True)
    return whole


def _mirror(matrix: Dense, *, upper: bool) -> None:
    """Copy the upper half (or the lower) onto the other, a block at a time."""
    size = len(matrix)
    for first in range(0, size, _ROWS):
        rows = slice(first, min(first + _ROWS, size))
        here = matrix[rows, rows]
        kept = np.triu(here) if upper else np.tril(here)
        matrix[rows, rows] = kept + (np.triu(kept, 1) if upper else np.tril(kept, -1)).T
        rest = slice(rows.stop, size)
        if upper:
            matrix[rest, rows] = matrix[rows, rest].T
        else:
            matrix[rows, rest] = matrix[rest, rows].T


def _only(weights: Links, part: Ints) -> Links:
    """The columns of these products, numbered anew."""
    number = np.full(weights.shape[1], -1, np.int32)
    number[part] = np.arange(len(part), dtype=np.int32)
    kept = np.flatnonzero(number[weights.indices] >= 0)
    ends = np.searchsorted(kept, weights.indptr)
    return sparse.csr_array(
        (weights.data[kept], number[weights.indices[kept]], ends), shape=(weights.shape[0], len(part))
    )

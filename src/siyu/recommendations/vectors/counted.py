"""Word vectors in closed form: what words keep company with, in texts and between products bought by the same people.

Positive pointwise mutual information of words, factorised: what skip-gram with negative sampling does implicitly (Levy
and Goldberg, "Neural word embedding as implicit matrix factorization", NIPS 2014; smoothing and the power of singular
values after Levy, Goldberg and Dagan, TACL 2015).
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field
from scipy import sparse

from siyu.engine.port import Engine
from siyu.recommendations.port import Links
from siyu.recommendations.vectors.corpus import Corpus
from siyu.recommendations.vectors.port import Vectors
from siyu.recommendations.vectors.subwords import filled
from siyu.recommendations.vectors.weighing import meant

_TURNS = 4
_SPARE = 16


class CountedOptions(BaseModel):
    """Options of :class:`Counted`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: int = Field(256, ge=2, le=1024, description="Dimensions.")
    least: int = Field(2, ge=1, le=1000, description="Products with a word, below which it is made of its characters.")
    vocabulary: int = Field(30_000, ge=10, le=200_000, description="Words that learn a vector, those of most products.")
    sessions: float = Field(1.0, ge=0, le=100, description="How much products of the same people say, beside texts.")
    smooth: float = Field(0.75, gt=0, le=1, description="Power of counts of contexts; below 1 rare ones count less.")
    power: float = Field(0.5, ge=0, le=1, description="Power of singular values.")
    seed: int = Field(20_261, ge=0, le=2**31 - 1, description="Of the directions that factorising begins with.")


class Counted:
    """Needs nothing but the shop's own data."""

    Options: ClassVar[type[BaseModel]] = CountedOptions

    def __init__(self, options: CountedOptions) -> None:
        self.options = options

    def products(self, corpus: Corpus, together: Links, engine: Engine) -> Vectors:
        """The mean of the words of each product."""
        return meant(corpus, filled(corpus.words, self.words(corpus, together)))

    def words(self, corpus: Corpus, together: Links) -> Vectors:
        """A vector for each word that enough products have; zeros for others."""
        chosen = self.options
        with_it = np.bincount(corpus.counts.indices, minlength=len(corpus.words))
        ranked = np.lexsort((np.arange(len(with_it)), -with_it))[: chosen.vocabulary]
        common = np.sort(ranked[with_it[ranked] >= chosen.least])
        whole = np.zeros((len(corpus.words), chosen.size), np.float32)
        if len(common):
            counts = sparse.csr_array(corpus.counts[:, common])
            company = pairs(counts, together, chosen.sessions)
            found = factors(informed(company, chosen.smooth), chosen.size, chosen.power, chosen.seed)
            whole[common, : found.shape[1]] = found
        return whole


def pairs(counts: Links, together: Links, sessions: float) -> Links:
    """How often words meet: in one text, and (times ``sessions``) in two products that go together.

    Each text and each product says as much as any other, however long or popular.
    """
    length = np.asarray(counts.sum(axis=1), np.float64)
    even = sparse.csr_array(counts * (1.0 / np.sqrt(np.maximum(length, 1.0)))[:, None]).astype(np.float32)
    met = sparse.csr_array(even.T @ even)
    if sessions and together.nnz:
        each = 1.0 / np.maximum(np.asarray(together.sum(axis=1), np.float64), 1e-9)
        beside = sparse.csr_array(even.T @ (sparse.csr_array(together * each[:, None]).astype(np.float32) @ even))
        met = sparse.csr_array(met + (beside + beside.T) * np.float32(sessions / 2))
    met.setdiag(0)
    met.eliminate_zeros()
    met.sort_indices()
    return met


def informed(met: Links, smooth: float) -> Links:
    """Positive pointwise mutual information of counts.

    Example:
        Two words that meet only each other, beside two like them: ``ln(2)``.

        >>> two = sparse.csr_array(np.kron(np.eye(2), np.array([[0.0, 3.0], [3.0, 0.0]])))
        >>> [round(float(value), 3) for value in informed(two, 1.0).toarray()[0]]
        [0.0, 1.386, 0.0, 0.0]
    """
    row = np.repeat(np.arange(met.shape[0]), np.diff(met.indptr))
    of_word = np.asarray(met.sum(axis=1), np.float64)
    of_context = np.asarray(met.sum(axis=0), np.float64) ** smooth
    chance = of_word[row] * (of_context / max(float(of_context.sum()), 1e-300))[met.indices]
    told = np.log(np.divide(met.data, chance, out=np.ones(met.nnz), where=chance > 0))
    found = sparse.csr_array((np.maximum(told, 0).astype(np.float32), met.indices, met.indptr), shape=met.shape)
    found.eliminate_zeros()
    return found


def factors(matrix: Links, size: int, power: float, seed: int) -> Vectors:
    """Left singular vectors times singular values to ``power``, by a seeded random start and subspace iteration.

    Halko, Martinsson and Tropp, SIAM Review 53 (2011). Signs are fixed: of each column the greatest value is positive.
    """
    width = min(size + _SPARE, *matrix.shape)
    start = np.random.default_rng(seed).standard_normal((matrix.shape[1], width), dtype=np.float32)
    basis = np.linalg.qr(matrix @ start)[0]
    for _ in range(_TURNS):
        basis = np.linalg.qr(matrix @ np.linalg.qr(matrix.T @ basis)[0])[0]
    small, value, _ = np.linalg.svd((matrix.T @ basis).T, full_matrices=False)
    kept = min(size, int(np.count_nonzero(value > value.max(initial=0.0) * 1e-6)))
    left = (basis @ small)[:, :kept]
    left *= np.sign(left[np.abs(left).argmax(axis=0), np.arange(kept)])[None, :] if kept else 1
    return np.asarray(left * value[:kept] ** power, np.float32)

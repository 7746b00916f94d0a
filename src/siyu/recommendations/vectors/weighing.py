"""Words to products: means by how much each word tells, and what two products share in words."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from siyu.recommendations.people import Ints
from siyu.recommendations.port import Links
from siyu.recommendations.vectors.corpus import Corpus
from siyu.recommendations.vectors.port import Vectors

_PAIRS = 200_000
"""Pairs of products whose words are compared at a time."""


def telling(corpus: Corpus) -> Links:
    """Products by words, times how much each word tells, every product of length 1: TF-IDF."""
    weighed = sparse.csr_array(corpus.counts * corpus.idf.astype(np.float32)[None, :])
    length = np.sqrt(np.asarray((weighed * weighed).sum(axis=1), np.float64))
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    return sparse.csr_array(weighed * scale.astype(np.float32)[:, None])


def meant(corpus: Corpus, words: Vectors) -> Vectors:
    """The mean of the vectors of each product's words, weighed by how much they tell, at length 1."""
    return unit(np.asarray(telling(corpus) @ unit(words), np.float32))


def unit(vectors: Vectors) -> Vectors:
    """Rows of length 1; rows of zeros, and what is no number, stay or become zeros."""
    with np.errstate(over="ignore", invalid="ignore"):
        length = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    sane = np.isfinite(length) & (length > 1e-12)
    scaled = np.divide(vectors, length, out=np.zeros(vectors.shape), where=sane)
    return np.asarray(scaled, np.float32)


def shared(corpus: Corpus, one: Ints, other: Ints) -> tuple[Ints, Ints]:
    """For pairs of products: the word both have that tells most (-1 for none), and how many words both have."""
    best, count = np.full(len(one), -1, np.int64), np.zeros(len(one), np.int64)
    had = corpus.counts
    tells = sparse.csr_array((np.ones(had.nnz), had.indices, had.indptr), shape=had.shape)
    weighed = sparse.csr_array(tells * corpus.idf[None, :])
    for first in range(0, len(one), _PAIRS):
        both = sparse.csr_array(weighed[one[first : first + _PAIRS]].multiply(tells[other[first : first + _PAIRS]]))
        both.sort_indices()
        row = np.repeat(np.arange(both.shape[0]), np.diff(both.indptr))
        order = np.lexsort((both.indices, -np.round(both.data, 6), row))
        start = both.indptr[:-1][np.diff(both.indptr) > 0]
        best[first + row[start]] = both.indices[order[start]]
        count[first : first + both.shape[0]] = np.diff(both.indptr)
    return best, count

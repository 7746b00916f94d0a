"""Who is near whom: products of the same people, products of like vectors, the nearest of each."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from siyu.recommendations.models import neighbours
from siyu.recommendations.models.interactions import Interactions
from siyu.recommendations.people import Mask
from siyu.recommendations.port import Links
from siyu.recommendations.vectors.port import Vectors
from siyu.recommendations.vectors.weighing import unit

_ROWS = 512


def together(known: Interactions, kept: int, least: int) -> Links:
    """Products by products: cosine of who dealt with them, the ``kept`` highest of each, ``least`` people with both."""
    ones = known.ones
    turned = ones.T.tocsr()
    support = np.sqrt(np.maximum(np.bincount(ones.indices, minlength=known.items), 1.0))
    found = []
    for block in neighbours.blocks(ones):
        both = sparse.csr_array(turned[block] @ ones)
        both.data[both.data < least] = 0
        both = neighbours.scaled(both, 1.0 / support[block], 1.0 / support)
        found.append(neighbours.strongest(both, kept, first=block.start))
    item, other, strength = neighbours.joined(found)
    ends = np.searchsorted(item, np.arange(known.items + 1))
    return sparse.csr_array((strength.astype(np.float32), other, ends), shape=(known.items, known.items))


def blended(texts: Vectors, near: Links, sessions: float) -> Vectors:
    """What products are by their texts, and by the texts of what the same people took, as far as they are known.

    A product that nobody has is what its text says; the more others surround it, the more they count.
    """
    if not sessions or not near.nnz:
        return texts
    company = np.asarray(near @ texts, np.float32)
    surrounded = np.diff(near.indptr) / (np.diff(near.indptr) + 5.0)
    return unit(texts + unit(company) * (sessions * surrounded)[:, None].astype(np.float32))


def nearest(vectors: Vectors, words: Links, exact: float, kept: tuple[int, float], may: Mask) -> neighbours.Found:
    """The products of highest cosine for each, as many and as high as ``kept`` says; only those that ``may`` be found.

    The cosine is that of vectors, and for a share ``exact`` that of the words themselves (TF-IDF).
    """
    parts, turned = [], sparse.csr_array(words.T)
    for first in range(0, len(vectors), _ROWS):
        block = vectors[first : first + _ROWS] @ vectors.T
        if exact:
            same = sparse.csr_array(words[first : first + _ROWS] @ turned).toarray()
            block = block * np.float32(1 - exact) + same * np.float32(exact)
        np.minimum(block, np.float32(1.0), out=block)
        block[:, ~may] = 0
        block[block < max(kept[1], 1e-6)] = 0
        parts.append(neighbours.strongest_dense(block, first, kept[0]))
    return neighbours.joined(parts)

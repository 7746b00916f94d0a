"""Words from the characters they are made of: a vector for a word that was too rare to learn one.

After Bojanowski, Grave, Joulin and Mikolov, "Enriching word vectors with subword information", TACL 2017; here the
vector of a piece is the mean of the words that hold it, in closed form.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from siyu.recommendations.port import Links
from siyu.recommendations.vectors.port import Vectors


def pieces(word: str) -> list[str]:
    """Runs of characters of a word: 3 to 5 with its ends marked; 1 to 3, unmarked, where it has others than ASCII.

    Example:
        >>> pieces("mug")
        ['<mu', 'mug', 'ug>', '<mug', 'mug>', '<mug>']
        >>> pieces("茶杯")
        ['茶', '杯', '茶杯']
    """
    marked, sizes = (f"<{word}>", (3, 4, 5)) if word.isascii() else (word, (1, 2, 3))
    return [marked[at : at + size] for size in sizes for at in range(len(marked) - size + 1)]


def filled(words: Sequence[str], vectors: Vectors) -> Vectors:
    """``vectors`` with rows of zeros made from the pieces that the word shares with others; rare pieces count more."""
    known = np.any(vectors != 0, axis=1)
    if known.all() or not known.any():
        return vectors
    made = _made_of(words)
    holders = np.asarray(made[known].sum(axis=0), np.float64)
    telling = np.where(holders > 0, 1.0 / np.maximum(holders, 1.0), 0.0)
    of_pieces = made[known].T @ vectors[known] * telling[:, None].astype(np.float32)
    rare = sparse.csr_array(made[~known] * (telling / np.log1p(holders + 1.0))[None, :])
    guessed = np.asarray(rare @ of_pieces, np.float32)
    whole = vectors.copy()
    whole[~known] = guessed * _scale(guessed, float(np.median(np.linalg.norm(vectors[known], axis=1))))
    return whole


def _made_of(words: Sequence[str]) -> Links:
    """Words by pieces."""
    place: dict[str, int] = {}
    found = [[place.setdefault(piece, len(place)) for piece in dict.fromkeys(pieces(word))] for word in words]
    ends = np.cumsum([0, *map(len, found)])
    at = np.fromiter((one for row in found for one in row), np.int32, int(ends[-1]))
    return sparse.csr_array((np.ones(len(at), np.float32), at, ends), shape=(len(words), len(place)))


def _scale(vectors: Vectors, length: float) -> Vectors:
    """Factors that give each row this length; a guess weighs half of what is known."""
    norm = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.divide(length / 2, norm, out=np.zeros_like(norm), where=norm > 0), np.float32)

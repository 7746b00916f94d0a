"""How a review sounds, learned from reviews with ratings: naive Bayes weights on n-grams, then logistic regression.

Wang and Manning, "Baselines and bigrams: simple, good sentiment and topic classification" (ACL 2012). Chinese goes by
character and other scripts by word, up to three in a row: one model serves mixed texts and needs no dictionary.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit

from siyu.text.normalise import fold

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import CountVectorizer

Floats = NDArray[np.float32]

LEAST: Final = 100
"""Reviews of each kind that are needed to learn from."""

_LONGEST = 2_000
"""Characters of a review that are looked at."""
_HAN = re.compile(r"([\u3400-\u9fff\uf900-\ufaff])")
_MARK = re.compile(r"([^\w\s])")
_STRENGTHS = (0.25, 1.0, 4.0)


@dataclass(frozen=True, slots=True)
class NotLearned:
    """No model, and why."""

    why: Literal["few-good", "few-bad"]


@dataclass(frozen=True, slots=True)
class Held:
    """How well the model did on the tenth of the reviews that it did not learn from."""

    reviews: int
    accuracy: float
    brier: float


@dataclass(frozen=True, slots=True)
class Opinions:
    """A learned model.

    Attributes:
        terms: n-grams, units joined by blanks, ascending.
        weights: what each adds; above 0 speaks for a good review.
        bias: what is there before any.
        reviews: how many it learned from.
        held: how it did on others.
    """

    terms: tuple[str, ...]
    weights: Floats
    bias: float
    reviews: int
    held: Held

    def chances(self, texts: Sequence[str | None]) -> NDArray[np.float64]:
        """For each text the chance that its writer was satisfied; .5 where the text says nothing.

        Example:
            >>> good, bad = ["很好，喜欢", "great, love it"] * 99, ["太差，退货", "broken, bad"] * 99
            >>> model = learn([f"{text} {n}" for n, text in enumerate(good + bad)], [True] * 198 + [False] * 198)
            >>> (model.chances(["很好", "bad", ""]) > 0.5).tolist()
            [True, False, False]
        """
        counts = _counter(self.terms).transform([spaced(text or "") for text in texts])
        return _chances(counts, self.weights, self.bias)

    def drivers(self, text: str, most: int = 5) -> list[tuple[str, float]]:
        """The n-grams that decide, strongest first, with what each adds; for explanations."""
        row = _scaled(_counter(self.terms).transform([spaced(text)]))
        parts = row.data * self.weights[row.indices]
        order = np.argsort(-np.abs(parts), kind="stable")[:most]
        return [(self.terms[row.indices[place]], float(parts[place])) for place in order]


def learn(texts: Sequence[str | None], good: Sequence[bool]) -> Opinions | NotLearned:
    """Learn from reviews and whether their writers were satisfied.

    Equal texts fall on the same side of every split, so that no review is judged by its own copy. The strength of
    regularisation is chosen on one tenth and judged on another; the model returned then learns from all.
    """
    labels = np.asarray(good, dtype=np.bool_)
    if labels.sum() < LEAST:
        return NotLearned("few-good")
    if (~labels).sum() < LEAST:
        return NotLearned("few-bad")
    units = [spaced(text or "") for text in texts]
    counter = _counter()
    counts = counter.fit_transform(units)
    tenth = np.array([_tenth(text) for text in units])
    held, chosen = tenth == 0, tenth == 1
    best = max(_STRENGTHS, key=lambda strength: _judged(counts, labels, tenth > 1, chosen, strength).accuracy)
    judged = _judged(counts, labels, ~held, held, best)
    weights, bias = _fit(counts, labels, np.ones(labels.size, np.bool_), best)
    used = np.flatnonzero(weights)
    terms = counter.get_feature_names_out()[used]
    return Opinions(tuple(terms.tolist()), weights[used], bias, labels.size, judged)


def spaced(text: str) -> str:
    """``text`` as units with blanks between: Han characters, words of other scripts, marks.

    Example:
        >>> spaced("质量Good，很好!")
        '质 量 good , 很 好 !'
    """
    return " ".join(_MARK.sub(r" \1 ", _HAN.sub(r" \1 ", fold(text[:_LONGEST]))).split())


def _tenth(text: str) -> int:
    return int.from_bytes(hashlib.blake2s(text.encode(), digest_size=4).digest(), "big") % 10


def _counter(terms: Sequence[str] | None = None) -> CountVectorizer:
    from sklearn.feature_extraction.text import CountVectorizer  # deferred: not every day brings reviews

    return CountVectorizer(
        lowercase=False,
        token_pattern=r"\S+",  # noqa: S106 - a pattern
        ngram_range=(1, 3),
        min_df=1 if terms else 2,
        vocabulary=terms,
        dtype=np.float32,
    )


def _scaled(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Damped counts, rows of length 1."""
    damped = counts.copy()
    damped.data = 1 + np.log(damped.data)
    lengths = np.sqrt(np.asarray(damped.multiply(damped).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags((1 / np.maximum(lengths, 1e-9)).astype(np.float32)) @ damped)


def _fit(
    counts: sparse.csr_matrix, labels: NDArray[np.bool_], rows: NDArray[np.bool_], strength: float
) -> tuple[Floats, float]:
    """A weight for every column (0 where fewer than two of the ``rows`` have it) and the bias."""
    used = np.flatnonzero(counts[rows].getnnz(axis=0) > 1)
    matrix, wanted = _scaled(counts[rows][:, used]), labels[rows]
    sums = [1 + np.asarray(matrix[side].sum(axis=0)).ravel() for side in (wanted, ~wanted)]
    ratio = np.log(sums[0] / sums[0].sum()) - np.log(sums[1] / sums[1].sum())
    from sklearn.linear_model import LogisticRegression  # deferred: only a fit needs it

    solver = LogisticRegression(C=strength, solver="liblinear", random_state=0)
    solver.fit(matrix @ sparse.diags(ratio.astype(np.float32)), wanted)
    weights = np.zeros(counts.shape[1], dtype=np.float32)
    weights[used] = solver.coef_[0] * ratio
    return weights, float(solver.intercept_[0])


def _judged(
    counts: sparse.csr_matrix,
    labels: NDArray[np.bool_],
    rows: NDArray[np.bool_],
    held: NDArray[np.bool_],
    strength: float,
) -> Held:
    """How a model of ``rows`` does on ``held``."""
    if not held.any() or len(set(labels[rows].tolist())) == 1:
        return Held(0, 0.0, 0.0)
    weights, bias = _fit(counts, labels, rows, strength)
    known = counts[held][:, np.flatnonzero(weights)]
    chances = _chances(known, weights[weights != 0], bias)
    right = (chances > 0.5) == labels[held]
    return Held(int(held.sum()), float(right.mean()), float(((chances - labels[held]) ** 2).mean()))


def _chances(counts: sparse.csr_matrix, weights: Floats, bias: float) -> NDArray[np.float64]:
    sums = np.asarray(_scaled(counts) @ weights, dtype=np.float64).ravel()
    return np.where(counts.getnnz(axis=1) > 0, expit(sums + bias), 0.5)

"""A ranker of texts: logistic regression on the differences of pairs whose results are known.

A text is seen three ways: words and pairs of words, runs of letters (both TF-IDF), and the features a marketer would
name. Pairs count by how surely one of them won, so that noise teaches little. The score of a text is a sum, so every
score can be told by the words that drive it. Where nothing was learnt the score is 0 for every text: neutral.

Sources: pairwise ranking by logistic regression (Bradley & Terry, 1952; Burges et al., ICML 2005). A score says which
of two texts for the *same* readers and product is likelier to be followed, nothing of how often.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from scipy import sparse

from siyu.feedback.ranking.features import NAMES, named

FORMAT: Final = 1
Vector = np.ndarray[Any, np.dtype[np.float64]]
_UNIT: Final = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*|\d+|[\u4e00-\u9fff]|[?？!！.。,，:：…]")
_LEAST_PAIRS: Final = 50
_SURE: Final = 16.0
"""The most that one pair counts: z squared of 4."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts shown to the same readers, and by how many standard errors the first did better (below 0: worse)."""

    first: str
    second: str
    z: float


@dataclass(frozen=True)
class Ranker:
    """What was learnt; :func:`neutral` where nothing was.

    Attributes:
        words, runs: n-grams to their (inverse document frequency, weight).
        means, scales, weights: of the named features.
        trained_on: how many pairs, and what they were, for whoever reads a score.
    """

    words: dict[str, tuple[float, float]]
    runs: dict[str, tuple[float, float]]
    means: Vector
    scales: Vector
    weights: Vector
    trained_on: dict[str, Any]

    @property
    def neutral(self) -> bool:
        """Whether nothing was learnt."""
        return not self.trained_on.get("pairs")

    def scores(self, texts: Sequence[str]) -> Vector:
        """Log odds against a text of score 0; only differences mean something."""
        if self.neutral:
            return np.zeros(len(texts))
        found = np.clip((named(texts) - self.means) / self.scales, -4, 4) @ self.weights
        for place, text in enumerate(texts):
            found[place] += sum(_parts(_grams(text), self.words).values())
            found[place] += sum(_parts(_runs(text), self.runs).values())
        return found

    def drivers(self, text: str, count: int = 5) -> list[tuple[str, float]]:
        """What moves the score of a text most, strongest first: its words, and named features in angle brackets."""
        if self.neutral:
            return []
        parts = _parts(_grams(text), self.words)
        told = np.clip((named([text])[0] - self.means) / self.scales, -4, 4) * self.weights
        parts |= {f"<{name}>": float(value) for name, value in zip(NAMES, told, strict=True)}
        return sorted(parts.items(), key=lambda one: (-abs(one[1]), one[0]))[:count]

    def dumps(self) -> str:
        """As JSON."""
        told = {"format": FORMAT, "words": self.words, "runs": self.runs, "trained_on": self.trained_on}
        arrays = {name: getattr(self, name).tolist() for name in ("means", "scales", "weights")}
        return json.dumps({**told, **arrays}, ensure_ascii=False, sort_keys=True)

    @classmethod
    def loads(cls, text: str) -> Ranker:
        """The ranker that :meth:`dumps` wrote; neutral where it is of another format."""
        told = json.loads(text)
        if told.get("format") != FORMAT:
            return neutral()
        words, runs = ({key: (float(a), float(b)) for key, (a, b) in told[name].items()} for name in ("words", "runs"))
        means, scales, weights = (np.asarray(told[name], float) for name in ("means", "scales", "weights"))
        return cls(words, runs, means, scales, weights, told["trained_on"])


def neutral() -> Ranker:
    """A ranker that has learnt nothing.

    Example:
        >>> neutral().scores(["a", "b"]).tolist()
        [0.0, 0.0]
    """
    none = np.zeros(len(NAMES))
    return Ranker({}, {}, none, none + 1, none, {"pairs": 0})


def learn(pairs: Sequence[Pair], *, source: str, strength: float = 0.1, least: int = 4) -> Ranker:
    """Learn from pairs; neutral where there are fewer than fifty.

    Args:
        source: what the pairs are, kept with the ranker and told with every score.
        strength: inverse of the penalty on weights (scikit-learn's ``C``).
        least: texts a run of words must stand in; twice as many for a run of letters.
    """
    from sklearn.linear_model import LogisticRegression  # deferred: slow to import, and most runs learn nothing

    known = [pair for pair in pairs if pair.first != pair.second and np.isfinite(pair.z) and pair.z != 0]
    if len(known) < _LEAST_PAIRS:
        return neutral()
    texts = list(dict.fromkeys(text for pair in known for text in (pair.first, pair.second)))
    place = {text: at for at, text in enumerate(texts)}
    hand = named(texts)
    means, scales = hand.mean(axis=0), np.where(hand.std(axis=0) > 0, hand.std(axis=0), 1.0)
    words, runs = _idf([_grams(text) for text in texts], least), _idf([_runs(text) for text in texts], 2 * least)
    columns = [_matrix(texts, _grams, words), _matrix(texts, _runs, runs)]
    plain = sparse.csr_array(np.clip((hand - means) / scales, -4, 4) * _HAND)
    seen = sparse.hstack([*columns, plain], format="csr")
    first = seen[[place[pair.first] for pair in known]]
    gap = first - seen[[place[pair.second] for pair in known]]
    won = np.array([pair.z > 0 for pair in known])
    sure = np.minimum(np.array([pair.z for pair in known]) ** 2, _SURE)
    model = LogisticRegression(C=strength, fit_intercept=False, max_iter=500)
    both = sparse.vstack([gap, -gap], format="csr")
    model.fit(both, np.concatenate([won, ~won]), sample_weight=np.tile(sure / sure.mean(), 2))
    weight = model.coef_[0]
    ends = np.cumsum([len(words), len(runs)])
    return Ranker(
        {gram: (idf, float(w)) for (gram, idf), w in zip(words.items(), weight[: ends[0]], strict=True)},
        {gram: (idf, float(w)) for (gram, idf), w in zip(runs.items(), weight[ends[0] : ends[1]], strict=True)},
        means, scales, weight[ends[1] :] * _HAND, {"pairs": len(known), "texts": len(texts), "source": source},
    )  # fmt: skip


_HAND: Final = 0.3
"""Named features weigh less than words before learning: they are few, and would explain what words explain better."""


def _grams(text: str) -> list[str]:
    units = [unit.casefold() for unit in _UNIT.findall(text)]
    return units + [f"{one} {other}" for one, other in pairwise(units)]


def _runs(text: str) -> list[str]:
    found: list[str] = []
    for word in text.casefold().split():
        padded = f" {word} "
        for size in (2, 3, 4, 5):
            found += [padded[at : at + size] for at in range(len(padded) - size + 1)]
    return found


def _idf(lists: Sequence[Sequence[str]], least: int) -> dict[str, float]:
    counts: dict[str, int] = {}
    for grams in lists:
        for gram in set(grams):
            counts[gram] = counts.get(gram, 0) + 1
    return {gram: float(np.log((1 + len(lists)) / (1 + n)) + 1) for gram, n in sorted(counts.items()) if n >= least}


def _shares(grams: Sequence[str], idf: dict[str, float]) -> dict[str, float]:
    """TF-IDF with logarithmic counts, of length 1."""
    counts: dict[str, int] = {}
    for gram in grams:
        if gram in idf:
            counts[gram] = counts.get(gram, 0) + 1
    raw = {gram: (1 + float(np.log(n))) * idf[gram] for gram, n in counts.items()}
    length = float(np.sqrt(sum(value * value for value in raw.values()))) or 1.0
    return {gram: value / length for gram, value in raw.items()}


def _parts(grams: Sequence[str], known: dict[str, tuple[float, float]]) -> dict[str, float]:
    shares = _shares(grams, {gram: known[gram][0] for gram in grams if gram in known})
    return {gram: share * known[gram][1] for gram, share in shares.items()}


def _matrix(texts: Sequence[str], grams: Any, idf: dict[str, float]) -> Any:
    column = {gram: at for at, gram in enumerate(idf)}
    rows, columns, values = [], [], []
    for row, text in enumerate(texts):
        for gram, share in _shares(grams(text), idf).items():
            rows.append(row)
            columns.append(column[gram])
            values.append(share)
    return sparse.csr_array((values, (rows, columns)), shape=(len(texts), len(idf)))

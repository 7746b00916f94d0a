"""The learned ranker: LightGBM's lambdarank puts the best candidates of a blend in order.

Burges, "From RankNet to LambdaRank to LambdaMART", 2010; Ke et al., "LightGBM", NIPS 2017. It sees candidates of the
blend only, so filters and reasons stay those of the models; the scores of a person's candidates are handed out anew in
its order, so that they mean to diversity what they meant before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy import sparse

from siyu.domain.kinds import Lane
from siyu.recommendations import ranking
from siyu.recommendations.hybrid import features
from siyu.recommendations.hybrid.features import Candidates, Renown
from siyu.recommendations.people import Floats, Ints, People
from siyu.recommendations.port import Links

if TYPE_CHECKING:
    from siyu.recommendations.scoring import Heard, LaneScoring, Question

CANDIDATES: Final = 100
"""Of each person, the best of the blend, that are put in order."""

_PARAMETERS: Final = {
    "objective": "lambdarank", "lambdarank_truncation_level": 25, "num_leaves": 15, "learning_rate": 0.06,
    "min_data_in_leaf": 50, "lambda_l2": 5.0, "feature_fraction": 0.7, "bagging_fraction": 0.8, "bagging_freq": 1,
    "seed": 20_261, "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbosity": -1,
}  # fmt: skip
TREES: Final = 80


def installed() -> bool:
    """Whether LightGBM can be used: the package, and the system's libgomp that it needs."""
    try:
        import lightgbm  # noqa: F401
    except (ImportError, OSError):
        return False
    return True


@dataclass(frozen=True)
class Learned:
    """Trees of one lane, and what they were learnt over.

    Attributes:
        text: LightGBM's own form. ``models``: whose scores are features, in order.
    """

    lane: Lane
    text: str
    models: tuple[str, ...]
    renown: Renown

    @cached_property
    def _trees(self) -> Any:
        import lightgbm

        return lightgbm.Booster(model_str=self.text)

    def reordered(self, scoring: LaneScoring, question: Question, rows: slice, heard: Heard) -> Links:
        """The blend's scores, those of each person's best candidates handed out in the order of the trees."""
        found = candidates(scoring, question, rows, heard, self.renown)
        if not len(found.at):
            return heard.score
        said = self._trees.predict(features.table(self.lane, found.known), num_threads=1)
        return handed_out(heard.score, found, said)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_trees"}


@dataclass(frozen=True)
class Found:
    """Candidates, and where each lies in the data of the blend's scores."""

    known: Candidates
    at: Ints


def candidates(scoring: LaneScoring, question: Question, rows: slice, heard: Heard, renown: Renown) -> Found:
    """The best candidates of a stretch of people, by row, best first."""
    score, order, slate = heard.score, scoring.order, scoring.slate
    keys = ranking.best(order.keys(score.data, score.indices), score.indptr, kept=CANDIDATES)
    row, place = np.nonzero(keys)
    item = order.item(keys[row, place])
    cells = row * scoring.items.size + item
    here = slate.cells(score.indptr, score.indices)
    hit = np.flatnonzero(slate.marked(((cells, 1),), here))
    at = np.empty(len(cells), np.int64)
    at[slate.numbers(cells, here[hit])] = hit
    best = np.divide(scoring.weights, heard.factor, out=np.zeros_like(heard.factor), where=heard.factor > 0)
    values = features.said(heard.found, best, cells, slate)
    most = ranking.row_maxima(score.data, score.indptr)
    known = Candidates(
        question.people, scoring.items, renown, row + rows.start, item, place, score.data[at] / most[row],
        {name: one for name, one in zip(scoring.names, values, strict=True) if name not in features.APART},
    )  # fmt: skip
    return Found(known, at)


def handed_out(score: Links, found: Found, said: Floats) -> Links:
    """``score`` with the candidates' scores of each row in the order of ``said``, the greatest to the greatest."""
    row = found.known.row
    data = score.data.copy()
    order = np.lexsort((found.known.place, -np.round(said, 9), row))
    data[found.at[order]] = score.data[found.at]  # candidates lie by row, best first
    return sparse.csr_array((data, score.indices, score.indptr), shape=score.shape)


@dataclass(frozen=True)
class Lesson:
    """Candidates of people who were asked for: features, whether each was bought, and how many each person has."""

    table: Floats
    bought: Ints
    row: Ints
    place: Ints
    item: Ints

    def after(self, other: Lesson) -> Lesson:
        """Both, the people of ``other`` first."""
        first = int(other.row.max(initial=-1)) + 1
        names = ("table", "bought", "place", "item")
        joined = {name: np.concatenate([getattr(other, name), getattr(self, name)]) for name in names}
        return Lesson(row=np.concatenate([other.row, self.row + first]), **joined)

    @property
    def people(self) -> Ints:
        """Rows of those who have candidates."""
        return np.unique(self.row)

    @property
    def groups(self) -> Ints:
        """How many candidates each person has, in order."""
        _, counts = np.unique(self.row, return_counts=True)
        return counts


def lesson(scoring: LaneScoring, asked: Sequence[People], renown: Renown, wanted: Ints) -> Lesson:
    """Candidates of all people asked, as scoring finds them. ``wanted``: rows times products plus product, sorted."""
    tables, rows_of, places, items, before = [], [], [], [], 0
    for people in asked:
        question = scoring.question(people)
        for rows in scoring.stretches(people):
            heard = scoring.heard(question, rows, Counter())
            found = candidates(scoring, question, rows, heard, renown)
            tables.append(features.table(scoring.lane, found.known))
            rows_of.append(found.known.row + before)
            places.append(found.known.place)
            items.append(found.known.item)
        before += people.size
    row, item = np.concatenate(rows_of), np.concatenate(items)
    bought = np.isin(row.astype(np.int64) * scoring.items.size + item, wanted).astype(np.int64)
    return Lesson(np.concatenate(tables), bought, row, np.concatenate(places), item)


def trees(known: Lesson, names: Sequence[str]) -> str:
    """Trees learnt from a lesson, in LightGBM's own form."""
    import lightgbm

    data = lightgbm.Dataset(known.table, known.bought, group=known.groups, feature_name=list(names))
    made: str = lightgbm.train(dict(_PARAMETERS), data, num_boost_round=TREES).model_to_string()
    return made


def predicted(text: str, known: Lesson) -> Floats:
    """What trees say of a lesson's candidates."""
    import lightgbm

    return np.asarray(lightgbm.Booster(model_str=text).predict(known.table, num_threads=1), np.float64)

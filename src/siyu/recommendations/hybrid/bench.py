"""The bench: what models found for the people asked, side by side, so that any blend is a sum of columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
from scipy import sparse

from siyu.domain.kinds import Lane
from siyu.recommendations import ranking
from siyu.recommendations.evaluation.accuracy import Values, accuracy
from siyu.recommendations.evaluation.climbing import Rating
from siyu.recommendations.evaluation.truth import Truth
from siyu.recommendations.hybrid.rehearsal import Rehearsal, places
from siyu.recommendations.people import Floats, Ints
from siyu.recommendations.port import Links
from siyu.recommendations.scoring import LaneScoring, Voice

MEASURES: Final = ("ndcg", "recall")
"""Of a list; their mean is what a blend is rated by."""

_KEPT: Final = 200
"""Products of one person and model that are kept, the best."""

Key: TypeAlias = tuple[str, str]
"""A model and its options, as JSON."""
Blend: TypeAlias = tuple[tuple[Key, float], ...]
"""Models with options, and how much each counts; in order."""


@dataclass(frozen=True)
class Heard:
    """What one model with its options found: cells (row * products + product), scores up to 1, links a person."""

    key: Key
    options: Mapping[str, Any]
    voice: Voice
    cells: Ints
    values: Floats
    cost: float


def listen(rehearsal: Rehearsal, lane: Lane, key: Key, options: dict[str, Any]) -> Heard:
    """Let a model learn, and keep what it finds for the people asked."""
    voice = rehearsal.voice(key[0], options, 1.0)
    scoring = LaneScoring(lane, (voice,), rehearsal.items, rehearsal.settings)
    size, before, looked = rehearsal.items.size, 0, 0
    lengths = np.diff(scoring.links.indptr)
    cells, values = [np.zeros(0, np.int64)], [np.zeros(0)]
    for people in rehearsal.asked:
        question = scoring.question(people)
        looked += int(lengths[question.wanted.indices].sum())
        for rows in scoring.stretches(people):
            score = scoring.heard(question, rows, Counter()).score
            keys = ranking.best(scoring.order.keys(score.data, score.indices), score.indptr, kept=_KEPT)
            row, place = np.nonzero(keys)
            best = keys[row, place]
            cells.append((row + rows.start + before) * size + scoring.order.item(best))
            values.append(scoring.order.score(best))
        before += people.size
    order = np.argsort(np.concatenate(cells))
    return Heard(
        key, options, voice, np.concatenate(cells)[order], np.concatenate(values)[order], looked / max(before, 1)
    )


@dataclass
class Bench:
    """One lane's people, what they wanted, and what every model found for them."""

    lane: Lane
    rehearsal: Rehearsal
    heard: Mapping[Key, Heard]
    rated: dict[Blend, Rating] = field(default_factory=dict)

    def __post_init__(self) -> None:
        size = self.rehearsal.items.size
        self._place = {key: at for at, key in enumerate(self.heard)}
        self._cells = np.unique(np.concatenate([np.zeros(0, np.int64), *(one.cells for one in self.heard.values())]))
        self._values = np.zeros((len(self._cells), len(self.heard)), np.float32)
        for one, at in zip(self.heard.values(), self._place.values(), strict=True):
            self._values[np.searchsorted(self._cells, one.cells), at] = one.values
        self._row, self._item = self._cells // size, (self._cells % size).astype(np.int32)
        self.truth = truth(self.rehearsal, self.lane)
        voices = tuple(one.voice for one in self.heard.values())
        self._lane = LaneScoring(self.lane, voices, self.rehearsal.items, self.rehearsal.settings)

    @property
    def people(self) -> int:
        """Who is asked for something in this lane."""
        return int((self.truth.sizes > 0).sum())

    def rate(self, blend: Blend) -> Rating:
        """How good the lists of a blend are, person by person; worked out once."""
        blend = tuple(sorted(blend))
        if blend not in self.rated:
            self.rated[blend] = Rating([self._measured(blend)])
        return self.rated[blend]

    def cost(self, blend: Blend) -> float:
        """Links walked for a person, over all models: what scoring takes."""
        return sum(self.heard[key].cost for key, _ in blend)

    def _measured(self, blend: Blend) -> Values:
        weight = np.zeros(len(self.heard), np.float32)
        for key, value in blend:
            weight[self._place[key]] = value
        score = (self._values @ weight).astype(np.float64)
        at = np.flatnonzero(score > 0)
        ends = np.searchsorted(self._row[at], np.arange(len(self.truth.sizes) + 1))
        shape = (len(self.truth.sizes), self.rehearsal.items.size)
        lane = replace(self._lane, voices=tuple(
            replace(voice, weight=float(mine)) for voice, mine in zip(self._lane.voices, weight, strict=True)
        ))  # fmt: skip
        return self.measured(lane, sparse.csr_array((score[at], self._item[at], ends), shape=shape))

    def measured(self, lane: LaneScoring, score: Links) -> Values:
        """How good the lists of scores are, person by person: of those who wanted something."""
        listed, _ = lane.listed(score)
        ranked = np.where(listed > 0, lane.order.item(listed), -1)
        found = accuracy(ranked, self.truth, places=ranked.shape[1])
        mean: Values = np.mean([found[name] for name in MEASURES], axis=0)
        return mean

    def scoring(self, blend: Blend) -> LaneScoring:
        """A blend as the stage scores by it: its models in order of their names."""
        voices = tuple(replace(self.heard[key].voice, weight=weight) for key, weight in sorted(blend))
        return LaneScoring(self.lane, voices, self.rehearsal.items, self.rehearsal.settings)


def truth(rehearsal: Rehearsal, lane: Lane) -> Truth:
    """What the people asked wanted in a lane, in the order of the rehearsal."""
    ids = pa.concat_arrays([people.ids for people in rehearsal.asked])
    wanted = rehearsal.exam.wanted
    if lane is Lane.DISCOVER:
        wanted = wanted.filter(pa.compute.invert(wanted["owned"]))
    row = places(wanted["person"].combine_chunks(), ids)
    item = places(wanted["item"].combine_chunks(), rehearsal.items.ids)
    unknown = np.flatnonzero(item < 0)  # nobody can name them; each counts as not found
    item[unknown] = rehearsal.items.size + np.arange(len(unknown))
    return Truth.of(row[row >= 0], item[row >= 0], len(ids))


def scaled(weights: Iterable[tuple[Key, float]]) -> Blend:
    """A blend whose weightiest model counts 1, in order: the same lists always have the same name.

    Example:
        >>> scaled([(("b", "{}"), 4.0), (("a", "{}"), 1.0)])
        ((('a', '{}'), 0.25), (('b', '{}'), 1.0))
    """
    found = list(weights)
    most = max(weight for _, weight in found)
    return tuple(sorted((key, round(weight / most, 4)) for key, weight in found))

"""Scoring a block of people: candidates of every model, filters, blend, ranks and reasons, as arrays.

:class:`Scoring` is the batch function that the engine runs, on this machine or on a worker: it holds arrays only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import sparse

from siyu.domain.kinds import Lane
from siyu.engine.schemas import RECOMMENDATIONS
from siyu.recommendations import filters, ranking, telling
from siyu.recommendations.items import Items
from siyu.recommendations.links import Parts, Slate, matrix, only
from siyu.recommendations.people import Floats, Ints, People, block
from siyu.recommendations.port import Links, Scorer
from siyu.recommendations.ranking import Ranked
from siyu.recommendations.settings import RecommendationSettings

Watch = Callable[[int, Mapping[tuple[str, str], int]], None]
"""Told the people and the candidates, by lane and filter, of every block; on a worker nobody listens."""


@dataclass(frozen=True)
class Voice:
    """A model that is listened to: what it has learnt, with links to free products only and the place each had."""

    name: str
    weight: float
    scorer: Scorer
    links: Links
    places: Ints

    @classmethod
    def of(cls, name: str, weight: float, scorer: Scorer, items: Items) -> Voice:
        """``scorer`` prepared once for all blocks."""
        return cls(name, weight, scorer, *only(scorer.links, items.free))


@dataclass(frozen=True)
class LaneScoring:
    """The models of one lane and what bars its products."""

    lane: Lane
    voices: tuple[Voice, ...]
    items: Items
    settings: RecommendationSettings

    @cached_property
    def links(self) -> Links:
        """The links of all models, one below the other."""
        return sparse.vstack([voice.links for voice in self.voices], format="csr")

    @cached_property
    def first_key(self) -> Ints:
        """Where the keys of each model begin in :attr:`links`, and their end."""
        return np.cumsum([0, *(voice.links.shape[0] for voice in self.voices)])

    @cached_property
    def model_of(self) -> Ints:
        """The model that each key belongs to."""
        return np.repeat(np.arange(len(self.voices), dtype=np.int32), np.diff(self.first_key))

    @cached_property
    def words(self) -> pa.Array:
        """The words of all models."""
        return pa.array([word for voice in self.voices for word in voice.scorer.words], pa.string())

    @cached_property
    def first_word(self) -> Ints:
        """Where the words of each model begin."""
        return np.cumsum([0, *(len(voice.scorer.words) for voice in self.voices)])

    @cached_property
    def weights(self) -> Floats:
        """How much each model counts, as a column."""
        return np.array([[voice.weight] for voice in self.voices])

    @cached_property
    def order(self) -> ranking.Order:
        """How scores are compared; none is above the sum of the weights."""
        return ranking.Order(self.items.size, sum(voice.weight for voice in self.voices))

    @cached_property
    def slate(self) -> Slate:
        """Room for candidates."""
        return Slate(self.items.size)

    def score(self, people: People, counts: Counter[tuple[str, str]]) -> pa.RecordBatch:
        """Recommendations of this lane; candidates are added to ``counts``."""
        asked = [voice.scorer.asked(people) for voice in self.voices]
        mine = [matrix(one, people.size, voice.links.shape[0]) for one, voice in zip(asked, self.voices, strict=True)]
        wanted: Links = sparse.hstack(mine, format="csr")
        question = Question(people, wanted, self._named(people))
        step = self.slate.rows
        stretches = [slice(first, min(first + step, people.size)) for first in range(0, people.size, step)]
        found = [self._stretch(question, rows, counts) for rows in stretches]
        winners = ranking.joined([ranked for ranked, _ in found])
        hits = telling.joined([(hit, len(ranked.row)) for ranked, hit in found])
        return telling.recommendations(self, people.ids, (winners, hits), (asked, wanted))

    def _stretch(
        self, question: Question, rows: slice, counts: Counter[tuple[str, str]]
    ) -> tuple[Ranked, telling.Hits]:
        """Winners of as many rows as the slate has room for, and the parts of their scores."""
        parts = self.slate.parts(question.wanted, self.links, rows)
        keys = question.wanted.indices[parts.first : parts.first + len(parts.ends)]
        model = np.repeat(self.model_of[keys], np.diff(parts.ends, prepend=0))
        by_model = _by_model(parts, model, len(self.voices))
        barred = self._barred(question, parts, rows)
        self._count(by_model, barred, counts)
        best = np.array([ranking.row_maxima(scores, parts.bounds) for scores in by_model])
        factor = np.divide(self.weights, best, out=np.zeros_like(best), where=best > 0)
        sizes = np.diff(parts.bounds)
        score = np.zeros(len(parts.row))
        for scores, times in zip(by_model, factor, strict=True):
            score += scores * np.repeat(times, sizes)
        winners = self._winners(self.order.keys(score, parts.item), parts)
        winner_of = np.full(len(parts.row), -1, np.int32)
        winner_of[self.slate.places(parts, winners.row, winners.item)] = np.arange(len(winners.row))
        winner = winner_of[parts.candidate]
        hit = np.flatnonzero(winner >= 0)
        winner, model = winner[hit], model[hit]
        ask, link = parts.asked(hit)
        link += self.links.indptr[question.wanted.indices[ask]]
        part = parts.part[hit] * factor[model, winners.row[winner]]
        placed = Ranked(winners.row + rows.start, winners.item, winners.rank, winners.score)
        return placed, telling.Hits(winner, ask, link, model, part)

    def _named(self, people: People) -> list[filters.Named]:
        """What each filter of pairs bars, by row."""
        found = []
        for one in filters.PAIR_FILTERS:
            row, item = one.barred(people) if self.lane in one.lanes else (np.zeros(0, np.int64), np.zeros(0, np.int64))
            found.append((row, item))
        return found

    def _barred(self, question: Question, parts: Parts, rows: slice) -> Ints:
        """For each candidate the number, from 1, of the first filter that bars it; 0 for none."""
        barred = np.zeros(len(parts.row), np.uint8)
        number = len(question.named)
        candidates = (parts.row + rows.start, parts.item)
        chosen = self.settings.filters
        for place, found in reversed(list(enumerate(filters.CANDIDATE_FILTERS, number + 1))):
            if self.lane in found.lanes and found.used(chosen):
                barred[found.barred(question.people, self.items, chosen, candidates)] = place
        for place, (row, item) in reversed(list(enumerate(question.named, 1))):
            first, last = np.searchsorted(row, [rows.start, rows.stop])
            barred[self.slate.places(parts, row[first:last] - rows.start, item[first:last])] = place
        return barred

    def _count(self, by_model: Floats, barred: Ints, counts: Counter[tuple[str, str]]) -> None:
        """Count the candidates of each model by the filter that bars them; what is barred loses its score."""
        names = ["", *(one.name for one in (*filters.PAIR_FILTERS, *filters.CANDIDATE_FILTERS))]
        out = np.flatnonzero(barred)
        for scores in by_model:
            lost = barred[out[scores[out] > 0]]
            for place, times in enumerate(np.bincount(lost)):
                if times:
                    counts[self.lane.value, names[place]] += int(times)
            scores[out] = 0.0
            counts[self.lane.value, ""] += int(np.count_nonzero(scores))

    def _winners(self, keys: Ints, parts: Parts) -> Ranked:
        """The best of each row, in order, after diversity."""
        chosen = self.settings
        kept = max(chosen.candidates, chosen.top) if self.lane is Lane.DISCOVER else chosen.top
        taken = ranking.best(keys, parts.bounds, kept=kept)
        if self.lane is Lane.DISCOVER:
            none = taken == 0
            category = np.where(none, -2, self.items.category[np.where(none, 0, self.order.item(taken))])
            places = ranking.varied(category, per_category=chosen.per_category, top=chosen.top)
            taken = np.where(places >= 0, np.take_along_axis(taken, np.maximum(places, 0), axis=1), 0)
        row, at = np.nonzero(taken)
        key = taken[row, at]
        return Ranked(row, self.order.item(key), at + 1, self.order.score(key))

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "slate"}


@dataclass(frozen=True)
class Question:
    """What is asked for a block of people, by all models as one matrix, and what filters of pairs bar."""

    people: People
    wanted: Links
    named: list[filters.Named]


def _by_model(parts: Parts, model: Ints, models: int) -> Floats:
    """The score that each model gives each candidate: models by candidates."""
    size = len(parts.row)
    place = model * np.int32(size) + parts.candidate
    scores: Floats = np.asarray(np.bincount(place, weights=parts.part, minlength=models * size), np.float64)
    return scores.reshape(models, size)


@dataclass
class Scoring:
    """The batch function: people in, recommendations out. ``watch`` stays behind when it is sent to a worker."""

    lanes: tuple[LaneScoring, ...]
    now: int
    signal: tuple[float, ...]
    watch: Watch | None = None

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Recommendations of a batch of people."""
        if not batch.num_rows:
            return pa.RecordBatch.from_pylist([], RECOMMENDATIONS)
        people = block(batch, self.now, self.signal)
        counts: Counter[tuple[str, str]] = Counter()
        found = [lane.score(people, counts) for lane in self.lanes if lane.voices]
        if self.watch is not None:
            self.watch(people.size, counts)
        batches = pa.Table.from_batches(found, RECOMMENDATIONS).combine_chunks().to_batches()
        return batches[0] if batches else pa.RecordBatch.from_pylist([], RECOMMENDATIONS)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "watch": None}

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
from siyu.recommendations.arranging import Arranger, arranger, category_shares
from siyu.recommendations.hybrid.learned import Learned
from siyu.recommendations.items import Items
from siyu.recommendations.links import Slate, Trail, blended, matrix, narrow, only, stretch
from siyu.recommendations.people import Floats, Ints, People, block
from siyu.recommendations.port import Asked, Links, Scorer
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
    """The models of one lane, what bars its products, and what puts the best of them in order."""

    lane: Lane
    voices: tuple[Voice, ...]
    items: Items
    settings: RecommendationSettings
    learned: Learned | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The models, in order."""
        return tuple(voice.name for voice in self.voices)

    @cached_property
    def links(self) -> Links:
        """The links of all models, one below the other."""
        return narrow(sparse.vstack([voice.links for voice in self.voices], format="csr"))

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
    def shelves(self) -> ranking.Shelves:
        """How many products alike a list may hold."""
        chosen, items = self.settings, self.items
        limits = (
            chosen.per_category if self.lane is Lane.DISCOVER else None,
            chosen.per_group if (items.group >= 0).any() else None,
        )
        return ranking.Shelves(self.order, items.category, items.group, *limits)

    @cached_property
    def arranger(self) -> Arranger | None:
        """How lists are put together where more than scores, groups and shelves of categories count."""
        return arranger(self.settings, self.items, self.order, discover=self.lane is Lane.DISCOVER)

    @cached_property
    def trail(self) -> Trail:
        """The way back from winners to what led to them."""
        return Trail(self.links, self.model_of)

    @cached_property
    def slate(self) -> Slate:
        """Room to mark products."""
        return Slate(self.items.size)

    def score(self, people: People, counts: Counter[tuple[str, str]]) -> pa.RecordBatch:
        """Recommendations of this lane; candidates are added to ``counts``."""
        question = self.question(people)
        found = [self._stretch(question, rows, counts) for rows in self.stretches(people)]
        winners = ranking.joined([ranked for ranked, _ in found])
        hits = telling.joined([(hit, len(ranked.row)) for ranked, hit in found])
        return telling.recommendations(self, people.ids, (winners, hits), (question.asked, question.wanted))

    def question(self, people: People) -> Question:
        """What is asked for a block of people."""
        asked = [voice.scorer.asked(people) for voice in self.voices]
        mine = [matrix(one, people.size, voice.links.shape[0]) for one, voice in zip(asked, self.voices, strict=True)]
        return Question(people, asked, mine, narrow(sparse.hstack(mine, format="csr")), self._named(people))

    def stretches(self, people: People) -> list[slice]:
        """Rows of a block, as many at a time as the slate has room for."""
        step = self.slate.rows
        return [slice(first, min(first + step, people.size)) for first in range(0, people.size, step)]

    def heard(self, question: Question, rows: slice, counts: Counter[tuple[str, str]]) -> Heard:
        """What the models say of a stretch of rows once filters have spoken, and the blend."""
        found = [stretch(mine, rows) @ voice.links for mine, voice in zip(question.mine, self.voices, strict=True)]
        self._bar(question, found, rows, counts)
        best = np.array([ranking.row_maxima(scores.data, scores.indptr) for scores in found])
        factor = np.divide(self.weights, best, out=np.zeros_like(best), where=best > 0)
        return Heard(found, factor, blended(found, factor))

    def listed(self, score: Links) -> tuple[Ints, int]:
        """The lists of scored products as keys of :attr:`order`, rows by places; and how many were passed over."""
        kept = max(self.settings.candidates, self.settings.top)
        keys = self.order.keys(score.data, score.indices)
        return ranking.chosen(keys, score.indptr, self.shelves, kept=kept, top=self.settings.top)

    def arranged(self, question: Question, rows: slice, score: Links) -> tuple[Ints, int]:
        """The same where :attr:`arranger` puts lists together."""
        assert self.arranger is not None  # noqa: S101 - asked for only where there is one
        kept = max(self.settings.candidates, self.settings.top)
        keys = ranking.best(self.order.keys(score.data, score.indices), score.indptr, kept=kept)
        shares = np.zeros(keys.shape)
        if self.arranger.calibration:
            shares = category_shares(question.people, self.items, rows, keys, self.order)
        listed, passed = self.arranger.listed(keys, shares, self.settings.top)
        return listed, int(passed.sum())

    def _stretch(
        self, question: Question, rows: slice, counts: Counter[tuple[str, str]]
    ) -> tuple[Ranked, telling.Hits]:
        """Winners of as many rows as the slate has room for, and the parts of their scores."""
        heard = self.heard(question, rows, counts)
        score = heard.score if self.learned is None else self.learned.reordered(self, question, rows, heard)
        listed, passed = self.listed(score) if self.arranger is None else self.arranged(question, rows, score)
        if passed:
            counts[self.lane.value, filters.SAME_GROUP] += passed
        row, at = np.nonzero(listed)
        key = listed[row, at]
        item = self.order.item(key)
        parts = self.trail.parts(question.wanted, rows, row * self.items.size + item, self.slate)
        factor = heard.factor[parts.model, row[parts.winner]]
        part = question.wanted.data[parts.ask] * self.links.data[parts.link] * factor
        placed = Ranked(row + rows.start, item, at + 1, self.order.score(key))
        return placed, telling.Hits(parts.winner, parts.ask, parts.link, parts.model, part)

    def _named(self, people: People) -> list[filters.Named]:
        """What each filter of pairs bars, by row."""
        found = []
        for one in filters.PAIR_FILTERS:
            row, item = one.barred(people) if self.lane in one.lanes else (np.zeros(0, np.int64), np.zeros(0, np.int64))
            found.append((row, item))
        return found

    def _bar(self, question: Question, found: list[Links], rows: slice, counts: Counter[tuple[str, str]]) -> None:
        """Take the score of what filters bar, and count the candidates of each model by the first filter that does."""
        marks, named = [], np.zeros(rows.stop - rows.start, bool)
        for place, (row, item) in reversed(list(enumerate(question.named, 1))):
            first, last = np.searchsorted(row, [rows.start, rows.stop])
            row = row[first:last] - rows.start
            named[row] = True
            marks.append((row * self.items.size + item[first:last], place))
        names = [one.name for one in (*filters.PAIR_FILTERS, *filters.CANDIDATE_FILTERS)]
        for scores in found:
            at = np.flatnonzero(np.repeat(named, np.diff(scores.indptr)))  # most people bar nothing
            barred = np.zeros(scores.nnz, np.uint8)
            barred[at] = self.slate.marked(marks, self.slate.cells(scores.indptr, scores.indices)[at])
            self._judge(question, scores, rows, barred)
            at = np.flatnonzero(barred)
            for place, times in enumerate(np.bincount(barred[at])):
                if times:
                    counts[self.lane.value, names[place - 1]] += int(times)
            scores.data[at] = 0.0
            counts[self.lane.value, ""] += scores.nnz - len(at)

    def _judge(self, question: Question, scores: Links, rows: slice, barred: Ints) -> None:
        """Mark candidates that filters of candidates bar, where no filter of pairs has."""
        settings = self.settings.filters
        used = [
            (place, one)
            for place, one in enumerate(filters.CANDIDATE_FILTERS, len(filters.PAIR_FILTERS) + 1)
            if self.lane in one.lanes and one.used(settings)
        ]
        if not used:
            return
        row = np.repeat(np.arange(rows.start, rows.stop), np.diff(scores.indptr))
        for place, one in used:
            barred[one.barred(question.people, self.items, settings, (row, scores.indices)) & (barred == 0)] = place

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("slate", "trail")}


@dataclass(frozen=True)
class Question:
    """What is asked for a block of people, by each model and by all as one matrix, and what filters of pairs bar."""

    people: People
    asked: list[Asked]
    mine: list[Links]
    wanted: Links
    named: list[filters.Named]


@dataclass(frozen=True)
class Heard:
    """Scores of a stretch of rows: of each model, what each is multiplied by (models by rows), and their blend."""

    found: list[Links]
    factor: Floats
    score: Links


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

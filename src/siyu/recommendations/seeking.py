"""Seeking the people of a product, a block at a time: who is reached, who is barred, and the best with reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa

from siyu.domain.kinds import Lane
from siyu.engine.schemas import RECOMMENDATIONS
from siyu.recommendations import filters
from siyu.recommendations.items import Items
from siyu.recommendations.people import Floats, Ints, Mask, People
from siyu.recommendations.port import Asked, Links
from siyu.recommendations.scoring import LaneScoring

_AT_ONCE: Final = 256
"""People scored exactly at a time."""


@dataclass(frozen=True, slots=True)
class LaneAudience:
    """Who should hear of the product in one lane.

    Attributes:
        best: rows of ``recommendations``, by falling score, then by pseudonym; ``rank`` is the place in the audience.
        people: everyone for whom something speaks for the product and no filter speaks against it: pseudonyms.
        removed: people for whom something speaks for it but a filter bars it, by the first that does.
        listed: people on whose list it is now.
    """

    lane: Lane
    best: pa.Table
    people: pa.Array
    removed: Mapping[str, int] = field(default_factory=dict)
    listed: int = 0


@dataclass(frozen=True)
class Towards(LaneScoring):
    """A lane in which every list has room for one product alone, wherever it stands."""

    wanted: int = -1

    @property
    def arranger(self) -> None:
        """Nothing else is on the list."""

    def listed(self, score: Links) -> tuple[Ints, int]:
        """The key of the product, where it has a score."""
        row = np.repeat(np.arange(score.shape[0]), np.diff(score.indptr))
        at = np.flatnonzero(score.indices == self.wanted)
        found = np.zeros((score.shape[0], 1), np.int64)
        found[row[at], 0] = self.order.keys(score.data[at], score.indices[at])
        return found, 0


class Seeker:
    """Looks for the people of one lane, a block at a time, and keeps the best.

    A person's exact score takes all their candidates, for each model's scores are divided by its best for that person.
    So people are first judged by a bound that takes only what leads to the product; whoever cannot come among the best
    any more is counted, and no more.
    """

    def __init__(self, lane: Towards, items: Items, code: int, top: int) -> None:
        self.lane, self.items, self.code, self.top = lane, items, code, top
        self.removed: Counter[str] = Counter()
        self.best = RECOMMENDATIONS.empty_table()
        self.least = 0.0
        self._people: list[pa.Array] = []
        self._leads = [_column(voice.links, code) for voice in lane.voices]
        self._falling = [_falling(voice.links) for voice in lane.voices]

    def rounds(self, people: People) -> Iterator[Ints]:
        """Rows whose exact score may come among the best, the likeliest first, a few at a time: to be taken at once.

        Everyone reached, and what bars others, is kept count of.
        """
        asked = [voice.scorer.asked(people) for voice in self.lane.voices]
        raw = np.array([_sums(one, lead, people.size) for one, lead in zip(asked, self._leads, strict=True)])
        free = self._free(people, raw.sum(axis=0) > 0)
        self._people.append(people.ids.filter(pa.array(free)))
        bound = np.where(free, self._bound(people, asked, raw), -1.0)
        order = np.argsort(-bound, kind="stable")
        step = max(_AT_ONCE, 2 * self.top)
        for first in range(0, len(order), step):
            some = order[first : first + step]
            some = some[bound[some] >= self.least]
            if not len(some):
                return
            yield np.sort(some)

    def take(self, people: People) -> None:
        """Score these exactly, and keep the best of all so far."""
        found = self.lane.score(people, Counter())
        both = pa.concat_tables([self.best, pa.Table.from_batches([found])])
        self.best = both.sort_by([("score", "descending"), ("person", "ascending")]).slice(0, self.top)
        if self.best.num_rows == self.top:
            self.least = float(self.best["score"][-1].as_py())

    def audience(self, listed: int) -> LaneAudience:
        """What was found."""
        ranks = pa.array(np.arange(1, self.best.num_rows + 1), pa.int32())
        best = self.best.set_column(self.best.schema.get_field_index("rank"), "rank", ranks).combine_chunks()
        people = pa.chunked_array(self._people, pa.string()).combine_chunks()
        return LaneAudience(self.lane.lane, best, people, dict(self.removed), listed)

    def _free(self, people: People, spoken: Mask) -> Mask:
        """Of those with something that speaks for the product, the ones whom no filter spares it."""
        free = spoken.copy()
        for one in filters.PAIR_FILTERS:
            if self.lane.lane in one.lanes:
                row, item = one.barred(people)
                barred = np.zeros(people.size, bool)
                barred[row[item == self.code]] = True
                self._remove(one.name, free, barred)
        settings = self.lane.settings.filters
        for other in filters.CANDIDATE_FILTERS:
            if self.lane.lane in other.lanes and other.used(settings):
                named = np.arange(people.size), np.full(people.size, self.code)
                self._remove(other.name, free, other.barred(people, self.items, settings, named))
        return free

    def _remove(self, name: str, free: Mask, barred: Mask) -> None:
        times = int(np.count_nonzero(free & barred))
        if times:
            self.removed[name] += times
        free &= ~barred

    def _bound(self, people: People, asked: Sequence[Asked], raw: Floats) -> Floats:
        """No score is above this: a model's best for a person is at least that of a product filters cannot all bar."""
        lane = self.lane
        barred = np.zeros(people.size, np.int64)
        for pairs in filters.PAIR_FILTERS:
            if lane.lane in pairs.lanes:
                barred += np.bincount(pairs.barred(people)[0], minlength=people.size)
        if any(lane.lane in other.lanes and other.used(lane.settings.filters) for other in filters.CANDIDATE_FILTERS):
            return np.full(people.size, np.inf)
        if lane.learned is not None:  # what trees say is known only of all candidates together
            return np.full(people.size, np.inf)
        total = np.zeros(people.size)
        for place, (one, voice) in enumerate(zip(asked, lane.voices, strict=True)):
            ends = voice.links.indptr
            at = ends[one.key].astype(np.int64) + barred[one.row]
            inside = np.flatnonzero(at < ends[one.key + 1])
            least = np.zeros(people.size)
            np.maximum.at(least, one.row[inside], one.value[inside] * self._falling[place][at[inside]])
            share = np.divide(raw[place], least, out=np.full(people.size, np.inf), where=least > 0)
            total += np.where(raw[place] > 0, voice.weight * np.minimum(share, 1.0), 0.0)
        return total + 1e-8  # scores are told apart at nine digits


def _column(links: Links, code: int) -> Floats:
    """What each key leads to the product by."""
    row = np.repeat(np.arange(links.shape[0]), np.diff(links.indptr))
    at = np.flatnonzero(links.indices == code)
    found = np.zeros(links.shape[0])
    found[row[at]] = links.data[at]
    return found


def _falling(links: Links) -> Floats:
    """The values of links, of each key the greatest first."""
    row = np.repeat(np.arange(links.shape[0]), np.diff(links.indptr))
    return np.asarray(links.data[np.lexsort((-links.data, row))], np.float64)


def _sums(asked: Asked, leads: Floats, people: int) -> Floats:
    """The model's own score of the product for each person."""
    return np.asarray(np.bincount(asked.row, weights=asked.value * leads[asked.key], minlength=people), np.float64)

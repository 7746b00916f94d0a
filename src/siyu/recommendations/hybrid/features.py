"""Features of candidates: what is known of a person and a product when a list is put in order.

Every feature is a function over a stretch of candidates; all are plain numbers that mean the same whoever is asked and
whenever, in a sample as in the whole shop: shares, ranks, days. A new one is one function and one line of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from siyu.domain.kinds import Lane
from siyu.recommendations.filters import usual_band
from siyu.recommendations.items import Items
from siyu.recommendations.links import Slate
from siyu.recommendations.people import Act, Floats, Ints, People
from siyu.recommendations.port import Links

APART: Final = frozenset({"content"})
"""Models whose scores are no features: in a rehearsal other interests than those of profiles stand behind them."""

_LONG_AGO: Final = 3650.0
"""Days since what never happened."""


@dataclass(frozen=True)
class Renown:
    """What is known of products from everyone, by code: shares of people, so that samples compare.

    All in coarse steps: exact figures would tell single products apart, and trees would learn by heart what sold in the
    one stretch they learn from.

    Attributes:
        ever: people who bought it. ``month``, ``week``: purchases of the last 30 and 7 days. Each against the usual
            product, as a power of two: 0 is usual, 1 is twice as many.
        again: tenths of its buyers who bought it on two days or more.
    """

    ever: Floats
    month: Floats
    week: Floats
    again: Floats

    @classmethod
    def of(cls, blocks: Iterable[People], items: int) -> Renown:
        """Count."""
        buyers, month, week, again = (np.zeros(items) for _ in range(4))
        for block in blocks:
            at = np.flatnonzero(block.kind == Act.PURCHASE)
            month += np.bincount(block.item[at], weights=block.age[at] <= 30, minlength=items)
            week += np.bincount(block.item[at], weights=block.age[at] <= 7, minlength=items)
            pairs = block.pairs
            times = pairs.sums((block.kind == Act.PURCHASE).astype(np.float64))
            buyers += np.bincount(pairs.item, weights=times > 0, minlength=items)
            again += np.bincount(pairs.item, weights=times > 1, minlength=items)
        return cls(_doubled(buyers), _doubled(month), _doubled(week), np.round(10 * again / np.maximum(buyers, 1.0)))


def _doubled(counts: Floats) -> Floats:
    """How often the usual count (the mean of products that have any) must be doubled; at least -4."""
    usual = counts[counts > 0].mean() if (counts > 0).any() else 1.0
    return np.asarray(np.round(np.log2(np.maximum(counts / usual, 2.0**-4))), np.float64)


@dataclass(frozen=True)
class Candidates:
    """Candidates of a stretch of people, by row, best first.

    Attributes:
        people: of the block. ``row``: of each candidate, in the block. ``item``: its code.
        place: in the blend, from 0. ``score``: of the blend, the person's best being 1.
        said: by model, its score, the person's best being 1; 0 where it says nothing.
    """

    people: People
    items: Items
    renown: Renown
    row: Ints
    item: Ints
    place: Ints
    score: Floats
    said: Mapping[str, Floats]

    @cached_property
    def pair(self) -> Ints:
        """The place of each among the pairs of the block; -1 where the person never dealt with it."""
        pairs, width = self.people.pairs, self.items.size
        known = pairs.row.astype(np.int64) * width + pairs.item
        wanted = self.row.astype(np.int64) * width + self.item
        at = np.minimum(np.searchsorted(known, wanted), max(len(known) - 1, 0))
        if not len(known):
            return np.full(len(wanted), -1)
        found: Ints = np.where(known[at] == wanted, at, -1)
        return found

    def of_pair(self, values: Floats, missing: float) -> Floats:
        """A value a pair, for each candidate."""
        if not len(values):
            return np.full(len(self.row), missing)
        return np.asarray(np.where(self.pair >= 0, values[self.pair], missing), np.float64)

    @cached_property
    def bought(self) -> Floats:
        """Of each act: 1 for a purchase."""
        return np.asarray(self.people.kind == Act.PURCHASE, np.float64)

    def since(self, kind: Floats) -> Floats:
        """Days since the last act that is marked, of each candidate."""
        pairs = self.people.pairs
        age = np.where(kind > 0, self.people.age, _LONG_AGO)
        least = np.minimum.reduceat(age, pairs.start) if len(pairs.start) else np.zeros(0)
        return self.of_pair(least, _LONG_AGO)

    def of_person(self, values: Floats) -> Floats:
        """A value a person, for each candidate."""
        return np.asarray(values[self.row], np.float64)

    @cached_property
    def purchases(self) -> Floats:
        """How many purchases each person made."""
        return np.asarray(np.bincount(self.people.row, weights=self.bought, minlength=self.people.size), np.float64)

    @cached_property
    def fondness(self) -> Floats:
        """The share of a person's signals that went to the product's category."""
        people, kinds = self.people, self.items.category
        width = int(kinds.max(initial=-1)) + 2
        said = people.weight * 0.5 ** (people.age / 90)
        cell = people.row.astype(np.int64) * width + kinds[people.item] + 1
        known, where = np.unique(cell, return_inverse=True)
        total = np.bincount(where, weights=said, minlength=len(known))
        every = np.asarray(np.bincount(people.row, weights=said, minlength=people.size), np.float64)
        wanted = self.row.astype(np.int64) * width + kinds[self.item] + 1
        at = np.minimum(np.searchsorted(known, wanted), max(len(known) - 1, 0))
        if not len(known):
            return np.zeros(len(wanted))
        mine = np.where((known[at] == wanted) & (kinds[self.item] >= 0), total[at], 0.0)
        return mine / np.maximum(self.of_person(every), 1e-9)


def _first(found: Candidates) -> Floats:
    pairs = found.people.pairs
    age = np.where(found.bought > 0, found.people.age, 0.0)
    most = np.maximum.reduceat(age, pairs.start) if len(pairs.start) else np.zeros(0)
    return found.of_pair(most, 0.0)


def _last_visit(found: Candidates) -> Floats:
    people = found.people
    age = np.full(people.size, _LONG_AGO)
    np.minimum.at(age, people.row, people.age)
    return found.of_person(age)


def _times(found: Candidates) -> Floats:
    return found.of_pair(found.people.pairs.sums(found.bought), 0.0)


def _rhythm(found: Candidates) -> Floats:
    """Days since the last purchase over the mean days between two; -1 where it was bought less than twice."""
    times, last = _times(found), found.since(found.bought)
    gap = (_first(found) - last) / np.maximum(times - 1, 1)
    return np.where((times > 1) & (gap > 0), last / np.maximum(gap, 0.5), -1.0)


def _dearer(found: Candidates) -> Floats:
    usual, band = (
        found.of_person(usual_band(found.people, found.items).astype(np.float64)),
        found.items.band[found.item],
    )
    return np.where((usual > 0) & (band > 0), band - usual, 0.0)


COMMON: Final[Mapping[str, Callable[[Candidates], Floats]]] = {
    "place": lambda found: found.place.astype(np.float64),
    "score": lambda found: found.score,
    "ever": lambda found: found.renown.ever[found.item],
    "month": lambda found: found.renown.month[found.item],
    "week": lambda found: found.renown.week[found.item],
    "again": lambda found: found.renown.again[found.item],
    "dearer": _dearer,
    "fondness": lambda found: found.fondness,
    "purchases": lambda found: found.of_person(found.purchases),
    "last_visit": _last_visit,
}
"""Features of both lanes."""

OF_LANE: Final[Mapping[Lane, Mapping[str, Callable[[Candidates], Floats]]]] = {
    Lane.DISCOVER: {"looked": lambda found: found.since(1.0 - found.bought)},
    Lane.BUY_AGAIN: {
        "times": _times,
        "last": lambda found: found.since(found.bought),
        "first": _first,
        "rhythm": _rhythm,
    },
}


def names(lane: Lane, models: Sequence[str]) -> tuple[str, ...]:
    """The features of a lane in their order: of the models, then all others."""
    return (*(f"said.{name}" for name in models if name not in APART), *COMMON, *OF_LANE[lane])


def table(lane: Lane, found: Candidates) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Candidates by features."""
    functions = [*COMMON.values(), *OF_LANE[lane].values()]
    columns = [*found.said.values(), *(function(found) for function in functions)]
    return np.column_stack(columns) if len(found.row) else np.zeros((0, len(columns)))


def said(scores: Sequence[Links], best: Floats, cells: Ints, slate: Slate) -> list[Floats]:
    """Of each model, its score of each cell (of a stretch of rows), the person's best being 1.

    Args:
        best: the greatest score of each model (rows) and person (columns).
    """
    found = []
    for mine, most in zip(scores, best, strict=True):
        here = slate.cells(mine.indptr, mine.indices)
        hit = np.flatnonzero(slate.marked(((cells, 1),), here))
        values = np.zeros(len(cells))
        scale = np.divide(1.0, most, out=np.zeros_like(most), where=most > 0)
        values[slate.numbers(cells, here[hit])] = mine.data[hit] * np.repeat(scale, np.diff(mine.indptr))[hit]
        found.append(values)
    return found

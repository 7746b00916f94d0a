"""Arranging: a list put together place by place, where more than the scores counts.

At every place the product is taken that adds most to the list so far::

    value = (1 - calibration) * ((1 - diversity) * score - diversity * likeness) + calibration * gain

``score`` is the share of the person's best; ``likeness`` is how much the product is like the one most like it among
those already taken (maximal marginal relevance: Carbonell and Goldstein, SIGIR 1998); ``gain`` is by how much it lowers
the divergence of the list's categories from the person's own (Steck, "Calibrated recommendations", RecSys 2018). Limits
hold always. All people of a stretch take their next place at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
from scipy import sparse

from siyu.recommendations.items import Items
from siyu.recommendations.people import Floats, Ints, Mask, People
from siyu.recommendations.port import Links
from siyu.recommendations.ranking import Order
from siyu.recommendations.settings import RecommendationSettings

SMOOTHED: Final = 0.01
"""Share of the person's own categories in the list's, so that none is missing altogether (Steck's alpha)."""

_BEHIND: Final = 1000.0
"""What is taken off a product of a category that has its places, so that it steps behind all others."""


@dataclass(frozen=True)
class Limit:
    """No list holds more than ``most`` products of one number; -1 is none."""

    number: Ints
    most: int


@dataclass(frozen=True)
class Arranger:
    """How lists are put together.

    Attributes:
        order: reads the products of keys. ``category``: of each product, -1 for none.
        limits: those of groups first. ``per_category``: more of one category step behind; ``None`` for no limit.
        diversity, calibration: weights, 0 to 1.
        terms: products by terms, rows of length one: what likeness is the cosine of.
    """

    order: Order
    category: Ints
    limits: Sequence[Limit] = ()
    per_category: int | None = None
    diversity: float = 0.0
    calibration: float = 0.0
    terms: Links | None = None

    def listed(self, keys: Ints, shares: Floats, top: int) -> tuple[Ints, Ints]:
        """Lists out of candidates.

        Args:
            keys: rows by places, best first, 0 where there is none.
            shares: of each candidate's category among what its person has.

        Returns:
            Keys, rows by ``top``, 0 where there are no more; and of each row how many candidates better than one taken
            were passed over for a limit.
        """
        board = _Board(self, keys, shares)
        rows = np.arange(len(keys))
        found = np.zeros((len(keys), top), np.int64)
        last = np.full(len(keys), -1)
        for place in range(min(top, keys.shape[1])):
            open_ = board.open
            value = np.where(open_, board.value(place), -np.inf)
            at = value.argmax(axis=1)  # of equals the better score
            taken = open_[rows, at]
            if not taken.any():
                break
            found[taken, place] = keys[rows, at][taken]
            last = np.where(taken, np.maximum(last, at), last)
            board.take(at, taken)
        passed = board.full & ~board.taken & (np.arange(keys.shape[1]) < last[:, None])
        return found, np.count_nonzero(passed, axis=1)


@dataclass
class _Board:
    """Candidates of a stretch of people, and what has been taken of them."""

    arranger: Arranger
    keys: Ints
    shares: Floats
    taken: Mask = field(init=False)

    def __post_init__(self) -> None:
        how, keys = self.arranger, self.keys
        self.none = keys == 0
        self.item = np.where(self.none, 0, how.order.item(keys))
        best = np.maximum(how.order.score(keys[:, :1]), 1e-300) if keys.shape[1] else np.ones((len(keys), 1))
        self.score = how.order.score(keys) / best
        self.taken = np.zeros(keys.shape, bool)
        self.numbers = [np.where(self.none, -1, limit.number[self.item]) for limit in how.limits]
        self.held = [np.zeros(keys.shape, np.int32) for _ in how.limits]
        self.category = np.where(self.none, -1, how.category[self.item])
        self.shelved = np.zeros(keys.shape, np.int32)
        self.likeness = np.zeros(keys.shape)

    @property
    def full(self) -> Mask:
        """Candidates that a limit keeps out."""
        full = np.zeros(self.keys.shape, bool)
        for limit, number, held in zip(self.arranger.limits, self.numbers, self.held, strict=True):
            full |= (number >= 0) & (held >= limit.most)
        return full

    @property
    def open(self) -> Mask:
        """Candidates that may be taken."""
        return np.asarray(~(self.none | self.taken | self.full), bool)

    def value(self, place: int) -> Floats:
        """What each candidate adds at this place, at nine digits."""
        how, value = self.arranger, self.score
        if how.diversity:
            value = (1 - how.diversity) * value - how.diversity * self.likeness
        if how.calibration:
            value = (1 - how.calibration) * value + how.calibration * self._gain(place)
        if how.per_category is not None:
            value = value - _BEHIND * ((self.category >= 0) & (self.shelved >= how.per_category))
        return np.asarray(np.round(value, 9), np.float64)

    def take(self, at: Ints, taken: Mask) -> None:
        """The candidates of the rows that take one at this place."""
        rows = np.flatnonzero(taken)
        at = at[rows]
        self.taken[rows, at] = True
        for number, held in zip(self.numbers, self.held, strict=True):
            held[rows] += (number[rows] == number[rows, at][:, None]) & (number[rows] >= 0)
        self.shelved[rows] += self.category[rows] == self.category[rows, at][:, None]
        if self.arranger.diversity and self.arranger.terms is not None:
            self._draw_near(rows, at)

    def _gain(self, place: int) -> Floats:
        """By how much the divergence from the person's own categories falls, against a product of none of them."""
        now = (1 - SMOOTHED) * self.shelved / (place + 1) + SMOOTHED * self.shares
        then = now + (1 - SMOOTHED) / (place + 1)
        known = (self.shares > 0) & (self.category >= 0)
        ratio = np.divide(then, now, out=np.ones(self.keys.shape), where=known)
        return np.asarray(self.shares * np.log(ratio), np.float64)

    def _draw_near(self, rows: Ints, at: Ints) -> None:
        """Likeness grows to that with the product just taken, where that is greater."""
        cells = rows * self.keys.shape[1] + at
        found = (self._described[cells] @ self._turned).tocsr()
        flat = self.likeness.reshape(-1)
        flat[found.indices] = np.maximum(flat[found.indices], found.data)

    @cached_property
    def _described(self) -> Links:
        """Candidates by terms, the terms of every person apart from those of all others."""
        assert self.arranger.terms is not None  # noqa: S101 - asked for only where there are some
        terms = self.arranger.terms[self.item.reshape(-1)]
        used, number = np.unique(terms.indices, return_inverse=True)
        of_cell = np.repeat(np.arange(self.item.size), np.diff(terms.indptr))
        apart = of_cell // max(self.item.shape[1], 1) * len(used) + number
        shape = (self.item.size, max(len(used), 1) * len(self.item))
        return sparse.csr_array((np.asarray(terms.data, np.float64), apart, terms.indptr), shape=shape)

    @cached_property
    def _turned(self) -> Links:
        return self._described.T.tocsr()


def arranger(settings: RecommendationSettings, items: Items, order: Order, *, discover: bool) -> Arranger | None:
    """What the settings ask for beyond limits of groups and shelves of categories; ``None`` where that is nothing."""
    limits = [Limit(items.brand, settings.per_brand)] if settings.per_brand is not None else []
    limits += [Limit(items.below(category), most) for category, most in sorted(settings.caps.items())]
    diversity = settings.diversity if discover else 0.0
    calibration = settings.calibration if discover else 0.0
    if not (limits or diversity or calibration):
        return None
    return Arranger(
        order, items.category, [Limit(items.group, settings.per_group), *limits],
        settings.per_category if discover else None, diversity, calibration, items.terms,
    )  # fmt: skip


def category_shares(people: People, items: Items, rows: slice, keys: Ints, order: Order) -> Floats:
    """Of each candidate: the share of its category among the products that its person has bought, or looked at.

    Every product counts once, with what was bought where anything was; products of no category do not count.
    """
    bought = np.zeros(people.size, bool)
    bought[people.pairs.row[people.bought]] = True
    counts = np.where(bought[people.pairs.row], people.bought, people.pairs.any(people.weight > 0))
    first, last = np.searchsorted(people.pairs.row, [rows.start, rows.stop])
    mine = first + np.flatnonzero(counts[first:last])
    row, category = people.pairs.row[mine] - rows.start, items.category[people.pairs.item[mine]]
    row, category = row[category >= 0], category[category >= 0].astype(np.int64)
    width = int(items.category.max(initial=0)) + 2
    cells, times = np.unique(row * width + category, return_counts=True)
    if not len(cells):
        return np.zeros(keys.shape)
    total = np.bincount(row, minlength=len(keys))
    wanted = items.category[np.where(keys == 0, 0, order.item(keys))].astype(np.int64)
    asked = np.arange(len(keys))[:, None] * width + wanted
    at = np.minimum(np.searchsorted(cells, asked), len(cells) - 1)
    found = (cells[at] == asked) & (wanted >= 0) & (keys > 0)
    return np.where(found, times[at], 0) / np.maximum(total, 1)[:, None]

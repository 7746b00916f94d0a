"""What a page of the shop shows: products of a category, the popular, new and seasonal ones first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from siyu.simulator.catalogue import BOTH, Catalogue
from siyu.simulator.settings import SimulationSettings
from siyu.simulator.streams import Doubles, Floats, Ints, pick, stream
from siyu.simulator.tastes import People, liking
from siyu.simulator.timing import DAY, moment, season_of

PAGE = 6
"""Products looked over before one is opened."""
FOREIGN = np.float32(2.5)
"""How much less a product is liked that is not described in the person's language."""


def category_trend(settings: SimulationSettings, categories: int, month: int) -> Floats:
    """Log-demand of each category in ``month``: a random walk that starts at 0."""
    steps = stream(settings.seed, "trend").normal(0, 0.15, (month + 1, categories))
    return np.asarray(steps.sum(axis=0) - steps[0], np.float32)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Products of one month, week by week, as one running sum of how likely each is to be shown."""

    catalogue: Catalogue
    first_week: int
    weeks: int
    order: Ints
    running: Doubles
    low: Ints
    high: Ints

    def week(self, settings: SimulationSettings, ts: Ints) -> Ints:
        """Week of the price and stock tables in force at ``ts``."""
        return ((ts - moment(settings.start)) // (7 * DAY)).clip(0, settings.weeks - 1)

    def show(self, rng: np.random.Generator, week: Ints, category: Ints) -> Ints:
        """A page of products for each (week, category); -1 where nothing at all is on sale."""
        count = len(self.catalogue)
        base = (week - self.first_week).clip(0, self.weeks - 1) * count
        low, high = base + self.low[category], base + self.high[category]
        empty = self.running[high] <= self.running[low]
        low, high = np.where(empty, base, low), np.where(empty, base + count, high)
        start, stop = self.running[low], self.running[high]
        draw = start[:, None] + rng.random((len(week), PAGE)) * (stop - start)[:, None]
        place = np.searchsorted(self.running, draw, side="right") - 1
        place = np.minimum(place, high[:, None] - 1)
        items = self.order[place - base[:, None]]
        return np.where((stop > start)[:, None], items, -1)


def build_shelf(settings: SimulationSettings, catalogue: Catalogue, first: date, last: date) -> Shelf:
    """The shelf of the days [first, last)."""
    edges = (np.array([moment(first), moment(last) - 1]) - moment(settings.start)) // (7 * DAY)
    begin, end = edges.clip(0, settings.weeks - 1)
    span = np.arange(begin, end + 1)
    order = np.argsort(catalogue.category, kind="stable")
    apart = np.abs(catalogue.season - season_of(first))
    fitting = np.array([1.5, 1.0, 0.5])[np.minimum(apart, 4 - apart)]
    rows = []
    for week in span:
        age = np.maximum(week - catalogue.launch, 0)
        novelty = np.where(catalogue.launch > 0, 1 + 1.5 * np.exp(-age / 3), 1)
        rows.append((catalogue.popularity * fitting * novelty * catalogue.offered(int(week)))[order])
    names = np.arange(len(catalogue.words.categories))
    sorted_category = catalogue.category[order]
    return Shelf(
        catalogue=catalogue,
        first_week=int(span[0]),
        weeks=len(span),
        order=order,
        running=np.concatenate([[0.0], np.cumsum(np.concatenate(rows).astype(np.float64))]),
        low=np.searchsorted(sorted_category, names),
        high=np.searchsorted(sorted_category, names, side="right"),
    )


def choose(rng: np.random.Generator, people: People, shelf: Shelf, *, who: Ints, page: Ints, week: Ints) -> Ints:
    """The product each person opens of their page (-1 where the page is empty): a softmax of liking."""
    catalogue = shelf.catalogue
    flat, owner = page.ravel(), np.repeat(who, PAGE)
    item = np.maximum(flat, 0)
    score = liking(people, catalogue, owner, item, catalogue.prices[np.repeat(week, PAGE), item])
    language = catalogue.language[item]
    score -= np.where((language != BOTH) & (language != people.language[owner]), FOREIGN, np.float32(0))
    chosen = pick(rng, score.reshape(page.shape))
    return page[np.arange(len(page)), chosen]

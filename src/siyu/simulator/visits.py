"""Sessions of one month for one chunk of people: who comes when, with what in mind, and what they open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siyu.simulator.catalogue import Catalogue
from siyu.simulator.settings import SimulationSettings
from siyu.simulator.shelf import Shelf, build_shelf, category_trend, choose
from siyu.simulator.streams import Flags, Ints, pick, ragged
from siyu.simulator.tastes import CHUNK, NEVER, People
from siyu.simulator.timing import DAY, SECOND, day_weights, moment, season_of, zone_offsets

VIEWS = 0.3
"""Chance that a session ends after each product opened: on average 1 / VIEWS are opened."""
DRIFT = 0.2
"""Chance that a product opened is of a category that goes with the one in mind."""


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the shop for one chunk of people."""

    settings: SimulationSettings
    catalogue: Catalogue
    people: People
    shelf: Shelf
    index: int
    chunk: int

    @property
    def begin(self) -> int:
        """First moment of the month, microseconds."""
        return moment(self.settings.block(self.index)[0])

    @property
    def members(self) -> Ints:
        """Rows of the people of this chunk."""
        low = self.chunk * CHUNK
        return np.arange(low, min(low + CHUNK, len(self.people)))


@dataclass(frozen=True, slots=True)
class Sessions:
    """One row a session: when it starts, what is in mind, whether it begins logged in."""

    person: Ints
    ts: Ints
    category: Ints
    anonymous: Flags


@dataclass(frozen=True, slots=True)
class Views:
    """One row a product opened."""

    session: Ints
    person: Ints
    ts: Ints
    item: Ints
    week: Ints


def month_of(settings: SimulationSettings, catalogue: Catalogue, people: People, *, index: int, chunk: int) -> Month:
    """Month ``index`` for people ``chunk``."""
    first, last = settings.block(index)
    return Month(settings, catalogue, people, build_shelf(settings, catalogue, first, last), index, chunk)


def _moments(month: Month, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """(person, moment) of each session: a Poisson number a person, by day weight and usual hour."""
    people, members = month.people, month.members
    first, last = month.settings.block(month.index)
    weights = day_weights(first, last)
    person = np.repeat(members, rng.poisson(people.activity[members] * weights.sum()))
    share = np.cumsum(weights) / weights.sum()
    day = np.searchsorted(share, rng.random(len(person)), side="right").clip(0, len(weights) - 1)
    hour = np.mod(people.hour[person] + rng.normal(0, 2.2, len(person)), 24)
    local = month.begin + day * DAY + (hour * 3600 * SECOND).astype(np.int64)
    ts = local - zone_offsets(first, len(weights))[people.zone[person], day]
    ts = np.where(ts < month.begin, ts + DAY, ts)
    since = (ts - moment(month.settings.start)) // DAY
    fading = np.where(since >= people.lapsed[person], 0.06, 1.0)
    here = (since >= people.joined[person]) & (rng.random(len(person)) < fading)
    return person[here], ts[here]


def sessions(month: Month, rng: np.random.Generator) -> Sessions:
    """Everybody's sessions; the category in mind follows taste, season and trend."""
    person, ts = _moments(month, rng)
    book = month.catalogue.words
    first, last = book.spans["category"]
    demand = np.log(book.seasons[:, season_of(month.settings.block(month.index)[0])])
    demand = demand + category_trend(month.settings, last - first, month.index)
    category = pick(rng, month.people.taste[person, first:last] + demand.astype(np.float32))
    return Sessions(person, ts, category, rng.random(len(person)) < month.settings.anonymous_share)


def views(month: Month, rng: np.random.Generator, visit: Sessions) -> Views:
    """What is opened in each session, some seconds apart."""
    session, position = ragged(rng.geometric(VIEWS, len(visit.person)).clip(1, 40))
    person = visit.person[session]
    gap = (8 + rng.exponential(45, len(session))) * SECOND
    elapsed = np.cumsum(gap)
    start = elapsed - gap
    ts = visit.ts[session] + (elapsed - start[np.arange(len(session)) - position]).astype(np.int64)
    category = visit.category[session]
    beside = month.catalogue.words.goes_with[category, rng.integers(0, 3, len(session))]
    category = np.where(rng.random(len(session)) < DRIFT, beside, category)
    week = month.shelf.week(month.settings, ts)
    page = month.shelf.show(rng, week, category)
    item = choose(rng, month.people, month.shelf, who=person, page=page, week=week)
    some = item >= 0
    return Views(session[some], person[some], ts[some], item[some], week[some])


def active(month: Month, person: Ints, ts: Ints) -> Flags:
    """Whether a person has joined and not lapsed at ``ts``."""
    since = (ts - moment(month.settings.start)) // DAY
    lapsed = month.people.lapsed[person]
    here: Flags = (since >= month.people.joined[person]) & ((since < lapsed) | (lapsed >= NEVER))
    return here

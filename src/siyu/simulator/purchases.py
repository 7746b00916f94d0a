"""Carts and orders, what goes with them, and what is bought again and again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siyu.simulator.streams import Doubles, Flags, Floats, Ints, ragged, sigmoid, stream
from siyu.simulator.tastes import fit_score
from siyu.simulator.timing import DAY, SECOND, moment
from siyu.simulator.visits import Month, Sessions, Views, active

CART, CART_FIT = -2.9, 0.9
BUY, BUY_FIT = -0.8, 0.5
"""Log-odds of putting an opened product into the cart, and of buying it then, at average fit and by fit."""
TOGETHER = 0.3
"""Chance that a product bought brings one of its partners into the same order."""
STAPLE_SHARE = 0.3
"""Share of people who buy again each category that is used up."""
STAPLE_STREAM, STAPLE_ORDERS = "staples", 5_000_000
MONTH_ORDERS, CHUNK_ORDERS = 10_000_000_000, 10_000_000


@dataclass(frozen=True, slots=True)
class Lines:
    """One row an order line."""

    order: Ints
    person: Ints
    ts: Ints
    item: Ints
    price: Doubles
    quantity: Doubles
    fit: Floats

    def keep(self, mask: Flags) -> Lines:
        """Only the rows of ``mask``."""
        return Lines(*(getattr(self, name)[mask] for name in self.__slots__))


def merge(parts: list[Lines]) -> Lines:
    """All lines, in the order given."""
    return Lines(*(np.concatenate([getattr(part, name) for part in parts]) for name in Lines.__slots__))


@dataclass(frozen=True, slots=True)
class Shopping:
    """Which views went into the cart, and the lines bought."""

    carted: Flags
    lines: Lines
    together: Lines


def order_number(month: Month, within: Ints) -> Ints:
    """Order numbers unique over months and chunks; ``within`` is unique inside one."""
    return month.index * MONTH_ORDERS + month.chunk * CHUNK_ORDERS + within


def shop(month: Month, rng: np.random.Generator, visit: Sessions, seen: Views) -> Shopping:
    """Carts and orders of the sessions; an order is paid a minute after the last product opened."""
    price = month.catalogue.prices[seen.week, seen.item]
    fit = fit_score(month.people, month.catalogue, seen.person, seen.item, price)
    carted = rng.random(len(fit)) < sigmoid(CART + CART_FIT * fit)
    bought = carted & (rng.random(len(fit)) < sigmoid(BUY + BUY_FIT * fit))
    ends = np.zeros(len(visit.person), np.int64)
    np.maximum.at(ends, seen.session, seen.ts)
    _, once = np.unique(seen.session * len(month.catalogue) + seen.item, return_index=True)
    first = np.zeros(len(fit), bool)
    first[once] = True
    bought &= first
    lines = Lines(
        order=order_number(month, seen.session),
        person=seen.person,
        ts=ends[seen.session] + 60 * SECOND,
        item=seen.item,
        price=price.astype(np.float64),
        quantity=np.where(rng.random(len(fit)) < 0.06, 2.0, 1.0),
        fit=fit,
    ).keep(bought)
    return Shopping(carted, lines, _together(month, rng, lines))


def _together(month: Month, rng: np.random.Generator, lines: Lines) -> Lines:
    """Partners added to the orders."""
    partner = month.catalogue.partners[lines.item, rng.integers(0, 2, len(lines.item))]
    week = month.shelf.week(month.settings, lines.ts)
    on_sale = (month.catalogue.launch[partner] <= week) & (month.catalogue.stock[week, partner] > 0)
    price = month.catalogue.prices[week, partner]
    added = Lines(
        order=lines.order,
        person=lines.person,
        ts=lines.ts,
        item=partner,
        price=price.astype(np.float64),
        quantity=np.ones(len(partner)),
        fit=fit_score(month.people, month.catalogue, lines.person, partner, price),
    )
    _, once = np.unique(lines.order * len(month.catalogue) + partner, return_index=True)
    first = np.zeros(len(partner), bool)
    first[once] = True
    have = np.isin(lines.order * len(month.catalogue) + partner, lines.order * len(month.catalogue) + lines.item)
    return added.keep(on_sale & first & ~have & (rng.random(len(partner)) < TOGETHER))


@dataclass(frozen=True, slots=True)
class Staples:
    """Who buys what again: person, product, days between, day of the first time (from the start)."""

    person: Ints
    item: Ints
    interval: Doubles
    first: Doubles


def staples(month: Month) -> Staples:
    """The staples of this chunk's people, the same in every month."""
    rng = stream(month.settings.seed, STAPLE_STREAM, month.chunk)
    catalogue, members = month.catalogue, month.members
    parts = []
    for category in np.flatnonzero(catalogue.words.again):
        items = np.flatnonzero((catalogue.category == category) & (catalogue.launch == 0))
        who = members[rng.random(len(members)) < STAPLE_SHARE]
        if len(items) == 0 or len(who) == 0:
            continue
        options = items[rng.integers(0, len(items), (len(who), 5))]
        owner = np.repeat(who, 5)
        price = catalogue.prices[0, options.ravel()]
        liked = fit_score(month.people, catalogue, owner, options.ravel(), price).reshape(options.shape)
        interval = catalogue.words.again[category] * rng.lognormal(0, 0.2, len(who))
        chosen = options[np.arange(len(who)), liked.argmax(axis=1)]
        first = np.maximum(month.people.joined[who], 0) + rng.random(len(who)) * interval
        parts.append((who, chosen, interval, first))
    if not parts:
        return Staples(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    return Staples(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def buy_again(month: Month, rng: np.random.Generator) -> Lines:
    """Staples that fall due in this month; each is an order of its own, late by up to 15 % of its interval."""
    have = staples(month)
    start = moment(month.settings.start)
    low = (month.begin - start) / DAY
    high = (moment(month.settings.block(month.index)[1]) - start) / DAY
    begin = np.ceil((np.maximum(low, have.first) - have.first) / have.interval)
    end = np.ceil((high - have.first) / have.interval)
    owner, step = ragged(np.maximum(end - begin, 0).astype(np.int64))
    due = have.first[owner] + (begin[owner] + step) * have.interval[owner]
    late = rng.random(len(owner)) * 0.15 * have.interval[owner]
    ts = start + ((due + late) * DAY).astype(np.int64)
    item, person = have.item[owner], have.person[owner]
    week = month.shelf.week(month.settings, ts)
    price = month.catalogue.prices[week, item]
    lines = Lines(
        order=order_number(month, STAPLE_ORDERS + np.arange(len(owner))),
        person=person,
        ts=ts,
        item=item,
        price=price.astype(np.float64),
        quantity=rng.integers(1, 4, len(owner)).astype(np.float64),
        fit=fit_score(month.people, month.catalogue, person, item, price),
    )
    return lines.keep(active(month, person, ts) & (month.catalogue.stock[week, item] > 0))

"""One month of one chunk of people, from sessions to the rows of the event files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa

from siyu.domain.kinds import EventKind
from siyu.simulator.purchases import Lines, Shopping, buy_again, merge, shop
from siyu.simulator.rows import IDENTIFY, Rows, numbered, raw
from siyu.simulator.sentences import reviews, searches
from siyu.simulator.streams import Flags, Ints, sigmoid, stream
from siyu.simulator.timing import DAY, SECOND
from siyu.simulator.visits import Month, Sessions, Views, sessions, views

SPILL = timedelta(days=32)
"""A month's rows may lie this much after its end (reviews, returns, late orders), never before its start."""
SEARCH_SHARE, LOGIN_SHARE, REVIEW_SHARE, RATING_SHARE = 0.35, 0.5, 0.22, 0.08


@dataclass(frozen=True, slots=True)
class Played:
    """Rows by time, and who stands behind each anonymous id."""

    events: pa.Table
    cookies: Ints
    owners: Ints


def cookie_of(person: Ints, month: int) -> Ints:
    """Number of a person's anonymous id in a month; it tells nothing about either (an odd multiplier mod 2^33)."""
    mixed: Ints = ((person * 1_000 + month) * 5_364_136_223_846_793 + 1_442_695_040_888_963) % (1 << 33)
    return mixed


def play(month: Month) -> Played:
    """Everything organic that the people of this chunk do in this month. The same for the same settings, always."""
    rng = stream(month.settings.seed, "month", month.index, month.chunk)
    visit = sessions(month, rng)
    seen = views(month, rng, visit)
    basket = shop(month, rng, visit, seen)
    again = buy_again(month, rng)
    lines = merge([basket.lines, basket.together, again])
    hidden = _logins(month, rng, visit, seen, basket)
    spoken = _opinions(month, rng, lines)
    parts = [*_browsing(month, rng, visit, seen, basket, hidden), *_extra_views(month, basket, again), _bought(lines)]
    parts += [hidden.identify, *spoken, _returns(rng, lines)]
    prefix = f"e{month.index:02d}-{month.chunk:03d}"
    events = numbered([raw(part, month.people) for part in parts if len(part.person)], prefix)
    owners = np.unique(visit.person[hidden.session])
    return Played(events, cookie_of(owners, month.index), owners)


@dataclass(frozen=True, slots=True)
class _Hidden:
    session: Flags
    identify: Rows


def _logins(month: Month, rng: np.random.Generator, visit: Sessions, seen: Views, basket: Shopping) -> _Hidden:
    """Sessions that begin anonymous; some log in at their end, those that buy always."""
    count = len(visit.person)
    ends = np.zeros(count, np.int64)
    np.maximum.at(ends, seen.session, seen.ts)
    buys = np.zeros(count, bool)
    buys[(basket.lines.order % 10_000_000).astype(np.int64)] = True
    begun = visit.anonymous & (ends > 0)
    login = np.flatnonzero(begun & (buys | (rng.random(count) < LOGIN_SHARE)))
    person = visit.person[login]
    identify = Rows(
        kind=IDENTIFY,
        person=person,
        ts=ends[login] + 59 * SECOND,
        cookie=cookie_of(person, month.index),
        known=np.ones(len(login), bool),
    )
    return _Hidden(begun, identify)


def _browsing(month: Month, rng: np.random.Generator, visit: Sessions, seen: Views, basket: Shopping, hidden: _Hidden
              ) -> list[Rows]:  # fmt: skip
    secret = hidden.session[seen.session]
    cookie = np.where(secret, cookie_of(seen.person, month.index), -1)
    price = month.catalogue.prices[seen.week, seen.item].astype(np.float64)
    one = np.ones(len(seen.item))
    browse = Rows(EventKind.BROWSE, seen.person, seen.ts, item=seen.item, cookie=cookie, known=~secret, price=price)
    later = seen.ts + rng.integers(2, 8, len(seen.ts)) * SECOND
    cart = Rows(EventKind.CART, seen.person, later, seen.item, one, price, cookie=cookie, known=~secret)
    asked = np.flatnonzero(rng.random(len(visit.person)) < SEARCH_SHARE)
    person = visit.person[asked]
    search = Rows(
        EventKind.SEARCH,
        person,
        visit.ts[asked] + SECOND,
        cookie=np.where(hidden.session[asked], cookie_of(person, month.index), -1),
        known=~hidden.session[asked],
        words=searches(rng, month.people, month.catalogue.words, person, visit.category[asked]),
    )
    return [search, browse, cart.keep(basket.carted)]


def _extra_views(month: Month, basket: Shopping, again: Lines) -> list[Rows]:
    """Lines that no view of the session stands for are opened and carted just before they are bought."""
    lines = merge([basket.together, again])
    one = np.ones(len(lines.item))
    return [
        Rows(EventKind.BROWSE, lines.person, lines.ts - 28 * SECOND, item=lines.item, price=lines.price),
        Rows(EventKind.CART, lines.person, lines.ts - 20 * SECOND, lines.item, one, lines.price),
    ]


def _bought(lines: Lines) -> Rows:
    return Rows(EventKind.PURCHASE, lines.person, lines.ts, lines.item, lines.quantity, lines.price, lines.order)


def _opinions(month: Month, rng: np.random.Generator, lines: Lines) -> list[Rows]:
    """Reviews and bare ratings, 3 to 16 days after the purchase."""
    draw = rng.random(len(lines.item))
    said = reviews(rng, month.people, month.catalogue, who=lines.person, item=lines.item, fit=lines.fit)
    ts = lines.ts + ((3 + rng.random(len(draw)) * 13) * DAY).astype(np.int64)
    review = Rows(EventKind.REVIEW, lines.person, ts, lines.item, rating=said.rating, words=said.text)
    rating = Rows(EventKind.RATING, lines.person, ts, lines.item, rating=said.rating)
    wrote = draw < REVIEW_SHARE
    rated = ~wrote & (draw < REVIEW_SHARE + RATING_SHARE)
    return [review.keep(wrote), rating.keep(rated)]


def _returns(rng: np.random.Generator, lines: Lines) -> Rows:
    """Returned within 2 to 14 days, more often where the product fits badly."""
    back = rng.random(len(lines.item)) < sigmoid(-2.4 - 0.7 * lines.fit)
    ts = lines.ts + ((2 + rng.random(len(lines.item)) * 12) * DAY).astype(np.int64)
    all_of = Rows(EventKind.RETURN, lines.person, ts, lines.item, lines.quantity, lines.price, lines.order)
    return all_of.keep(back)

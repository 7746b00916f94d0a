"""How a person bought a product and its like, as numbers: what the chance of buying it again is learnt from.

Everything is counted up to a moment, so that what came later cannot be seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.engine.port import Engine
from siyu.recommendations.models.interactions import Numbers
from siyu.recommendations.models.personal_frequency import Habits
from siyu.recommendations.people import DAY, Act, Floats, Ints, Mask, People, pairs_of
from siyu.recommendations.tables import columns

COUNTS: Final = ("buyers", "repeaters", "span", "gaps", "month", "week")
_HALVES: Final = (7, 15, 30, 60, 120, 240)
_KINDS: Final = ("category", "title")
"""Products of one category, and those of one title in it (sizes, brands): any of them may do instead."""
_OF_KIND: Final = ("times", "last", "first", "decayed_15", "decayed_60", "products", "share", "due")
FEATURES: Final = (
    "times", "last", "first", *(f"decayed_{days}" for days in _HALVES), "visits", "last_visit", "visits_decayed_30",
    "products", "buyers", "month", "week", "interval", "repeated", "own_interval", "expected", "due", "rate", "since",
    "uneven", "last_gap", "lately", "visits_decayed_15", "visits_decayed_120", "products_lately", "since_15",
    "since_120",
    *(f"{kind}_{name}" for kind in _KINDS for name in _OF_KIND),
)  # fmt: skip
"""Of a person and a product, all >= 0; ln(1 + x) of each is learnt from."""
_MONTH: Final = 30


@dataclass(frozen=True)
class Products:
    """How products are bought again, by code.

    Attributes:
        buyers, repeaters: people who bought it, and on two days or more. ``span``, ``gaps``: days between first and
            last purchases, gaps in them. ``month``, ``week``: buyers of the last 30 and 7 days.
        kinds: for each of :data:`_KINDS` the number of the kind that each product is of.
    """

    buyers: Floats
    repeaters: Floats
    span: Floats
    gaps: Floats
    month: Floats
    week: Floats
    kinds: tuple[Ints, ...]

    @classmethod
    def of(cls, size: int, kinds: tuple[Ints, ...] | None = None) -> Products:
        """Nobody bought anything. Without ``kinds`` every product is of a kind of its own."""
        nothing = {name: np.zeros(size) for name in COUNTS}
        return cls(**nothing, kinds=kinds or (np.arange(size),) * len(_KINDS))

    def add(self, habits: Habits) -> None:
        """Count a block of people."""
        last = habits.last_age
        said = {
            "buyers": np.ones(len(last)), "repeaters": habits.times >= 2, "span": habits.span,
            "gaps": habits.times - 1, "month": last < _MONTH, "week": last < 7,
        }  # fmt: skip
        for name, weights in said.items():
            getattr(self, name)[:] += np.bincount(habits.item, weights=weights, minlength=len(self.buyers))


def read_kinds(engine: Engine) -> tuple[Ints, ...]:
    """Of every product of ``rec_items`` the number of its category, and of its title in it; else one of its own."""
    schema = pa.schema([("code", pa.int32()), ("category", pa.string()), ("title", pa.string())])
    table = columns(engine, "SELECT code, category, title FROM rec_items", schema).sort_by("code")
    known = table.column("category").combine_chunks()
    titled = pc.binary_join_element_wise(known, table.column("title").combine_chunks(), "\n")
    return tuple(_numbered(texts) for texts in (known, titled))


def _numbered(texts: pa.Array) -> Ints:
    coded = texts.dictionary_encode()
    number = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return np.where(number >= 0, number, len(coded.dictionary) + np.arange(len(number)))


def habits_at(people: People, cut: int) -> Habits:
    """How everyone bought up to a moment; of several purchases on one day (UTC) the last counts."""
    at = np.flatnonzero((people.kind == Act.PURCHASE) & (people.second <= cut))
    row, item, second = people.row[at], people.item[at], people.second[at]
    day = second // DAY
    last = np.r_[(row[1:] != row[:-1]) | (item[1:] != item[:-1]) | (day[1:] != day[:-1]), True][: len(at)]
    return Habits(row[last], item[last], day[last], (cut - second[last]) / DAY)


def features(people: People, habits: Habits, products: Products, cut: int) -> Numbers:
    """Pairs by :data:`FEATURES`, of 32 bits."""
    row, item, times = habits.row, habits.item, habits.times
    visits, last_visit, decayed_visits = _visits(people, cut)
    decayed = {days: habits.decayed(days) for days in _HALVES}
    interval = (products.span[item] + 60) / (products.gaps[item] + 1)
    expected = (habits.span + interval) / times
    own = np.where(times >= 2, habits.span / np.maximum(times - 1, 1), interval)
    uneven, last_gap = _gaps(habits)
    lately = _per_pair(habits, habits.age < 28)
    found = (
        times, habits.last_age, habits.last_age + habits.span, *decayed.values(), visits[row], last_visit[row],
        decayed_visits[30][row], np.bincount(row, minlength=people.size)[row], products.buyers[item],
        products.month[item], products.week[item], interval,
        (products.repeaters[item] + 1) / (products.buyers[item] + 5), own, expected,
        habits.last_age / np.maximum(expected, 1), times / np.maximum(visits[row], 1),
        decayed[30] / np.maximum(decayed_visits[30][row], 1e-3), uneven, last_gap, lately, decayed_visits[15][row],
        decayed_visits[120][row], np.bincount(row, weights=habits.last_age < _MONTH, minlength=people.size)[row],
        decayed[15] / np.maximum(decayed_visits[15][row], 1e-3),
        decayed[120] / np.maximum(decayed_visits[120][row], 1e-3),
        *(one for kind in products.kinds for one in _of_kind(habits, kind, decayed[120])),
    )  # fmt: skip
    return np.column_stack([np.asarray(one, np.float32) for one in found])


def _of_kind(habits: Habits, kind: Ints, decayed: Floats) -> tuple[Floats, ...]:
    """Of each pair :data:`_OF_KIND`: how the person bought all products of the kind."""
    if not len(habits.start):
        return (np.zeros(0),) * len(_OF_KIND)
    key = habits.row.astype(np.int64) * (int(kind.max()) + 1) + kind[habits.item]
    _, place = np.unique(key, return_inverse=True)
    act = np.repeat(place, habits.times)
    order = np.lexsort((habits.age, act))
    act, age, day = act[order], habits.age[order], habits.day[order]
    new = np.flatnonzero(np.r_[True, (act[1:] != act[:-1]) | (day[1:] != day[:-1])])  # each day once
    act, age = act[new], age[new]
    start = np.flatnonzero(np.r_[True, act[1:] != act[:-1]])
    times, last, first = np.bincount(act), age[start], np.maximum.reduceat(age, start)
    lately, longer = (np.add.reduceat(0.5 ** (age / half), start) for half in (15, 60))
    due = last / np.maximum((first - last + _MONTH) / times, 1)
    of_all = (times, last, first, lately, longer, np.bincount(place))
    share = decayed / np.maximum(longer[place], 1e-3)
    return *(one[place].astype(np.float64) for one in of_all), share, due[place]


def _per_pair(habits: Habits, told: Mask) -> Floats:
    """How many days of each pair are marked."""
    if not len(habits.start):
        return np.zeros(0)
    return np.asarray(np.add.reduceat(told.astype(np.float64), habits.start), np.float64)


def _gaps(habits: Habits) -> tuple[Floats, Floats]:
    """Of each pair how unlike the days between purchases are (standard deviation; 0 of fewer than two); the last."""
    times, start = habits.times, habits.start
    gap = np.r_[0.0, habits.age[:-1] - habits.age[1:]][: len(habits.age)]
    gap[start] = 0.0  # before the first there is none
    count = np.maximum(times - 1, 1)
    total, square = (np.add.reduceat(one, start) if len(start) else np.zeros(0) for one in (gap, gap**2))
    spread = np.sqrt(np.maximum(square - total**2 / count, 0) / np.maximum(times - 2, 1))
    last = gap[np.r_[start[1:], len(gap)] - 1] if len(start) else np.zeros(0)
    return np.where(times >= 3, spread, 0.0), np.asarray(last, np.float64)


def _visits(people: People, cut: int) -> tuple[Floats, Floats, dict[int, Floats]]:
    """Of each person the days with a purchase, the age of the last, and the days decayed with some half-lives."""
    at = np.flatnonzero((people.kind == Act.PURCHASE) & (people.second <= cut))
    row, day = people.row[at], people.second[at] // DAY
    order = np.lexsort((day, row))
    days = pairs_of(row[order], day[order])
    age = np.asarray(cut // DAY - days.item, np.float64)
    counts = np.bincount(days.row, minlength=people.size)
    last = np.zeros(people.size)
    last[days.row] = age  # the latest day stands last
    decayed: dict[int, Floats] = {
        half: np.asarray(np.bincount(days.row, weights=0.5 ** (age / half), minlength=people.size), np.float64)
        for half in (15, 30, 120)
    }
    return counts.astype(np.float64), last, decayed

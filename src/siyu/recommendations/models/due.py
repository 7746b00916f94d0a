"""Due: the chance that a person buys a product again soon, learnt from what the shop's people did lately.

A hazard model in the manner of Bhagat et al., "Buy it again", KDD 2018, in its simplest form: the moment of learning is
put back by ``horizon`` days; who bought what before then is described by counts, recency and intervals of the person,
the product and both; a logistic regression learns which pairs were bought again since. Features come from before the
cut by construction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field

from siyu.domain.kinds import Lane
from siyu.engine.port import Engine
from siyu.recommendations.links import itself, most
from siyu.recommendations.models.neighbours import item_count
from siyu.recommendations.models.personal_frequency import Habits
from siyu.recommendations.people import DAY, Act, Floats, Mask, People, pairs_of
from siyu.recommendations.port import Asked, Blocks, Capability, Reasons, Told
from siyu.recommendations.tables import columns, keep

_PRODUCTS: Final = pa.schema(
    [(name, pa.float64()) for name in ("item", "buyers", "repeaters", "span", "gaps", "month", "week")]
)
_TERMS: Final = pa.schema(
    [("one", pa.int32()), ("other", pa.int32()), ("mean", pa.float64()), ("scale", pa.float64()), ("by", pa.float64())]
)
_HALVES: Final = (7, 15, 30, 60, 120, 240)
FEATURES: Final = (
    "times", "last", "first", *(f"decayed_{days}" for days in _HALVES), "visits", "last_visit", "visits_decayed_30",
    "products", "buyers", "month", "week", "interval", "repeated", "own_interval", "expected", "due", "rate", "since",
)  # fmt: skip
"""Of a person and a product, all >= 0; ln(1 + x) of each is learnt from."""
_CROSSED: Final = ("times", "last", "decayed_30", "decayed_120", "visits_decayed_30", "repeated")
_WITH: Final = (*_CROSSED, "due", "month")
_ENOUGH: Final = 100
"""Pairs bought again that it takes to learn; below, recency-weighted frequency decides."""


class DueOptions(BaseModel):
    """Options of :class:`Due`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    horizon: float = Field(30.0, gt=0, le=365, description="Days within which a purchase counts as buying again soon.")
    pairs: int = Field(500_000, ge=1000, le=20_000_000, description="Pairs of person and product to learn from, about.")
    ridge: float = Field(10.0, gt=0, le=100_000, description="Penalty on large coefficients.")
    kept: int = Field(500, ge=1, le=5000, description="Products of one person that count, the likeliest.")


class Due:
    """Chance of buying again within ``horizon`` days, for products that somebody has bought again.

    Reason ``repeat``, as of :class:`.personal_frequency.PersonalFrequency`.
    """

    Options: ClassVar[type[BaseModel]] = DueOptions
    lane: ClassVar[Lane] = Lane.BUY_AGAIN
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.SEQUENCE})
    interests = 0

    def __init__(self, options: DueOptions) -> None:
        self.options = options

    def fit(self, engine: Engine, people: Blocks, now: datetime) -> None:
        """Learn, as ``rec_due_products`` (how products are bought again) and ``rec_due`` (what counts how much)."""
        size, moment = item_count(engine), int(now.timestamp())
        cut = moment - int(self.options.horizon * DAY)
        ids, then, here = _counted(people, size, (cut, moment))
        described, again = _sample(people, then, cut, _chosen(ids, int(then.buyers.sum()), self.options.pairs))
        terms = learnt(described, again, self.options.ridge) if again.sum() >= _ENOUGH else _plain()
        keep(engine, "rec_due", terms)
        at = np.flatnonzero(here.buyers > 0)
        arrays = [at, *(getattr(here, name)[at] for name in _PRODUCTS.names[1:])]
        keep(engine, "rec_due_products", pa.table([pa.array(one, pa.float64()) for one in arrays], schema=_PRODUCTS))

    def scorer(self, engine: Engine, now: datetime) -> DueScorer:
        """Products and coefficients."""
        size = item_count(engine)
        for name in ("rec_due", "rec_due_products"):
            engine.table(name, name)
        table = columns(engine, f"SELECT {', '.join(_PRODUCTS.names)} FROM rec_due_products", _PRODUCTS)
        item = table.column("item").to_numpy().astype(np.int64)
        products = Products.of(size)
        for name in _PRODUCTS.names[1:]:
            getattr(products, name)[item] = table.column(name).to_numpy()
        terms = columns(engine, 'SELECT one, other, mean, scale, "by" FROM rec_due', _TERMS)
        return DueScorer(self.options, products, terms.sort_by([("one", "ascending"), ("other", "ascending")]))


@dataclass(frozen=True)
class Products:
    """How products are bought again, by code: buyers, those who bought on two days or more, days between first and
    last purchases, gaps in them, buyers of the last 30 and 7 days.
    """

    buyers: Floats
    repeaters: Floats
    span: Floats
    gaps: Floats
    month: Floats
    week: Floats

    @classmethod
    def of(cls, size: int) -> Products:
        """Nobody bought anything."""
        return cls(*(np.zeros(size) for _ in range(6)))

    def add(self, habits: Habits) -> None:
        """Count a block of people."""
        size = len(self.buyers)
        said = {
            "buyers": None, "repeaters": habits.times >= 2, "span": habits.span, "gaps": habits.times - 1,
            "month": habits.last_age < 30, "week": habits.last_age < 7,
        }  # fmt: skip
        for name, weights in said.items():
            getattr(self, name)[:] += np.bincount(habits.item, weights=weights, minlength=size)


class DueScorer:
    """Asks by the products bought before that somebody bought again; the value is the chance."""

    words = ("repeat", "person", "everyone")
    merged = None

    def __init__(self, options: DueOptions, products: Products, terms: pa.Table) -> None:
        self.options, self.products = options, products
        self.terms = {name: terms.column(name).to_numpy() for name in _TERMS.names}
        self.links = itself(len(products.buyers))

    def asked(self, people: People) -> Asked:
        """One key a product; notes hold the days it was bought on and the interval."""
        habits = habits_at(people, people.now)
        value = 1 / (1 + np.exp(-summed(features(people, habits, self.products, people.now), self.terms)))
        gaps = self.products.gaps[habits.item]
        at = np.flatnonzero((gaps > 0) & (value > 0))
        times = habits.times[at]
        own = habits.span[at] / np.maximum(times - 1, 1)
        days = np.where(times >= 2, own, self.products.span[habits.item[at]] / gaps[at])
        found = Asked(habits.row[at], habits.item[at], value[at], {"times": times, "days": days})
        return most(found, self.options.kept)

    def reasons(self, asked: Asked, told: Told) -> Reasons:
        """On how many days, and how many days apart."""
        times, days = asked.notes["times"][told.ask], asked.notes["days"][told.ask]
        whose = np.where(times >= 2, 1, 2)
        return Reasons.of(len(told.ask), kind=0, past=told.item, value=whose, count=times, number=days)


def habits_at(people: People, cut: int) -> Habits:
    """How everyone bought up to a moment; of several purchases on one day (UTC) the last counts."""
    at = np.flatnonzero((people.kind == Act.PURCHASE) & (people.second <= cut))
    row, item, second = people.row[at], people.item[at], people.second[at]
    day = second // DAY
    last = np.r_[(row[1:] != row[:-1]) | (item[1:] != item[:-1]) | (day[1:] != day[:-1]), True][: len(at)]
    return Habits(row[last], item[last], day[last], (cut - second[last]) / DAY)


def features(people: People, habits: Habits, products: Products, cut: int) -> Floats:
    """Pairs by :data:`FEATURES`."""
    row, item, times = habits.row, habits.item, habits.times
    visits, last_visit, lately = _visits(people, cut)
    decayed = {days: habits.decayed(days) for days in _HALVES}
    interval = (products.span[item] + 60) / (products.gaps[item] + 1)
    expected = (habits.span + interval) / times
    own = np.where(times >= 2, habits.span / np.maximum(times - 1, 1), interval)
    found = (
        times, habits.last_age, habits.last_age + habits.span, *decayed.values(), visits[row], last_visit[row],
        lately[row], np.bincount(row, minlength=people.size)[row], products.buyers[item], products.month[item],
        products.week[item], interval, (products.repeaters[item] + 1) / (products.buyers[item] + 5), own, expected,
        habits.last_age / np.maximum(expected, 1), times / np.maximum(visits[row], 1),
        decayed[30] / np.maximum(lately[row], 1e-3),
    )  # fmt: skip
    return np.column_stack([np.asarray(one, np.float64) for one in found])


def _visits(people: People, cut: int) -> tuple[Floats, Floats, Floats]:
    """Of each person the days with a purchase, the age of the last, and the days decayed with a half-life of 30."""
    at = np.flatnonzero((people.kind == Act.PURCHASE) & (people.second <= cut))
    row, day = people.row[at], people.second[at] // DAY
    order = np.lexsort((day, row))
    days = pairs_of(row[order], day[order])
    age = np.asarray(cut // DAY - days.item, np.float64)
    counts = np.bincount(days.row, minlength=people.size)
    last = np.zeros(people.size)
    last[days.row] = age  # the latest day stands last
    lately = np.bincount(days.row, weights=0.5 ** (age / 30), minlength=people.size)
    return counts.astype(np.float64), last, np.asarray(lately, np.float64)


def learnt(described: Floats, again: Mask, ridge: float) -> pa.Table:
    """Coefficients of single and crossed features, as :data:`_TERMS`."""
    from sklearn.linear_model import LogisticRegression

    logs = np.log1p(described)
    mean, scale = logs.mean(axis=0), logs.std(axis=0) + 1e-9
    pairs = _pairs()
    model = LogisticRegression(C=1 / ridge, max_iter=300)
    model.fit(_crossed((logs - mean) / scale, pairs), again)
    return _terms(pairs, model.coef_[0], mean, scale)


def summed(described: Floats, terms: dict[str, Floats]) -> Floats:
    """The sum of all terms for each pair; only its order counts."""
    one, other, by = terms["one"].astype(np.int64), terms["other"].astype(np.int64), terms["by"]
    single = other < 0
    logs = (np.log1p(described[:, one[single]]) - terms["mean"][single]) / terms["scale"][single]
    place = np.empty(described.shape[1], np.int64)
    place[one[single]] = np.arange(single.sum())
    total = logs @ by[single]
    for first, second, much in zip(place[one[~single]], place[other[~single]], by[~single], strict=True):
        total += logs[:, first] * logs[:, second] * much
    return np.asarray(np.clip(total, -30, 30), np.float64)


def _pairs() -> list[tuple[int, int]]:
    """Which features are crossed."""
    names = sorted({(min(pair), max(pair)) for pair in ((a, b) for a in _CROSSED for b in _WITH)})
    return [(FEATURES.index(one), FEATURES.index(other)) for one, other in names]


def _crossed(logs: Floats, pairs: Sequence[tuple[int, int]]) -> Floats:
    return np.column_stack([logs, *(logs[:, one] * logs[:, other] for one, other in pairs)])


def _terms(pairs: Sequence[tuple[int, int]], by: Floats, mean: Floats, scale: Floats) -> pa.Table:
    """Terms as a table; mean and scale stand with the single features."""
    one = [*range(len(FEATURES)), *(one for one, _ in pairs)]
    other = [*(-1 for _ in FEATURES), *(other for _, other in pairs)]
    blank = np.zeros(len(pairs))
    arrays = [one, other, np.concatenate([mean, blank]), np.concatenate([scale, blank + 1]), by]
    return pa.table([pa.array(column, field.type) for column, field in zip(arrays, _TERMS, strict=True)], schema=_TERMS)


def _plain() -> pa.Table:
    """Recency-weighted frequency: where there is too little to learn from."""
    by = np.zeros(len(FEATURES))
    by[FEATURES.index("decayed_120")] = 1.0
    return _terms([], by, np.zeros(len(FEATURES)), np.ones(len(FEATURES)))


def _counted(people: Blocks, size: int, cuts: tuple[int, int]) -> tuple[pa.Array, Products, Products]:
    """Everyone's pseudonyms, and how products were bought up to each of two moments."""
    ids, found = [pa.array([], pa.string())], (Products.of(size), Products.of(size))
    for block in people():
        ids.append(block.ids)
        for cut, products in zip(cuts, found, strict=True):
            products.add(habits_at(block, cut))
    return pa.chunked_array(ids).combine_chunks(), *found


def _chosen(ids: pa.Array, pairs: int, most_pairs: int) -> pa.Array:
    """People to learn from: every so manieth in order of pseudonyms."""
    step = max(1, -(-pairs // most_pairs))
    return ids.take(pc.array_sort_indices(ids)[::step])


def _sample(people: Blocks, then: Products, cut: int, chosen: pa.Array) -> tuple[Floats, Mask]:
    """Features as of the cut, and whether the pair was bought since; in order of pseudonyms."""
    described, again, ranks = [np.zeros((0, len(FEATURES)))], [np.zeros(0, bool)], [np.zeros(0, np.int64)]
    for block in people():
        habits = habits_at(block, cut)
        rank = pc.index_in(block.ids, chosen).fill_null(-1).to_numpy(zero_copy_only=False)[habits.row]
        at = np.flatnonzero((rank >= 0) & (then.gaps[habits.item] > 0))
        described.append(features(block, habits, then, cut)[at])
        again.append(_since(block, habits, cut)[at])
        ranks.append(rank[at].astype(np.int64))
    order = np.argsort(np.concatenate(ranks), kind="stable")
    return np.concatenate(described)[order], np.concatenate(again)[order]


def _since(people: People, habits: Habits, cut: int) -> Mask:
    """Whether each pair was bought after the cut."""
    at = np.flatnonzero((people.kind == Act.PURCHASE) & (people.second > cut))
    span = int(max(people.item.max(initial=0), habits.item.max(initial=0))) + 1
    return np.isin(
        habits.row.astype(np.int64) * span + habits.item, people.row[at].astype(np.int64) * span + people.item[at]
    )

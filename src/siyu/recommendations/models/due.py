"""Due: the chance that a person buys a product again soon, learnt from what the shop's people did lately.

A hazard model in the manner of Bhagat et al., "Buy it again", KDD 2018, in its simplest form: the moment of learning is
put back by ``horizon`` days; who bought what before then is described by counts, recency and intervals of the person,
the product and both; a logistic regression learns which pairs were bought again since. Features come from before the
cut by construction.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field

from siyu.domain.kinds import Lane
from siyu.engine.port import Engine
from siyu.recommendations.links import itself, most
from siyu.recommendations.models.interactions import Numbers
from siyu.recommendations.models.neighbours import item_count
from siyu.recommendations.models.personal_frequency import Habits
from siyu.recommendations.models.repurchase import COUNTS, FEATURES, Products, features, habits_at, read_kinds
from siyu.recommendations.people import DAY, Act, Floats, Ints, Mask, People
from siyu.recommendations.port import Asked, Blocks, Capability, Reasons, Told
from siyu.recommendations.tables import columns, keep

_PRODUCTS: Final = pa.schema([(name, pa.float64()) for name in ("item", *COUNTS)])
_TERMS: Final = pa.schema(
    [("one", pa.int32()), ("other", pa.int32()), ("mean", pa.float64()), ("scale", pa.float64()), ("by", pa.float64())]
)
_CROSSED: Final = ("times", "last", "decayed_30", "decayed_120", "visits_decayed_30", "repeated")
_WITH: Final = (*_CROSSED, "due", "month", "since_120", "title_due", "title_decayed_15")
_STEP: Final = 100_000
"""Pairs worked out at a time."""
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
        moment = int(now.timestamp())
        cut = moment - int(self.options.horizon * DAY)
        ids, then, here = _counted(people, read_kinds(engine), (cut, moment))
        described, again = _sample(people, then, cut, _chosen(ids, int(then.buyers.sum()), self.options.pairs))
        terms = learnt(described, again, self.options.ridge) if again.sum() >= _ENOUGH else _plain()
        keep(engine, "rec_due", terms)
        at = np.flatnonzero(here.buyers > 0)
        arrays = [at, *(getattr(here, name)[at] for name in COUNTS)]
        keep(engine, "rec_due_products", pa.table([pa.array(one, pa.float64()) for one in arrays], schema=_PRODUCTS))

    def scorer(self, engine: Engine, now: datetime) -> DueScorer:
        """Products and coefficients."""
        size = item_count(engine)
        for name in ("rec_due", "rec_due_products"):
            engine.table(name, name)
        table = columns(engine, f"SELECT {', '.join(_PRODUCTS.names)} FROM rec_due_products", _PRODUCTS)
        item = table.column("item").to_numpy().astype(np.int64)
        products = Products.of(size, read_kinds(engine))
        for name in COUNTS:
            getattr(products, name)[item] = table.column(name).to_numpy()
        terms = columns(engine, 'SELECT one, other, mean, scale, "by" FROM rec_due', _TERMS)
        return DueScorer(self.options, products, terms.sort_by([("one", "ascending"), ("other", "ascending")]))


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


def learnt(described: Numbers, again: Mask, ridge: float) -> pa.Table:
    """Coefficients of single and crossed features, as :data:`_TERMS`."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    logs = np.log1p(described)
    mean, scale = logs.mean(axis=0), logs.std(axis=0) + 1e-9
    pairs = _pairs()
    model = LogisticRegression(C=1 / ridge, max_iter=300)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the last steps change nothing in a list
        model.fit(_crossed(((logs - mean) / scale).astype(np.float32), pairs), again)
    return _terms(pairs, model.coef_[0].astype(np.float64), mean, scale)


def summed(described: Numbers, terms: dict[str, Floats]) -> Floats:
    """The sum of all terms for each pair; only its order counts."""
    found = [_summed(described[first : first + _STEP], terms) for first in range(0, len(described), _STEP)]
    return np.concatenate([np.zeros(0), *found])


def _summed(described: Numbers, terms: dict[str, Floats]) -> Floats:
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


def _crossed(logs: Numbers, pairs: Sequence[tuple[int, int]]) -> Numbers:
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


def _counted(people: Blocks, kinds: tuple[Ints, ...], cuts: tuple[int, int]) -> tuple[pa.Array, Products, Products]:
    """Everyone's pseudonyms, and how products were bought up to each of two moments."""
    ids, found = [pa.array([], pa.string())], (Products.of(len(kinds[0]), kinds), Products.of(len(kinds[0]), kinds))
    for block in people():
        ids.append(block.ids)
        for cut, products in zip(cuts, found, strict=True):
            products.add(habits_at(block, cut))
    return pa.chunked_array(ids).combine_chunks(), *found


def _chosen(ids: pa.Array, pairs: int, most_pairs: int) -> pa.Array:
    """People to learn from: every so manieth in order of pseudonyms."""
    step = max(1, -(-pairs // most_pairs))
    return ids.take(pc.array_sort_indices(ids)[::step])


def _sample(people: Blocks, then: Products, cut: int, chosen: pa.Array) -> tuple[Numbers, Mask]:
    """Features as of the cut, and whether the pair was bought since; in order of pseudonyms."""
    described, again, ranks = [np.zeros((0, len(FEATURES)), np.float32)], [np.zeros(0, bool)], [np.zeros(0, np.int64)]
    for block in people():
        rank = pc.index_in(block.ids, chosen).fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        some = _some(block, rank >= 0)
        habits = habits_at(some, cut)
        at = np.flatnonzero(then.gaps[habits.item] > 0)
        described.append(features(some, habits, then, cut)[at])
        again.append(_since(some, habits, cut)[at])
        ranks.append(rank[rank >= 0][habits.row[at]])
    order = np.argsort(np.concatenate(ranks), kind="stable")
    return np.concatenate(described)[order], np.concatenate(again)[order]


def _some(people: People, chosen: Mask) -> People:
    """The chosen people of a block and their purchases, without interests."""
    number = np.cumsum(chosen) - 1
    at = np.flatnonzero(chosen[people.row] & (people.kind == Act.PURCHASE))
    kept = {name: getattr(people, name)[at] for name in ("item", "kind", "second", "unit")}
    ids = people.ids.filter(pa.array(chosen))
    return People(ids, number[people.row[at]], now=people.now, signal=people.signal, **kept)


def _since(people: People, habits: Habits, cut: int) -> Mask:
    """Whether each pair was bought after the cut."""
    at = np.flatnonzero((people.kind == Act.PURCHASE) & (people.second > cut))
    span = int(max(people.item.max(initial=0), habits.item.max(initial=0))) + 1
    return np.isin(
        habits.row.astype(np.int64) * span + habits.item, people.row[at].astype(np.int64) * span + people.item[at]
    )

"""Affinity: the chance that a person's next purchase holds something of a category.

A person's own share is drawn towards that of all; how long ago they bought it, their rhythm in it and what they
looked at lately move it. One logistic regression for all categories learns by how much, from what was bought next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

import numpy as np
import pyarrow as pa

from siyu.engine.port import Engine
from siyu.engine.schemas import NEEDS_AFFINITY
from siyu.engine.sql import query
from siyu.profiles.needs.calibration import Curve, calibrate
from siyu.profiles.needs.cuts import Plan
from siyu.profiles.needs.features import Floats
from siyu.profiles.needs.findings import Finding
from siyu.profiles.needs.metrics import Figure, Judge, intervals, judged, resamples
from siyu.profiles.needs.seen import PACKAGE, SAMPLE, see, see_later
from siyu.profiles.needs.settings import NeedsSettings

KINDS = "needs_kinds"
_MOST_PEOPLE = 3_000
"""Learnt from and judged on at most so many people a moment: each is a row for every category."""
_LEAST_BUYERS = 100
_WIDTH = 9


@dataclass(frozen=True, slots=True)
class Tastes:
    """People x categories: days bought, days since last and first, looks of the last month; days with any."""

    people: np.ndarray
    buys: Floats
    days: Floats
    recency: Floats
    tenure: Floats
    looked: Floats

    @classmethod
    def of(cls, batch: pa.RecordBatch | pa.Table, categories: int) -> Tastes:
        """From rows of ``sql/tastes.sql``."""
        if isinstance(batch, pa.Table):
            batch = batch.combine_chunks().to_batches()[0] if batch.num_rows else pa.RecordBatch.from_pylist([], _ROW)
        lists = batch.column("tastes")
        row = np.repeat(np.arange(batch.num_rows), np.diff(lists.offsets.to_numpy()))
        flat = lists.flatten()
        place = row * categories + flat.field("code").to_numpy()
        found = []
        for name in ("days", "recency", "tenure", "looked"):
            table = np.zeros(batch.num_rows * categories)
            table[place] = np.nan_to_num(flat.field(name).to_numpy(zero_copy_only=False).astype(float))
            found.append(table.reshape(batch.num_rows, categories))
        people = batch.column("person").to_numpy(zero_copy_only=False)
        return cls(people, batch.column("buys").to_numpy(zero_copy_only=False).astype(float), *found)

    def share(self, usual: Floats) -> Floats:
        """Own shares, drawn towards what is ``usual`` by one purchase."""
        return np.clip((self.days + usual) / (self.buys[:, None] + 1), 1e-5, 1 - 1e-5)

    def rows(self, usual: Floats) -> Floats:
        """What the regression reads, people * categories x 9."""
        bought = self.days > 0
        gap = self.tenure - self.recency
        rhythm = np.where(self.days > 1, gap / np.maximum(self.days - 1, 1), 0.0)
        due = np.where(self.days > 1, np.log1p(self.recency / np.maximum(rhythm, 1)), 0.0)
        share = _odds(self.share(usual))
        many = np.broadcast_to(np.log1p(self.buys)[:, None], share.shape)
        columns = (
            share, np.broadcast_to(_odds(usual), share.shape), bought, np.where(bought, np.log1p(self.recency), 0.0),
            np.log1p(self.looked), bought & (self.recency <= 30), due, many, many * share,
        )  # fmt: skip
        return np.stack([np.asarray(column, float) for column in columns], axis=-1).reshape(-1, _WIDTH)


@dataclass(frozen=True, slots=True)
class Affinity:
    """What was learnt; travels to workers."""

    categories: tuple[str, ...]
    usual: Floats
    weights: Floats
    start: float
    curve: Curve

    def scores(self, tastes: Tastes) -> Floats:
        """People x categories; they rank where chances are equal, too."""
        found: Floats = tastes.rows(self.usual) @ self.weights + self.start
        return found.reshape(len(tastes.people), len(self.categories))


@dataclass(frozen=True, slots=True)
class AffinityMeasured:
    """How good it is at the moment reported, over all pairs of people who bought then and categories.

    Attributes:
        figures: AUC and Brier score by what foresees: ``learnt``, ``own-share``, ``popularity``.
        first: share of the people whose likeliest category was in their next purchase.
    """

    at: datetime
    people: int
    categories: int
    figures: dict[str, dict[str, Figure]]
    first: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Moment:
    """People who bought after a moment: what was known of them, and which categories they bought next."""

    tastes: Tastes
    bought: Floats


def paths(engine: Engine, source: str, cut: datetime, settings: NeedsSettings) -> tuple[str, ...]:
    """The most bought categories before ``cut``; makes ``needs_kinds`` (item, code) readable."""
    see(engine, source, cut)
    counts: dict[str, int] = {}
    for batch in engine.batches(query(PACKAGE, "bought_paths")):
        for path, days in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True):
            name = cut_path(path, settings.category_levels)
            counts[name] = counts.get(name, 0) + days
    chosen = tuple(sorted(sorted(counts, key=lambda name: (-counts[name], name))[: settings.categories]))
    number(engine, chosen, settings.category_levels)
    return chosen


def number(engine: Engine, categories: tuple[str, ...], levels: int) -> None:
    """Make ``needs_kinds`` readable: products by the number of their category."""
    place = {name: code for code, name in enumerate(categories)}
    every = [path for batch in engine.batches("SELECT category FROM needs_products WHERE category IS NOT NULL "
             "GROUP BY category") for path in batch.column(0).to_pylist()]  # fmt: skip
    known = [(path, place[cut_path(path, levels)]) for path in every if cut_path(path, levels) in place]
    rows = {"path": [path for path, _ in known], "code": [code for _, code in known]}
    engine.table("needs_paths", pa.table(rows, schema=pa.schema([("path", pa.string()), ("code", pa.int32())])))
    engine.write(query(PACKAGE, "kinds"), KINDS, scratch=True)
    engine.table(KINDS, KINDS)


def cut_path(path: str, levels: int) -> str:
    """The first levels of a category path.

    Example:
        >>> cut_path("Clothes > Coats > Trench coats", 2)
        'Clothes > Coats'
    """
    return " > ".join(path.split(" > ")[:levels])


def tastes_sql(cut: datetime) -> str:
    """The query over ``needs_seen`` that :class:`Tastes` reads."""
    return query(PACKAGE, "tastes", now=cut, month=cut - timedelta(days=30))


def learn(engine: Engine, plan: Plan, settings: NeedsSettings) -> tuple[Affinity, AffinityMeasured] | Finding:
    """Learn, measure at the moment reported, and learn again for what is served.

    Categories are those most bought before the moment of choosing, which is before what is reported; both models have
    the same ones, so that each moment of the past is looked at once.
    """
    categories = paths(engine, SAMPLE, plan.choose, settings)
    if len(categories) < 2:
        return Finding("affinity", "no-categories", {"categories": len(categories)})
    look = cache(lambda at: _moment(engine, at, plan.window, len(categories)))
    found = _fitted(categories, look, plan, settings)
    if isinstance(found, Finding):
        return found
    measured = _measure(look(plan.report), found, plan, settings)
    later = _fitted(categories, look, plan.later(settings.train_cuts), settings)
    return (found if isinstance(later, Finding) else later), measured


def _fitted(
    categories: tuple[str, ...], look: Callable[[datetime], _Moment], plan: Plan, settings: NeedsSettings
) -> Affinity | Finding:
    moments = [look(at) for at in plan.train]
    people = sum(len(one.bought) for one in moments)
    if people < _LEAST_BUYERS:
        return Finding("affinity", "too-few-people", {"people": people, "least": _LEAST_BUYERS})
    usual = np.clip(np.concatenate([one.bought for one in moments]).mean(axis=0), 1e-4, 1 - 1e-4)
    apart = 3 if plan.split else 0
    rows = [_some(one, apart, False) for one in moments]
    x = np.concatenate([one.tastes.rows(usual) for one in rows])
    y = np.concatenate([one.bought.ravel() for one in rows])
    if not np.ptp(y):
        return Finding("affinity", "no-variance", {"people": people})
    from sklearn.linear_model import LogisticRegression  # heavy, and needed for learning only

    deviation = np.where(x.std(axis=0) > 1e-9, x.std(axis=0), 1.0)
    fitted = LogisticRegression(C=1.0, max_iter=100, solver="newton-cholesky").fit(x / deviation, y)
    weights = fitted.coef_[0] / deviation
    plain = Curve("platt", np.array([1.0, 0.0]), np.empty(0))
    model = Affinity(categories, usual, weights, float(fitted.intercept_[0]), plain)
    chosen = _some(look(plan.choose), apart, True)
    if len(chosen.bought) * 2 < _LEAST_BUYERS or not np.ptp(chosen.bought):
        return model
    scores = chosen.tastes.rows(usual) @ model.weights + model.start
    return replace(model, curve=calibrate(scores, chosen.bought.ravel(), settings.calibration))


def _some(one: _Moment, apart: int, kept: bool) -> _Moment:
    """Every third person where learning and choosing share a moment, or the others."""
    if not apart:
        return one
    where = (np.arange(len(one.bought)) % apart == 0) == kept
    t = one.tastes
    parts = (t.people[where], t.buys[where], t.days[where], t.recency[where], t.tenure[where], t.looked[where])
    return _Moment(Tastes(*parts), one.bought[where])


def _moment(engine: Engine, at: datetime, window: int, categories: int) -> _Moment:
    """Of at most so many people, in the order of their pseudonyms, which are drawn at random anyway."""
    see_later(engine, SAMPLE, at, window)
    schema = pa.schema([("person", pa.string()), ("code", pa.int32())])
    batches = [batch.cast(schema) for batch in engine.batches(query(PACKAGE, "next_kinds"))]
    later = pa.Table.from_batches(batches, schema)
    engine.table("needs_buyers", later.select(["person"]).group_by("person").aggregate([]))
    see(engine, f"(SELECT s.* FROM {SAMPLE} s SEMI JOIN needs_buyers b ON b.person = s.person) bought", at)
    found = [batch.cast(_ROW) for batch in engine.batches(tastes_sql(at))]
    rows = pa.Table.from_batches(found, _ROW).sort_by("person").slice(0, _MOST_PEOPLE)
    tastes = Tastes.of(rows, categories)
    place = (
        np.searchsorted(tastes.people, later.column("person").to_numpy()) if len(tastes.people) else np.empty(0, int)
    )
    bought = np.zeros((len(tastes.people), categories))
    there = place < len(tastes.people)
    if there.any():
        there[there] = tastes.people[place[there]] == later.column("person").to_numpy()[there]
        bought[place[there], later.column("code").to_numpy()[there]] = 1
    return _Moment(tastes, bought)


_TASTE = pa.struct([("code", pa.int32()), *((name, pa.float64()) for name in ("days", "recency", "tenure", "looked"))])
_ROW = pa.schema([("person", pa.string()), ("buys", pa.float64()), ("tastes", pa.list_(_TASTE))])


def _measure(one: _Moment, model: Affinity, plan: Plan, settings: NeedsSettings) -> AffinityMeasured:
    own = one.tastes.share(model.usual)
    foreseen = {
        "learnt": model.curve(model.scores(one.tastes)),
        "own-share": own,
        "popularity": np.broadcast_to(model.usual, own.shape),
    }
    people, pairs = one.bought.shape[0], one.bought.size
    figures, first = {}, {}
    drawn = resamples(people, min(settings.resamples, 100), settings.seed) if people else np.empty((0, 0), np.float32)
    for name, chances in foreseen.items():
        if not people or not np.ptp(one.bought):
            continue
        judge = Judge(chances.ravel(), one.bought.ravel())
        found = judged(judge, np.repeat(drawn, one.bought.shape[1], axis=1))
        figures[name] = intervals(judge, pairs, found, settings.level)
        ranked = model.scores(one.tastes) if name == "learnt" else chances
        first[name] = float(one.bought[np.arange(people), ranked.argmax(axis=1)].mean())
    return AffinityMeasured(plan.report, people, len(model.categories), figures, first)


@dataclass(frozen=True, slots=True)
class Likely:
    """Batch function: rows of ``sql/tastes.sql`` to rows of dataset ``needs_affinity``."""

    model: Affinity
    top: int

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The likeliest categories of each person, best first."""
        tastes = Tastes.of(batch.cast(_ROW), len(self.model.categories))
        scores = self.model.scores(tastes)
        top = min(self.top, scores.shape[1])
        order = np.argsort(-np.round(scores, 9), axis=1, kind="stable")[:, :top]
        chances = self.model.curve(scores)
        names = pa.array(self.model.categories, pa.string())
        columns = [
            pa.array(np.repeat(tastes.people, top), pa.string()),
            names.take(pa.array(order.ravel())),
            pa.array(np.take_along_axis(chances, order, axis=1).ravel()),
            pa.array(np.tile(np.arange(1, top + 1, dtype=np.int32), len(order))),
        ]
        return pa.record_batch(columns, schema=NEEDS_AFFINITY)


def _odds(shares: Floats) -> Floats:
    found: Floats = np.log(shares / (1 - shares))
    return found

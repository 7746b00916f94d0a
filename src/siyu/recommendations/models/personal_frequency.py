"""Buying again: a person's own habits, and whether the next purchase is due."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from siyu.domain.kinds import Lane
from siyu.engine.port import Engine
from siyu.recommendations.links import itself, most
from siyu.recommendations.people import DAY, Act, Floats, Ints, People, pairs_of
from siyu.recommendations.port import Asked, Blocks, Capability, Reasons, Told
from siyu.recommendations.tables import columns, keep, rows

_REPEAT = pa.schema(
    [("item", pa.int32()), ("buyers", pa.int64()), ("repeaters", pa.int64()), ("interval_days", pa.float64())]
)


class PersonalFrequencyOptions(BaseModel):
    """Options of :class:`PersonalFrequency`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    half_life: float = Field(120.0, gt=0, le=36_500, description="Days after which a purchase counts half.")
    repeaters: int = Field(
        3, ge=1, description="People who bought a product on two days or more, for it to be one that is bought again."
    )
    prior: float = Field(2.0, ge=0, le=1000, description="Intervals' worth of trust in the product's own interval.")
    early: float = Field(0.8, ge=0, le=1, description="Share of the score left right after a purchase.")
    late: float = Field(0.3, ge=0, le=5, description="Power by which the score falls once the purchase is overdue.")
    kept: int = Field(500, ge=1, le=5000, description="Products of one person that count, the likeliest.")


class PersonalFrequency:
    """Recency-weighted frequency of a person's purchases of a product, times how due it is.

    The expected interval is the person's own mean between purchase days, drawn towards the product's pooled mean.
    Reason ``repeat``: bought on ``count`` days; ``number`` is the person's mean interval in days (``value`` is
    ``person``) or, after a single purchase, that of everyone who bought it again (``everyone``).
    """

    Options: ClassVar[type[BaseModel]] = PersonalFrequencyOptions
    lane: ClassVar[Lane] = Lane.BUY_AGAIN
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.SEQUENCE})
    interests = 0

    def __init__(self, options: PersonalFrequencyOptions) -> None:
        self.options = options

    def fit(self, engine: Engine, people: Blocks, now: datetime) -> None:
        """Learn how each product is bought again, as ``rec_repeat``: days (UTC) count once, the interval is pooled."""
        size = rows(engine, "SELECT count(*) AS items FROM rec_items")[0]["items"]
        totals = np.zeros((4, size))
        for block in people():
            habits = Habits.of(block)
            again = habits.times >= 2
            for place, weights in enumerate((None, again, habits.span, habits.times - 1)):
                totals[place] += np.bincount(habits.item, weights=weights, minlength=size)
        item = np.flatnonzero(totals[3] > 0)
        buyers, repeaters, span, gaps = totals[:, item]
        counts = buyers.astype(np.int64), repeaters.astype(np.int64)
        keep(engine, "rec_repeat", pa.table([item.astype(np.int32), *counts, span / gaps], schema=_REPEAT))

    def scorer(self, engine: Engine, now: datetime) -> PersonalFrequencyScorer:
        """Repeaters and interval of every product."""
        size = rows(engine, "SELECT count(*) AS items FROM rec_items")[0]["items"]
        engine.table("rec_repeat", "rec_repeat")
        table = columns(engine, "SELECT item, buyers, repeaters, interval_days FROM rec_repeat", _REPEAT)
        repeaters, interval = np.zeros(size, np.int64), np.full(size, np.nan)
        item = table.column("item").to_numpy()
        repeaters[item], interval[item] = table.column("repeaters").to_numpy(), table.column("interval_days").to_numpy()
        return PersonalFrequencyScorer(self.options, repeaters, interval)


class Habits:
    """How each person of a block bought each product: ``times`` in days it was bought on, ``span`` between them."""

    def __init__(self, row: Ints, item: Ints, day: Ints, age: Floats) -> None:
        pairs = pairs_of(row, item)
        ends = np.r_[pairs.start[1:], len(row)] - 1 if len(row) else pairs.start
        self.row, self.item, self.start = pairs.row, pairs.item, pairs.start
        self.times = ends - pairs.start + 1
        self.span = (day[ends] - day[pairs.start]).astype(np.float64)
        self.last_age = age[ends]
        self.day = day
        self.age = age

    @classmethod
    def of(cls, people: People) -> Habits:
        """From the purchases of a block; of several on one day the last counts."""
        at = np.flatnonzero(people.kind == Act.PURCHASE)
        row, item, day = people.row[at], people.item[at], people.second[at] // DAY
        last = np.r_[(row[1:] != row[:-1]) | (item[1:] != item[:-1]) | (day[1:] != day[:-1]), True][: len(at)]
        return cls(row[last], item[last], day[last], people.age[at][last])

    def decayed(self, half_life: float) -> Floats:
        """Days it was bought on, each counting half after ``half_life`` days."""
        weights = 0.5 ** (self.age / half_life)
        return np.add.reduceat(weights, self.start) if len(self.start) else np.zeros(0)


class PersonalFrequencyScorer:
    """Asks by the products bought before that are of the kind that is bought again."""

    words = ("repeat", "person", "everyone")
    merged = None

    def __init__(self, options: PersonalFrequencyOptions, repeaters: Ints, interval: Floats) -> None:
        self.options, self.repeaters, self.interval = options, repeaters, interval
        self.links = itself(len(repeaters))

    def asked(self, people: People) -> Asked:
        """One key a product; notes hold the days it was bought on and the interval."""
        chosen, habits = self.options, Habits.of(people)
        interval, gaps = self.interval[habits.item], habits.times - 1
        again = ~np.isnan(interval) & ((gaps >= 1) | (self.repeaters[habits.item] >= chosen.repeaters))
        with np.errstate(invalid="ignore", divide="ignore"):
            expected = (habits.span + chosen.prior * interval) / (gaps + chosen.prior)
            due = habits.last_age / np.maximum(np.nan_to_num(expected, nan=1.0), 1.0)
            fall = np.where(due < 1, chosen.early + (1 - chosen.early) * due, np.maximum(due, 1.0) ** -chosen.late)
            own = habits.span / gaps
        value = habits.decayed(chosen.half_life) * fall
        at = np.flatnonzero(again & (value > 0))
        notes: dict[str, Any] = {"times": habits.times[at], "days": np.where(gaps >= 1, own, interval)[at]}
        return most(Asked(habits.row[at], habits.item[at], value[at], notes), chosen.kept)

    def reasons(self, asked: Asked, told: Told) -> Reasons:
        """On how many days, and how many days apart."""
        times, days = asked.notes["times"][told.ask], asked.notes["days"][told.ask]
        whose = np.where(times >= 2, 1, 2)
        return Reasons.of(len(told.ask), kind=0, past=told.item, value=whose, count=times, number=days)

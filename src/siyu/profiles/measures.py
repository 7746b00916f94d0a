"""What is counted about each person, whatever the moment: activity, orders net of returns, rhythm, habits.

Nothing here depends on now, on other people or on settings, so it stays true until the person acts again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain import columns as c
from siyu.engine.schemas import MOMENT
from siyu.profiles.acts import BROWSE, PURCHASE, RETURN, Acts, Amounts, Numbers, prices, runs
from siyu.profiles.values import FACETS
from siyu.profiles.weights import DAY, kept_parts

MEASURES = pa.schema(
    [
        ("no", pa.int32()),  # of the person, in profile_who
        ("first_ts", MOMENT),
        ("last_ts", MOMENT),
        ("events", pa.int64()),
        ("browses", pa.int64()),
        ("purchases", pa.int64()),
        ("returns", pa.int64()),
        ("orders", pa.int64()),  # of which something was kept
        ("spend", pa.float64()),
        ("quantity", pa.float64()),
        ("first_order", MOMENT),
        ("last_order", MOMENT),
        ("gap_days", pa.float64()),
        ("gaps", pa.list_(pa.int32())),  # days between consecutive days with an order
        ("usual_hour", pa.int32()),
        (c.CHANNEL, pa.string()),
        (c.LANGUAGE, pa.string()),
        (c.PRICE_BAND, pa.string()),
        ("focus", pa.float64()),
        *((f"kept_{facet}", pa.int32()) for facet in FACETS),  # interests, by facet
    ]
)
_HOURS = 24
_HOUR = DAY // _HOURS
_LEAST = 1e-9
"""An order of which less was kept than this was returned."""
_DENSE = 4_000_000


@dataclass(frozen=True, slots=True)
class Liked:
    """What is taken from the interests of some people.

    Attributes:
        bands: their price bands.
        focus: how concentrated their interests are: the sum of squared shares.
        kept: how many interests they have, people x facets.
    """

    bands: pa.Array
    focus: Amounts
    kept: Numbers


def measured(acts: Acts, liked: Liked) -> pa.RecordBatch:
    """Rows of MEASURES, one for each of ``acts.people``."""
    starts = acts.starts[:-1]
    if not len(starts):
        return pa.RecordBatch.from_pylist([], schema=MEASURES)
    orders = _orders(acts)
    columns = [
        acts.people,
        _moments(acts.ts[starts]),
        _moments(acts.ts[acts.starts[1:] - 1]),
        np.diff(acts.starts),
        *(np.add.reduceat(acts.kind == kind, starts, dtype=np.int64) for kind in (BROWSE, PURCHASE, RETURN)),
        *orders.columns(len(starts)),
        _hours(acts),
        _usual(acts, c.CHANNEL),
        _usual(acts, c.LANGUAGE),
        liked.bands,
        liked.focus,
        *liked.kept.T,
    ]
    arrays = [
        (column if isinstance(column, pa.Array) else pa.array(column)).cast(field.type)
        for column, field in zip(columns, MEASURES, strict=True)
    ]
    return pa.record_batch(arrays, schema=MEASURES)


class _Orders:
    """Orders of some people of which something was kept, by person and moment."""

    def __init__(self, person: Numbers, ts: Numbers, quantity: Amounts, spend: Amounts) -> None:
        order = np.lexsort((ts, person))
        self.person, self.ts, self.quantity, self.spend = person[order], ts[order], quantity[order], spend[order]

    def columns(self, people: int) -> list[pa.Array | Numbers | Amounts]:
        """Columns ``orders`` to ``gaps`` of MEASURES."""
        count = np.bincount(self.person, minlength=people)
        last = np.cumsum(count) - 1
        none = count == 0
        ends = np.zeros((2, people), np.int64)
        if len(self.ts):
            ends = self.ts[np.stack([np.maximum(last - count + 1, 0), np.maximum(last, 0)]).clip(max=len(self.ts) - 1)]
        gaps, median = self._gaps(people)
        return [
            count,
            np.bincount(self.person, self.spend, people),
            np.bincount(self.person, self.quantity, people),
            _moments(ends[0], none),
            _moments(ends[1], none),
            median,
            gaps,
        ]

    def _gaps(self, people: int) -> tuple[pa.Array, pa.Array]:
        """Days between days with an order; their median, null without any."""
        day = self.ts // DAY
        starts = runs(self.person, day)[:-1]
        person, day = self.person[starts], day[starts]
        same = person[1:] == person[:-1]
        gap, person = np.diff(day)[same], person[1:][same]
        count = np.bincount(person, minlength=people)
        before = np.cumsum(count) - count
        lists = pa.ListArray.from_arrays(pa.array(np.append(before, len(gap)), pa.int32()), pa.array(gap, pa.int32()))
        if not len(gap):
            return lists, pa.nulls(people, pa.float64())
        ordered = gap[np.lexsort((gap, person))]
        middle = np.stack([before + (count - 1) // 2, before + count // 2]).clip(0, len(gap) - 1)
        return lists, pa.array(ordered[middle].mean(axis=0), mask=count == 0)


def _orders(acts: Acts) -> _Orders:
    """Purchases by order. One without a number is its moment."""
    bought = np.flatnonzero(acts.kind == PURCHASE)
    number = acts.column(c.ORDER_ID).take(pa.array(acts.order[bought])).dictionary_encode()
    code = number.indices.fill_null(-1).to_numpy().astype(np.int64)
    unnumbered = code < 0
    moment = np.unique(acts.counted[bought][unnumbered], return_inverse=True)[1]
    code[unnumbered] = len(number.dictionary) + moment
    _, group = np.unique(acts.person[bought] * (len(number.dictionary) + len(acts) + 1) + code, return_inverse=True)
    kept = acts.quantity[bought] * kept_parts(acts)[bought]
    orders = int(group.max()) + 1 if len(group) else 0
    quantity: Amounts = np.bincount(group, kept, orders).astype(float, copy=False)
    spend: Amounts = np.bincount(group, kept * prices(acts)[bought], orders).astype(float, copy=False)
    ts = np.full(orders, np.iinfo(np.int64).max)
    np.minimum.at(ts, group, acts.counted[bought])
    person = np.zeros(orders, np.int64)
    person[group] = acts.person[bought]
    there = quantity > _LEAST
    return _Orders(person[there], ts[there], quantity[there], spend[there])


def _hours(acts: Acts) -> Numbers:
    """The hour with most events, each hour lending half its count to its neighbours around the clock."""
    people = len(acts.people)
    hour = acts.ts // _HOUR % _HOURS
    own = np.bincount(acts.person * _HOURS + hour, minlength=people * _HOURS).reshape(people, _HOURS)
    lent = 2 * own + np.roll(own, 1, axis=1) + np.roll(own, -1, axis=1)
    best: Numbers = np.argmax(lent * (int(own.max()) + 1) + own, axis=1)  # of equals the first, like the SQL before
    return best


def _usual(acts: Acts, column: str) -> pa.Array:
    """The most frequent value of each person, of equals the first by alphabet; null without any."""
    found = acts.column(column).dictionary_encode()
    order = pc.sort_indices(found.dictionary).to_numpy().astype(np.int64)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    code = found.indices.fill_null(-1).to_numpy().astype(np.int64)[acts.order]
    there = code >= 0
    if not there.any():
        return pa.nulls(len(acts.people), pa.string())
    person, value = acts.person[there], place[code[there]]
    if len(acts.people) * len(order) <= _DENSE:
        counts = np.bincount(person * len(order) + value, minlength=len(acts.people) * len(order))
        counts = counts.reshape(len(acts.people), len(order))
        best, none = counts.argmax(axis=1), counts.max(axis=1) == 0
    else:
        best, none = _usual_of_many(person, value, len(acts.people))
    return found.dictionary.take(pa.array(order[best], mask=none)).cast(pa.string())


def _usual_of_many(person: Numbers, value: Numbers, people: int) -> tuple[Numbers, Numbers]:
    pairs, count = np.unique(person * (int(value.max()) + 1) + value, return_counts=True)
    who, what = np.divmod(pairs, int(value.max()) + 1)
    order = np.lexsort((what, -count, who))
    starts = order[runs(who[order])[:-1]]
    best, none = np.zeros(people, np.int64), np.ones(people, bool)
    best[who[starts]], none[who[starts]] = what[starts], False
    return best, none


def _moments(ts: Numbers, missing: Numbers | None = None) -> pa.Array:
    return pa.array(ts, pa.int64(), mask=missing).cast(MOMENT)

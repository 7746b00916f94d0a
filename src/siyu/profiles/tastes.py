"""From events to interests: weights spread over values, shares within facets, ranks, and the events that say so.

All is done for a slice of people at a time: a table of people x values tells where each of their values has its place,
so that sums, minima and maxima over millions of (event, value) pairs are single passes over arrays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain import columns as c
from siyu.profiles.acts import Acts, Amounts, Flags, Numbers, codes, runs, sorted_by
from siyu.profiles.crowds import CROWD, Entries, condensed
from siyu.profiles.values import FACETS, Values

PLACES = 3
_CELLS = 1_000_000
"""People x values of a slice."""
_EVENTS = 20_000
_NOISE = 1e-9
"""Sums below a billionth of what was added and taken away are rounding, not interest."""
_TAKEN = np.iinfo(np.int64).min
_FINE = 1e6
"""Strengths (logarithms) are told apart to a millionth."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Events of a slice of people, spread over the values they speak of: one place a pair of event and value.

    Attributes:
        event: place of the event among the acts; ``pair`` of the person and value among those below.
        amount: what of the event's weight falls on the value, and ``among`` how many values share it.
        told: whether the event speaks for itself, and is not one that stands for a crowd of weaker ones.
        person: of each pair of person and value, as the acts count them; pairs go by person and value.
        value: of each pair.
    """

    event: Numbers
    pair: Numbers
    amount: Amounts
    among: Numbers
    told: Flags
    person: Numbers
    value: Numbers


@dataclass(frozen=True, slots=True)
class Shares:
    """What is left of each pair of person and value: its share of the person's facet, 0 where nothing is.

    Attributes:
        gross: all that was added and taken away.
        group: number of person and facet.
    """

    share: Amounts
    gross: Amounts
    group: Numbers


class Spreader:
    """Spreads the events of some people over values."""

    def __init__(self, acts: Acts, weights: Amounts, values: Values) -> None:
        self._acts, self._weights, self._values = acts, weights, values
        self._item = codes(acts.items, values.items)[acts.item] if len(acts.items) else np.full(len(acts), -1)
        self._item[acts.item < 0] = -1
        self._spoken = _spoken(acts, weights, values)
        self._wide = max(len(values), 1)
        people = max(1, min(_CELLS // self._wide, len(acts.people)))
        self._seen = np.zeros(people * self._wide, bool)
        self._place = np.empty(people * self._wide, np.int64)

    def slices(self) -> Iterator[Spread]:
        """All people, some at a time."""
        starts, most = self._acts.starts, len(self._seen) // self._wide
        first = 0
        while first < len(starts) - 1:
            full = int(np.searchsorted(starts, starts[first] + _EVENTS, side="right")) - 1
            last = min(max(full, first + 1), first + most, len(starts) - 1)
            yield self._spread(first, last)
            first = last

    def _spread(self, first: int, last: int) -> Spread:
        begin, end = int(self._acts.starts[first]), int(self._acts.starts[last])
        entries = self._entries(begin, end)
        at, which = self._values_of(self._item[entries.event])
        spoken = self._spoken.within(begin, end)
        event = np.concatenate([entries.event[which], spoken.event])
        value = np.concatenate([self._values.of_item[at], spoken.value])
        among = np.concatenate([self._values.among[at], spoken.among])
        weight = np.concatenate([entries.weight[which], self._weights[spoken.event]])
        told = np.concatenate([entries.told[which], np.ones(len(spoken.event), bool)])
        cell = (self._acts.person[event] - first) * self._wide + value
        self._seen[cell] = True
        pairs = np.flatnonzero(self._seen[: (last - first) * self._wide])
        self._seen[pairs] = False
        self._place[pairs] = np.arange(len(pairs))
        person, named = np.divmod(pairs, self._wide)
        return Spread(event, self._place[cell], weight / among, among, told, person + first, named)

    def _entries(self, begin: int, end: int) -> Entries:
        """Events about items, those that say nothing left out."""
        event = np.flatnonzero((self._weights[begin:end] != 0) & (self._item[begin:end] >= 0)) + begin
        entries = Entries(event, self._weights[event], np.ones(len(event), bool))
        return condensed(entries, self._item[event], self._acts) if len(event) > CROWD else entries

    def _values_of(self, item: Numbers) -> tuple[Numbers, Numbers]:
        """Where the values of each item lie, and which of the items each is of."""
        count = self._values.count[item]
        before = np.cumsum(count) - count
        at = np.arange(int(count.sum())) + np.repeat(self._values.start[item] - before, count)
        return at, np.repeat(np.arange(len(item)), count)


@dataclass(frozen=True, slots=True)
class _Spoken:
    """The distinct words of events that have words: in the order of events."""

    event: Numbers
    value: Numbers
    among: Numbers

    def within(self, begin: int, end: int) -> _Spoken:
        low, high = np.searchsorted(self.event, (begin, end))
        return _Spoken(self.event[low:high], self.value[low:high], self.among[low:high])


def _spoken(acts: Acts, weights: Amounts, values: Values) -> _Spoken:
    lists = acts.column(c.TOKENS)
    word = codes(pc.list_flatten(lists), values.words)
    row = pc.list_parent_indices(lists).to_numpy().astype(np.int64)
    there = word >= 0
    wide = max(len(values.words), 1)
    row, word = np.divmod(np.unique(row[there] * wide + word[there]), wide)
    place = np.empty(len(acts), np.int64)
    place[acts.order] = np.arange(len(acts))
    event = place[row]
    among = np.bincount(event, minlength=1)[event]
    order = np.argsort(event, kind="stable")
    order = order[weights[event[order]] != 0]
    return _Spoken(event[order], values.shown[word[order]], among[order])


def shares(spread: Spread, values: Values) -> Shares:
    """Net sums as shares of their facet."""
    pairs = len(spread.value)
    net: Amounts = np.bincount(spread.pair, spread.amount, pairs).astype(float, copy=False)
    gross = net
    if (spread.amount < 0).any():
        gross = np.bincount(spread.pair, np.abs(spread.amount), pairs).astype(float, copy=False)
    net = np.where(net > _NOISE * gross, net, 0.0)
    first = spread.person[0] if pairs else 0
    group = (spread.person - first) * len(FACETS) + values.facet[spread.value]
    total = np.bincount(group, net)
    return Shares(net / np.where(total > 0, total, 1.0)[group], gross, group)


@dataclass(frozen=True, slots=True)
class Ranked:
    """The kept values of a slice, by person, facet and rank.

    Attributes:
        pair: place among the pairs of the spread.
        rank: from 1, within person and facet.
    """

    pair: Numbers
    rank: Numbers


def ranked(spread: Spread, found: Shares, acts: Acts, top: int) -> Ranked:
    """The ``top`` values of every person and facet.

    Shares that differ by less than 0.01 % are a tie: what a person turned to first comes first, then the alphabet.
    """
    here = np.flatnonzero(found.share > 0)
    if not len(here):
        return Ranked(here, here)
    begin, end = int(spread.event.min()), int(spread.event.max()) + 1
    moment = np.append(0, np.cumsum(np.diff(acts.ts[begin:end]) != 0))  # of one person: only they are compared
    turned = np.full(len(found.share), len(moment), np.int64)
    liked = spread.amount > 0
    np.minimum.at(turned, spread.pair[liked], moment[spread.event[liked] - begin])
    # the edge between ties lies beside the shares that people really have, such as 1/32
    tie = 10_000 - np.floor(found.share * 10_000 + 0.4999).astype(np.int64)
    group = found.group[here]
    order = sorted_by(
        [
            (group, int(group.max()) + 1),
            (tie[here], 10_001),
            (turned[here], len(moment) + 1),
            (spread.value[here], int(spread.value.max()) + 1),
        ]
    )
    group = group[order]
    starts = runs(group)
    rank = np.arange(len(group)) - np.repeat(starts[:-1], np.diff(starts)) + 1
    kept = rank <= top
    return Ranked(here[order][kept], rank[kept])


@dataclass(frozen=True, slots=True)
class Evidence:
    """The strongest events of each kept value: ``event`` is -1 where there are fewer; both are values x places."""

    event: Numbers
    amount: Amounts


def evidence(spread: Spread, kept: Ranked, strength: Amounts, event_ids: pa.Array, acts: Acts) -> Evidence:
    """The three strongest events of every kept value, strongest first; then the later one, then by event id."""
    row_of = np.full(len(spread.value), -1, np.int64)
    row_of[kept.pair] = np.arange(len(kept.pair))
    row = row_of[spread.pair]
    at = np.flatnonzero((row >= 0) & (spread.amount > 0) & spread.told)
    row, event = row[at], spread.event[at]
    events = np.full((PLACES, len(kept.pair)), -1, np.int64)
    amounts = np.zeros((PLACES, len(kept.pair)))
    if len(at):
        key = _keys(strength, event, spread.among[at], acts, event_ids)
        for place in range(PLACES):
            best = np.full(len(kept.pair), _TAKEN)
            np.maximum.at(best, row, key)
            chosen = np.flatnonzero((key == best[row]) & (key > _TAKEN))
            events[place, row[chosen]] = event[chosen]
            amounts[place, row[chosen]] = spread.amount[at[chosen]]
            key[chosen] = _TAKEN
    for place in range(1, PLACES):  # a review may speak both by its item and by its words
        for earlier in range(place):
            events[place, events[place] == events[earlier]] = -1
    return Evidence(events.T, amounts.T)


def _keys(strength: Amounts, event: Numbers, among: Numbers, acts: Acts, event_ids: pa.Array) -> Numbers:
    """A number for each pair that is larger for the stronger event; different for different events of a person."""
    begin, end = int(event.min()), int(event.max()) + 1
    order = _order(begin, end, acts, event_ids)
    wide = max(int(len(order) - 1).bit_length(), 1)
    most = 1 << (60 - wide)  # what is weaker by more (decades at a half-life of hours) is all equally weak
    fine = np.nan_to_num(strength[begin:end], neginf=0.0)
    fine = np.maximum(np.rint((fine - fine.max()) * _FINE), float(-most)).astype(np.int64)
    shared = np.rint(np.log2(np.maximum(np.arange(int(among.max()) + 1), 1)) * _FINE).astype(np.int64)
    keys: Numbers = ((fine << wide) | order)[event - begin] - (shared << wide)[among]
    return keys


def _order(begin: int, end: int, acts: Acts, event_ids: pa.Array) -> Numbers:
    """Places of events ``begin`` to ``end`` by person and moment; those of one moment against the alphabet of ids."""
    order = np.arange(end - begin)
    starts = runs(acts.person[begin:end], acts.ts[begin:end])
    crowded = np.flatnonzero(np.diff(starts) > 1)
    if not len(crowded):
        return order
    size = np.diff(starts)[crowded]
    tied = np.repeat(starts[crowded] - np.cumsum(size) + size, size) + np.arange(int(size.sum()))
    ids = event_ids.take(pa.array(acts.order[tied + begin]))
    by_id = pa.table({"run": np.repeat(np.arange(len(crowded)), size), "id": ids})
    sorted_ = pc.sort_indices(by_id, sort_keys=[("run", "ascending"), ("id", "descending")]).to_numpy()
    order[tied[sorted_]] = tied
    return order

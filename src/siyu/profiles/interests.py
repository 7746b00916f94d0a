"""Interest tags: what a person turns to, by how much, how unusual that is, and which events say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from siyu.domain import columns as c
from siyu.domain.kinds import Facet
from siyu.engine.schemas import INTERESTS
from siyu.profiles.acts import KINDS, Acts, Amounts, Numbers, compact, ordered
from siyu.profiles.means import Means
from siyu.profiles.measures import Liked, measured
from siyu.profiles.tastes import PLACES, Evidence, Ranked, Shares, Spread, Spreader, evidence, ranked, shares
from siyu.profiles.values import FACETS, Values
from siyu.profiles.weights import Weighing

_BAND = FACETS.index(Facet.PRICE_BAND)
_WORD = pa.dictionary(pa.int32(), pa.string())
_EVENT = INTERESTS.field(c.EVIDENCE).type.value_type
_EVENTS = pa.struct([(one.name, _WORD if one.type == pa.string() else one.type) for one in _EVENT])
PACKED = pa.schema(
    [
        (one.name, pa.list_(_EVENTS) if one.name == c.EVIDENCE else _WORD if one.type == pa.string() else one.type)
        for one in INTERESTS
    ]
)
"""INTERESTS with texts as numbers into dictionaries: a person's name is said once, not with each of their interests."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What it takes to read interests from events.

    Attributes:
        names: of people, by number.
        person_of: the number of the person each stored number stands for.
        focus: facet whose concentration tells how varied a taste is.
    """

    values: Values
    weighing: Weighing
    names: pa.Array
    person_of: npt.NDArray[np.int32]
    top: int
    focus: int

    def acts(self, rows: pa.Table) -> Acts:
        """Rows in order, with the people they stand for now."""
        return ordered(rows, self.person_of)


def add_means(rows: pa.Table, reading: Reading, means: Means) -> None:
    """Add the shares of the people of ``rows`` to the population's."""
    acts = reading.acts(rows)
    weights, _ = reading.weighing(acts)
    for spread in Spreader(acts, weights, reading.values).slices():
        means.add(spread.value, shares(spread, reading.values))


@dataclass(slots=True)
class Profile:
    """Interests of the people of some rows, a slice at a time; then what is measured about them."""

    rows: pa.Table
    reading: Reading
    means: Means
    _acts: Acts = field(init=False)
    _bands: Numbers = field(init=False)
    _focus: Amounts = field(init=False)
    _kept: Numbers = field(init=False)

    def interests(self) -> Iterator[pa.RecordBatch]:
        """Rows of PACKED."""
        self._acts = acts = self.reading.acts(self.rows)
        weights, strength = self.reading.weighing(acts)
        self._bands, self._focus = np.full(len(acts.people), -1), np.zeros(len(acts.people))
        self._kept = np.zeros((len(acts.people), len(FACETS)), np.int64)
        ids = acts.column(c.EVENT_ID)
        for spread in Spreader(acts, weights, self.reading.values).slices():
            found = shares(spread, self.reading.values)
            kept = ranked(spread, found, acts, self.reading.top)
            if len(kept.pair):
                self._note(spread, found, kept)
                yield self._batch(spread, found, kept, evidence(spread, kept, strength, ids, acts))

    def measures(self) -> pa.RecordBatch:
        """Rows of MEASURES; after :meth:`interests` was read to its end."""
        bands = self.reading.values.name.take(pa.array(self._bands, mask=self._bands < 0))
        return measured(self._acts, Liked(bands, self._focus, self._kept))

    def _note(self, spread: Spread, found: Shares, kept: Ranked) -> None:
        person, value = spread.person[kept.pair], spread.value[kept.pair]
        facet = self.reading.values.facet[value]
        first = (facet == _BAND) & (kept.rank == 1)
        self._bands[person[first]] = value[first]
        np.add.at(self._kept, (person, facet), 1)
        told = facet == self.reading.focus
        self._focus += np.bincount(person[told], found.share[kept.pair[told]] ** 2, len(self._focus))

    def _batch(self, spread: Spread, found: Shares, kept: Ranked, shown: Evidence) -> pa.RecordBatch:
        values, pair = self.reading.values, kept.pair
        value, share = spread.value[pair], found.share[pair]
        return pa.record_batch(
            [
                _words(self._acts.people[spread.person[pair]], self.reading.names),
                pa.DictionaryArray.from_arrays(pa.array(values.facet[value], pa.int32()), pa.array(FACETS)),
                _words(value, values.name),
                pa.array(share),
                pa.array(share / self.means.of[value]),
                pa.array(kept.rank, pa.int32()),
                self._evidence(shown, found.gross[pair]),
            ],
            schema=PACKED,
        )

    def _evidence(self, shown: Evidence, gross: Amounts) -> pa.ListArray:
        there = shown.event >= 0
        event, acts = shown.event[there], self._acts
        columns = [
            _words(event, acts.column(c.EVENT_ID), acts.order),
            pa.DictionaryArray.from_arrays(pa.array(acts.kind[event], pa.int32()), pa.array(KINDS)),
            pa.array(acts.ts[event]).cast(_EVENT.field(c.TS).type),
            _items(acts, event),
            pa.array(np.minimum(shown.amount[there] / np.repeat(gross, PLACES).reshape(-1, PLACES)[there], 1.0)),
        ]
        offsets = pa.array(np.append(0, np.cumsum(there.sum(axis=1))), pa.int32())
        return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(columns, fields=list(_EVENTS)))


def _items(acts: Acts, event: Numbers) -> pa.DictionaryArray:
    item = acts.item[event]
    known, code = compact(item + 1)  # 0 is none
    texts = acts.items.take(pa.array(known - 1, mask=known == 0)).fill_null("")
    return pa.DictionaryArray.from_arrays(pa.array(code, pa.int32(), mask=item < 0), texts)


def _words(places: Numbers, texts: pa.Array, order: Numbers | None = None) -> pa.DictionaryArray:
    """``texts`` at ``places`` (through ``order``), each said once."""
    known, code = compact(places)
    said = texts.take(pa.array(known if order is None else order[known]))
    return pa.DictionaryArray.from_arrays(pa.array(code, pa.int32()), said.cast(pa.string()).fill_null(""))

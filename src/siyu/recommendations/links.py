"""Sums over keys as parts: which products the keys of a block of people lead to, and how much each part is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from siyu.recommendations.people import Floats, Ints, Mask
from siyu.recommendations.port import Asked, Links


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of the scores of a stretch of rows, in the order of rows and of what was asked.

    Attributes:
        first: place of the first thing asked. ``ends``: where the parts of each thing asked end.
        part: what was asked times the link. ``candidate``: the place of each part's candidate.
        row, item: of each candidate, by row; rows count from the stretch's first.
        bounds: where the candidates of each row end, after a 0.
    """

    first: int
    ends: Ints
    part: Floats
    candidate: Ints
    row: Ints
    item: Ints
    bounds: Ints

    def asked(self, places: Ints) -> tuple[Ints, Ints]:
        """For these parts, the place of what was asked, and which of its links."""
        ask = np.searchsorted(self.ends, places, side="right")
        begins = np.concatenate(([0], self.ends))
        return ask + self.first, places - begins[ask]


class Slate:
    """Room to tell the candidates of a stretch of people apart without sorting: one number a person and product.

    The room is never cleared: a number in it counts only if the candidate it names is of that person and product.
    """

    _ROOM = 4_000_000
    _PEOPLE = 48
    """At a time: what they lead to should stay in the processor's cache."""

    def __init__(self, items: int) -> None:
        self.items = items
        self.rows = min(self._PEOPLE, max(1, self._ROOM // max(items, 1)))
        self._room = np.zeros(self.rows * items, np.int32)

    def parts(self, asked: Links, links: Links, rows: slice) -> Parts:
        """The parts that the keys of ``rows`` (at most ``self.rows``) lead to."""
        first, last = int(asked.indptr[rows.start]), int(asked.indptr[rows.stop])
        led = links[asked.indices[first:last]]
        counts = np.diff(led.indptr)
        of_row = led.indptr[asked.indptr[rows.start : rows.stop + 1] - first]
        cell = np.repeat(np.arange(len(of_row) - 1, dtype=np.int32) * np.int32(self.items), np.diff(of_row))
        cell += led.indices
        number = np.arange(len(cell), dtype=np.int32)
        self._room[cell] = number  # of several the last stays
        found = cell[np.flatnonzero(self._room[cell] == number)]
        self._room[found] = number[: len(found)]
        part = led.data
        part *= np.repeat(asked.data[first:last], counts)
        row, item = np.divmod(found, np.int32(self.items))
        bounds = np.searchsorted(row, np.arange(len(of_row)))
        return Parts(first, led.indptr[1:], part, self._room[cell], row, item, bounds)

    def places(self, parts: Parts, row: Ints, item: Ints) -> Ints:
        """The candidates of these rows (counted from the stretch's first) and products; others are left out."""
        place = self._room[row * self.items + item]
        written = place < len(parts.row)
        place = place[written]
        known: Ints = place[(parts.row[place] == row[written]) & (parts.item[place] == item[written])]
        return known


def matrix(asked: Asked, rows: int, keys: int) -> Links:
    """``asked`` as people by keys."""
    counts = np.bincount(asked.row, minlength=rows)
    ends = np.concatenate(([0], np.cumsum(counts)))
    return sparse.csr_array((asked.value, asked.key, ends), shape=(rows, keys))


def only(links: Links, free: Mask) -> tuple[Links, Ints]:
    """The links to products that are ``free``, and the place each had before."""
    kept = np.flatnonzero(free[links.indices])
    ends = np.searchsorted(kept, links.indptr)
    return sparse.csr_array((links.data[kept], links.indices[kept], ends), shape=links.shape), kept


def itself(items: int) -> Links:
    """Links by which every product is found by itself alone."""
    return sparse.eye_array(items, format="csr")


def most(asked: Asked, kept: int) -> Asked:
    """The ``kept`` greatest values of each row; of equals the first key."""
    counts = np.bincount(asked.row)
    full = np.flatnonzero(counts[asked.row] > kept) if counts.max(initial=0) > kept else ()
    if not len(full):
        return asked
    row = asked.row[full]
    order = full[np.lexsort((asked.key[full], -np.round(asked.value[full], 9), row))]
    start = np.searchsorted(row, row)
    stays = np.ones(len(asked.row), bool)
    stays[order[np.arange(len(order)) - start >= kept]] = False
    notes = {name: values[stays] for name, values in asked.notes.items()}
    return Asked(asked.row[stays], asked.key[stays], asked.value[stays], notes)

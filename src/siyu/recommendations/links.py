"""Sums over keys: which products the keys of a block of people lead to, and the parts that a score is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from siyu.recommendations.people import Floats, Ints, Mask
from siyu.recommendations.port import Asked, Links


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of scores that lead to chosen products of a stretch of rows.

    Attributes:
        winner: the place of the product among those chosen. ``ask``: place in what was asked, all models as one.
        link: place in the links of all models. ``model``: the model that each part comes from.
    """

    winner: Ints
    ask: Ints
    link: Ints
    model: Ints


class Trail:
    """The way back from products to what led to them: the links of all models, one below the other.

    Args:
        model_of: the model of each key.
    """

    def __init__(self, links: Links, model_of: Ints) -> None:
        self.links = links
        data = np.repeat(model_of.astype(np.int8), np.diff(links.indptr))
        self._models = sparse.csr_array((data, links.indices, links.indptr), shape=links.shape)

    def parts(self, asked: Links, rows: slice, chosen: Ints, slate: Slate) -> Parts:
        """The parts that lead to the chosen cells of ``rows``."""
        first, last = int(asked.indptr[rows.start]), int(asked.indptr[rows.stop])
        keys = asked.indices[first:last]
        led = self._models[keys]
        of_row = led.indptr[asked.indptr[rows.start : rows.stop + 1] - first]
        cells = slate.cells(of_row, led.indices)
        hit = np.flatnonzero(slate.marked(((chosen, 1),), cells).view(bool))
        ask = np.searchsorted(led.indptr[1:], hit, side="right")
        link = hit - led.indptr[ask] + self.links.indptr[keys[ask]]
        return Parts(slate.numbers(chosen, cells[hit]), ask + first, link, led.data[hit])


class Slate:
    """Room to mark the products of a stretch of people without sorting: a byte a person and product, a *cell*."""

    _ROOM = 6_000_000
    _PEOPLE = 256
    """At a time: what they lead to should stay in the processor's cache."""

    def __init__(self, items: int) -> None:
        self.items = items
        self.rows = min(self._PEOPLE, max(1, self._ROOM // max(items, 1)))
        self._marks = np.zeros(self.rows * items, np.uint8)  # zero between uses
        self._numbers = np.zeros(self.rows * items, np.int32)  # never cleared: read only where just written

    def cells(self, ends: Ints, item: Ints) -> Ints:
        """The cells of products by row; ``ends``: where those of each row end, after a 0."""
        cell = np.repeat(np.arange(len(ends) - 1, dtype=np.int32) * np.int32(self.items), np.diff(ends))
        cell += item
        return cell

    def marked(self, marks: Iterable[tuple[Ints, int]], cells: Ints) -> Ints:
        """What the cells are marked with, 0 for nothing; of several marks (1 to 255) of one cell the last counts."""
        marks = list(marks)
        for where, mark in marks:
            self._marks[where] = mark
        found: Ints = self._marks.take(cells)
        for where, _ in marks:
            self._marks[where] = 0
        return found

    def numbers(self, numbered: Ints, cells: Ints) -> Ints:
        """The places of cells among ``numbered``, which must hold them all."""
        self._numbers[numbered] = np.arange(len(numbered), dtype=np.int32)
        found: Ints = self._numbers.take(cells)
        return found


def stretch(asked: Links, rows: slice) -> Links:
    """The rows of a matrix, without copying."""
    first, last = int(asked.indptr[rows.start]), int(asked.indptr[rows.stop])
    ends = asked.indptr[rows.start : rows.stop + 1] - first
    shape = (rows.stop - rows.start, asked.shape[1])
    return sparse.csr_array((asked.data[first:last], asked.indices[first:last], ends), shape=shape)


def blended(scores: Sequence[Links], factor: Floats) -> Links:
    """The scores of several models, each row of each times its factor (models by rows), as one matrix."""
    models, rows = factor.shape
    ends = np.arange(0, models * rows + 1, models, dtype=np.int32)
    keys = np.arange(models * rows, dtype=np.int32).reshape(models, rows).T.ravel()
    times = sparse.csr_array((factor.T.ravel(), keys, ends), shape=(rows, models * rows))
    both: Links = times @ sparse.vstack(scores, format="csr")
    return both


def matrix(asked: Asked, rows: int, keys: int) -> Links:
    """``asked`` as people by keys."""
    counts = np.bincount(asked.row, minlength=rows)
    ends = np.concatenate(([0], np.cumsum(counts)))
    return narrow(sparse.csr_array((asked.value, asked.key, ends), shape=(rows, keys)))


def narrow(links: Links) -> Links:
    """The same with places of 32 bits, where they suffice: half as much to move."""
    if max(links.nnz, *links.shape) > np.iinfo(np.int32).max:
        return links
    indices, ends = links.indices.astype(np.int32, copy=False), links.indptr.astype(np.int32, copy=False)
    return sparse.csr_array((links.data, indices, ends), shape=links.shape)


def only(links: Links, free: Mask) -> tuple[Links, Ints]:
    """The links to products that are ``free``, and the place each had before."""
    kept = np.flatnonzero(free[links.indices])
    ends = np.searchsorted(kept, links.indptr)
    return narrow(sparse.csr_array((links.data[kept], links.indices[kept], ends), shape=links.shape)), kept


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

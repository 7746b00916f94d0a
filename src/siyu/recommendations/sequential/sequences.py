"""Histories in order, nameless: what a sequence model learns from and reads.

Acts of one moment have no order. They stand next to each other here, and learning shuffles them anew at each turn, so
that no order is learnt where the data hold none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.recommendations.models.interactions import chosen
from siyu.recommendations.people import Ints, People
from siyu.recommendations.port import Blocks

Kinds: TypeAlias = Literal["any", "bought"]


@dataclass(frozen=True)
class Sequences:
    """Steps of people, one after the other.

    Attributes:
        ends: where the steps of each end, after a 0.
        item: products; the same never twice in a row.
        second: when, since 1970 UTC; never falling within a person.
    """

    ends: Ints
    item: Ints
    second: Ints

    @cached_property
    def sizes(self) -> Ints:
        """Steps of each."""
        return np.diff(self.ends)

    @cached_property
    def owner(self) -> Ints:
        """Whose each step is."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    def only(self, stays: Ints) -> Sequences:
        """The steps at these places, in the same order; people without any are left out."""
        sizes = np.bincount(self.owner[stays], minlength=len(self.sizes))
        return Sequences(np.concatenate(([0], np.cumsum(sizes[sizes > 0]))), self.item[stays], self.second[stays])

    def until(self, moment: float) -> Sequences:
        """What happened up to a moment."""
        return self.only(np.flatnonzero(self.second <= moment))


def steps(people: People, kinds: Kinds, history: int) -> Sequences:
    """The latest ``history`` steps of each row of a block, rows without any included."""
    at = np.flatnonzero(chosen(people, bought=kinds == "bought"))
    at = at[np.lexsort((people.item[at], people.second[at], people.row[at]))]
    row, item = people.row[at], people.item[at]
    fresh = np.r_[True, (row[1:] != row[:-1]) | (item[1:] != item[:-1])][: len(at)]
    at, row = at[fresh], row[fresh]
    left = np.cumsum(np.bincount(row, minlength=people.size))[row] - np.arange(len(at))
    at, row = at[left <= history], row[left <= history]
    ends = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=people.size))))
    return Sequences(ends, people.item[at].astype(np.int32), people.second[at])


def gathered(people: Blocks, kinds: Kinds, history: int) -> Sequences:
    """Everyone's, in order of pseudonyms, so that the order of rows says nothing."""
    ids, sizes, items, seconds = [], [], [], []
    for block in people():
        found = steps(block, kinds, history)
        ids.append(block.ids)
        sizes.append(found.sizes)
        items.append(found.item)
        seconds.append(found.second)
    if not ids:
        nothing = np.zeros(0, np.int64)
        return Sequences(np.zeros(1, np.int64), nothing, nothing)
    size, item, second = np.concatenate(sizes), np.concatenate(items), np.concatenate(seconds)
    order = pc.array_sort_indices(pa.chunked_array(ids).combine_chunks()).to_numpy().astype(np.int64)
    order = order[size[order] > 0]
    begins = np.cumsum(size) - size
    ends = np.concatenate(([0], np.cumsum(size[order])))
    at = np.arange(ends[-1]) + np.repeat(begins[order] - ends[:-1], size[order])
    return Sequences(ends, item[at], second[at])


def shuffled(sequences: Sequences, draw: np.random.Generator) -> Ints:
    """The products, those of one moment of one person in an order of chance."""
    owner, second = sequences.owner, sequences.second
    tied = (owner[1:] == owner[:-1]) & (second[1:] == second[:-1])
    if not tied.any():
        return sequences.item
    found = sequences.item.copy()
    at = np.flatnonzero(np.r_[False, tied] | np.r_[tied, False])
    found[at] = found[at[np.lexsort((draw.random(len(at)), second[at], owner[at]))]]
    return found


def windows(sequences: Sequences, length: int) -> tuple[Ints, Ints]:
    """Where to read: first step and end of stretches of ``length + 1`` steps at most, counted from everyone's last.

    Neighbours share one step, so that every step but the first of a person is foretold exactly once.

    Example:
        >>> six = Sequences(np.array([0, 1, 6]), np.arange(6), np.arange(6))
        >>> [one.tolist() for one in windows(six, 3)]
        [[2, 1], [6, 3]]
    """
    many = -(-np.maximum(sequences.sizes - 1, 0) // length)
    person = np.repeat(np.arange(len(many)), many)
    back = np.arange(len(person)) - np.repeat(np.cumsum(many) - many, many)
    end = sequences.ends[1:][person] - back * length
    return np.maximum(sequences.ends[:-1][person], end - length - 1), end


def padded(item: Ints, first: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Stretches as rows of one width, filled up with zeros behind; and the size of each."""
    size = end - first
    place = np.arange(int(size.max(initial=0)))
    inside = place < size[:, None]
    at = np.minimum(first[:, None] + place, max(len(item) - 1, 0))
    return np.where(inside, item[at], 0) if len(item) else np.zeros(inside.shape, np.int64), size

"""The rows of ``sql/work.sql`` as flat columns: readers, their products in order, and the interests these answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.copywriting.exactly import exact
from siyu.copywriting.tongues import standing_in

Ints: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
Bools: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Readers:
    """People of the audience, as far as choosing needs them.

    Attributes:
        language: number of the language they are written to in, among those of the campaign.
        lifecycle: number among ``lifecycles``.
        viewed: whether they looked at anything lately.
        carted: whether they left something in their cart and bought nothing since.
        bought: whether they bought something lately.
    """

    person: pa.Array
    language: Ints
    lifecycle: Ints
    lifecycles: Sequence[str]
    viewed: Bools
    carted: Bools
    bought: Bools


@dataclass(frozen=True, slots=True)
class Picks:
    """Recommended products with the closest of their reasons, by reader and place.

    Attributes:
        reader: row of the reader.
        turn: place among the reader's products, from 0; ``place`` is the one in the query.
        item: number of the product.
        kind: number of the reason among ``kinds``.
        past: number of the past product among ``pasts``; -1 for none.
        begins: by reader, where their products begin; one more than readers.
        match_pick, match_term, match_strength, match_score: interests that a product answers.
    """

    reader: Ints
    turn: Ints
    place: Ints
    item: Ints
    kind: Ints
    kinds: Sequence[str]
    past: Ints
    pasts: pa.Array
    times: Ints
    deed: Ints
    begins: Ints
    match_pick: Ints
    match_term: Ints
    match_strength: Ints
    match_score: Floats

    def is_kind(self, *kinds: str) -> Bools:
        """By pick, whether its reason is one of ``kinds``."""
        wanted = [number for number, kind in enumerate(self.kinds) if kind in kinds]
        found: Bools = np.isin(self.kind, wanted)
        return found


def read(batch: pa.RecordBatch, languages: Sequence[str]) -> tuple[Readers, Picks]:
    """Readers and picks of a batch.

    Args:
        languages: those of the campaign; who has none of them is written to in what stands in for theirs, else in the
            first.
    """
    spoken, tongues = coded(batch.column("language"), "")
    language = np.array([_language(tongue, languages) for tongue in tongues], np.int64)[spoken]
    lifecycle, lifecycles = coded(batch.column("lifecycle"), "")
    did = [
        pc.fill_null(batch.column(name), False).to_numpy(zero_copy_only=False)
        for name in ("viewed", "carted", "bought")
    ]
    readers = Readers(batch.column("person"), language, lifecycle, lifecycles, *did)
    return readers, _picks(batch.column("picks"))


def _language(wanted: str, known: Sequence[str]) -> int:
    return known.index(standing_in(wanted, known))


def _picks(column: pa.ListArray) -> Picks:
    lengths = _lengths(column)
    flat = column.flatten()
    reader = np.repeat(np.arange(len(column)), lengths)
    place = _ints(flat.field("place"))
    order = np.lexsort((place, reader))
    begins = np.concatenate([[0], np.cumsum(lengths)])
    turn = np.arange(len(flat)) - begins[:-1][reader]
    kind, kinds = coded(flat.field("kind"), "interest")
    past, pasts = coded(flat.field("past"), "")
    nowhere = pasts.index("") if "" in pasts else -1
    answers = flat.field("likes")
    moved = np.empty(len(flat), np.int64)
    moved[order] = np.arange(len(flat))
    likes = answers.flatten()
    return Picks(
        reader=reader, turn=turn, place=place[order], item=_ints(flat.field("item"))[order], kind=kind[order],
        kinds=kinds, past=np.where(past == nowhere, -1, past)[order], pasts=pa.array(pasts, pa.string()),
        times=_ints(flat.field("times"))[order], deed=_ints(flat.field("deed"))[order], begins=begins,
        match_pick=moved[np.repeat(np.arange(len(flat)), _lengths(answers))], match_term=_ints(likes.field("term")),
        match_strength=_ints(likes.field("strength")),
        match_score=pc.fill_null(likes.field("score"), 0.0).to_numpy(),
    )  # fmt: skip


def _ints(column: pa.Array) -> Ints:
    values: Ints = pc.fill_null(column.cast(pa.int64()), 0).to_numpy()
    return values


def _lengths(column: pa.ListArray) -> Ints:
    return _ints(column.value_lengths())


def coded(column: pa.Array, missing: str) -> tuple[Ints, list[str]]:
    """Texts as numbers, and the texts they stand for."""
    found = pc.fill_null(column, missing).dictionary_encode()
    return found.indices.to_numpy().astype(np.int64), found.dictionary.to_pylist()


def numbered(*columns: Ints) -> tuple[Ints, list[tuple[int, ...]]]:
    """Rows of equal values under one number, and the values of each number."""
    key = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        low = int(column.min(initial=0))
        key = key * (int(column.max(initial=0)) - low + 1) + (column - low)
    _, firsts, codes = np.unique(key, return_index=True, return_inverse=True)
    return codes.reshape(-1), list(zip(*(column[firsts].tolist() for column in columns), strict=True))


def first_of_each(group: Ints, *order: Ints | Floats, size: int) -> Ints:
    """By group, the row that comes first in ``order``; -1 where a group has none."""
    rows = np.lexsort((*order[::-1], group))
    groups = group[rows]
    heads = np.flatnonzero(np.diff(groups, prepend=-1))
    found = np.full(size, -1, np.int64)
    found[groups[heads]] = rows[heads]
    return found


def listed(values: pa.Array, codes: Ints, lengths: Ints) -> pa.ListArray:
    """Lists of so many ``values`` each, given by number."""
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values.take(pa.array(codes, pa.int64())))


def listed_once(column: pa.ListArray) -> tuple[list[tuple[str, ...]], Ints]:
    """Each distinct list of texts once, and which of them stands in each row; a missing one is empty."""
    known = exact(column).dictionary_encode()
    codes = known.indices.to_numpy().astype(np.int64)
    _, firsts = np.unique(codes, return_index=True)
    return [tuple(values or ()) for values in column.take(pa.array(firsts)).to_pylist()], codes

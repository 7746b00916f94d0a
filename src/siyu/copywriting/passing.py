"""Messages that may go as they are: what is left to look at is whether their facts still hold. Column by column."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.copywriting.exactly import exact
from siyu.copywriting.filled import OUTSIDE_BODY
from siyu.copywriting.rereading import Cleared
from siyu.copywriting.shelf import Shelf, facts_of
from siyu.copywriting.standing import changed_name, sold_out
from siyu.domain.facts import Fact
from siyu.domain.ids import ItemId, PersonId
from siyu.engine.schemas import FACTS

_Mask = np.ndarray[Any, np.dtype[np.bool_]]
_REMEMBERED = 100_000  # facts, about 40 MB


class _Held(NamedTuple):
    """A claimed fact, and whether it still is so."""

    fact: Fact
    holds: bool


@dataclass(frozen=True, slots=True)
class Claims:
    """The facts of a batch.

    Attributes:
        exact: each fact as bytes, row after row.
        held: the facts themselves, each distinct one once.
        codes: which of them stands at each place.
        ends: where the facts of each row begin; one more than rows.
        stand: by row, whether all of them still are so and every product is in stock.
    """

    exact: pa.Array
    held: list[_Held]
    codes: np.ndarray[Any, np.dtype[np.int64]]
    ends: np.ndarray[Any, np.dtype[np.int64]]
    stand: _Mask


class Passing:
    """Clears messages whose words need no second reading.

    Args:
        limit: width of a body on the channel; None for any.
    """

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._shelf: Shelf | None = None
        self._facts: dict[bytes, _Held] = {}
        self._gone: dict[str, bool] = {}

    def claims(self, rows: pa.RecordBatch, current: Shelf) -> Claims:
        """The facts of ``rows``, held against those of now; each distinct one once."""
        if current is not self._shelf or len(self._facts) > _REMEMBERED:
            self._shelf, self._facts, self._gone = current, {}, {}
        facts = rows.column("facts")
        flat = facts.flatten()
        written = exact(flat)
        coded = written.dictionary_encode()
        codes = coded.indices.to_numpy().astype(np.int64)
        held = self._held(coded.dictionary.to_pylist(), codes, flat, current)
        ends = _ends(facts)
        fallen = ~np.fromiter((one.holds for one in held), bool, len(held))
        stand = ~(_any(fallen[codes], ends) | self._sold_out(rows.column("items"), current))
        return Claims(written, held, codes, ends, stand)

    def _held(
        self, keys: list[bytes], codes: np.ndarray[Any, np.dtype[np.int64]], flat: pa.StructArray, current: Shelf
    ) -> list[_Held]:
        known = self._facts
        new = [code for code, key in enumerate(keys) if key not in known]
        if new:
            _, firsts = np.unique(codes, return_index=True)
            taken = flat.take(pa.array(firsts[new]))
            columns = [taken.field(name).to_pylist() for name in FACTS.names]
            for code, fact in zip(new, facts_of(columns), strict=True):
                known[keys[code]] = _Held(fact, not changed_name(current, fact))
        return [known[key] for key in keys]

    def _sold_out(self, items: pa.ListArray, current: Shelf) -> _Mask:
        coded = items.flatten().dictionary_encode()
        gone = np.fromiter((self._is_gone(item, current) for item in coded.dictionary.to_pylist()), bool)
        return _any(gone[coded.indices.to_numpy()], _ends(items))

    def _is_gone(self, item: str, current: Shelf) -> bool:
        found = self._gone.get(item)
        if found is None:
            found = self._gone[item] = sold_out(current, item)
        return found

    def cleared(
        self, rows: pa.RecordBatch, claims: Claims, good: _Mask, approved_by_person: Collection[str]
    ) -> list[Cleared | None]:
        """Each row that may go; None for the others."""
        may = good & claims.stand & self._fits(rows) & _allowed(rows, approved_by_person)
        names = ("message_id", "person", "campaign", "language", "brief_id")
        plain = zip(*(rows.column(name).to_pylist() for name in names), strict=True)
        items, parts = rows.column("items"), rows.column("parts")
        flat = parts.flatten()
        texts = list(zip(flat.field("part").to_pylist(), flat.field("text").to_pylist(), strict=True))
        pieces, named = flat.field("piece_id").to_pylist(), [ItemId(item) for item in items.flatten().to_pylist()]
        places = [_ends(column).tolist() for column in (parts, items)]
        facts = [claims.held[code].fact for code in claims.codes.tolist()]
        ends = claims.ends.tolist()
        answers: list[Cleared | None] = [None] * rows.num_rows
        for at, (goes, row) in enumerate(zip(may.tolist(), plain, strict=True)):
            if goes:
                message_id, person, campaign, language, brief_id = row
                words, things = (slice(ends[at], ends[at + 1]) for ends in places)
                answers[at] = Cleared(
                    message_id=message_id, person=PersonId(person), campaign=campaign, language=language,
                    parts=tuple(texts[words]), items=tuple(named[things]), facts=tuple(facts[ends[at] : ends[at + 1]]),
                    pieces=tuple(pieces[words]), brief_id=brief_id or "",
                )  # fmt: skip
        return answers

    def _fits(self, rows: pa.RecordBatch) -> _Mask:
        """Whether a body is surely no wider than its channel shows: figures and Latin letters count half."""
        parts = rows.column("parts")
        flat = parts.flatten()
        if self._limit is None:
            return np.ones(rows.num_rows, bool)
        text = flat.field("text")
        letters = pc.utf8_length(text).to_numpy()
        latin = pc.equal(pc.binary_length(text), pc.utf8_length(text)).to_numpy(zero_copy_only=False)
        outside = pc.is_in(flat.field("part"), pa.array(sorted(OUTSIDE_BODY))).to_numpy(zero_copy_only=False)
        most = np.where(outside, 0.0, np.where(latin, letters / 2, letters))
        sums = np.concatenate([[0.0], np.cumsum(most)])
        ends = _ends(parts)
        fits: _Mask = sums[ends[1:]] - sums[ends[:-1]] <= self._limit
        return fits


def _allowed(rows: pa.RecordBatch, approved_by_person: Collection[str]) -> _Mask:
    """Rows with words that the checks let pass, or a person has."""
    approved = pc.equal(rows.column("status"), "approved")
    if approved_by_person:
        human = pc.is_in(rows.column("message_id"), pa.array(sorted(approved_by_person)))
        approved = pc.or_(approved, pc.and_(pc.equal(rows.column("status"), "human"), human))
    told = pc.greater(rows.column("parts").value_lengths(), 0)
    allowed: _Mask = pc.fill_null(pc.and_(approved, told), False).to_numpy(zero_copy_only=False)
    return allowed


def _ends(lists: pa.ListArray) -> np.ndarray[Any, np.dtype[np.int64]]:
    lengths = pc.coalesce(lists.value_lengths(), pa.scalar(0, pa.int32())).to_numpy()
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])


def _any(flags: _Mask, ends: np.ndarray[Any, np.dtype[np.int64]]) -> _Mask:
    """By row, whether any of its flags is up."""
    sums = np.concatenate([[0], np.cumsum(flags)])
    up: _Mask = sums[ends[1:]] > sums[ends[:-1]]
    return up

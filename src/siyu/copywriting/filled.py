"""Lines with values in, each kept once in a batch, and the columns that they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa

from siyu.copywriting.checks.port import Line
from siyu.copywriting.columns import Ints
from siyu.copywriting.lines import StoredPiece
from siyu.copywriting.reviewing import Reviewer
from siyu.copywriting.titles import width
from siyu.domain.copy import Finding
from siyu.engine.schemas import MESSAGES

OUTSIDE_BODY = frozenset({"subject", "preheader", "call"})
_REMEMBERED = 100_000  # filled lines that are kept, about 60 MB
WORD = pa.dictionary(pa.int32(), pa.string())
PARTS = pa.list_(pa.struct([(field.name, WORD) for field in MESSAGES.field("parts").type.value_type]))


class Read(NamedTuple):
    """A piece with values in, wherever it stands."""

    piece: StoredPiece
    text: str
    width: float  # as far as it counts for the body
    line: Line  # as the checks read it
    language: str


_Key: TypeAlias = tuple[StoredPiece, str, tuple[str, ...]]


class Lines:
    """The filled lines of one batch: each has a number, a text that was checked, and the facts that it claims.

    What was found in a line is known once :meth:`checked` was asked.
    """

    def __init__(self) -> None:
        self._known: dict[_Key, Read] = {}
        self._findings: dict[_Key, tuple[Finding, ...]] = {}
        self.begin()

    def begin(self) -> None:
        """Begin a batch; texts that were checked before are not checked again."""
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
            self._findings.clear()
        self._keys: list[_Key] = []
        self._numbers: dict[tuple[_Key, frozenset[int]], int] = {}
        self.claims: list[frozenset[int]] = []
        self.widths: list[float] = []

    def number(self, piece: StoredPiece, values: Mapping[str, str], language: str, claims: frozenset[int]) -> int:
        """The number of ``piece`` with ``values`` in, claiming facts."""
        key = (piece, language, tuple([values[slot] for slot in piece.template.slots]))
        found = self._numbers.get((key, claims))
        if found is None:
            read = self._known.get(key)
            if read is None:
                read = self._known[key] = _filled(key, values)
            found = self._numbers[(key, claims)] = len(self._keys)
            self._keys.append(key)
            self.claims.append(claims)
            self.widths.append(read.width)
        return found

    def part(self, number: int) -> str:
        """The part that a line stands in."""
        return self._keys[number][0].part

    def checked(self, reviewers: Mapping[str, Reviewer]) -> dict[int, tuple[Finding, ...]]:
        """Findings by number, of the lines that have any; every line that is new is read by every check."""
        new = [key for key in dict.fromkeys(self._keys) if key not in self._findings]
        for language, reviewer in reviewers.items():
            keys = [key for key in new if key[1] == language]
            found = reviewer.read_all([self._known[key].line for key in keys])
            self._findings.update(zip(keys, found, strict=True))
        every = (self._findings[key] for key in self._keys)
        return {number: findings for number, findings in enumerate(every) if findings}

    def parts(self, numbers: Ints, offsets: Ints) -> pa.ListArray:
        """Part, piece and text of each message, given the lines of all and where those of each begin."""
        reads = [self._known[key] for key in self._keys]
        columns = (
            [read.piece.part for read in reads], [read.piece.piece_id for read in reads], [read.text for read in reads]
        )  # fmt: skip
        places = pa.array(numbers, pa.int32())
        fields = [said(column).take(places) for column in columns]
        structs = pa.StructArray.from_arrays(fields, fields=list(PARTS.value_type))
        return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), structs)


def said(values: Sequence[str | None]) -> pa.DictionaryArray:
    """Texts, each distinct one once."""
    return pa.array(values, pa.string()).dictionary_encode()


def _filled(key: _Key, values: Mapping[str, str]) -> Read:
    piece, language, put = key
    text = piece.template.fill(values)
    size = 0.0 if piece.part in OUTSIDE_BODY else width(text)
    return Read(piece, text, size, Line(piece.part, text, put, piece.slots), language)


def flat(lists: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    """Lists one after another, and where each begins; one more than lists."""
    offsets = np.zeros(len(lists) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, lists), np.int64, len(lists)), out=offsets[1:])
    numbers: np.ndarray[Any, np.dtype[np.int64]] = np.fromiter(chain.from_iterable(lists), np.int64, int(offsets[-1]))
    return numbers, offsets

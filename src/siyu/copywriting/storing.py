"""Pieces as they are kept: one row a brief, so that a second run reuses what was written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from siyu.copywriting.lines import StoredPiece
from siyu.domain.copy import Brief, Piece
from siyu.engine.port import Engine
from siyu.engine.schemas import MOMENT

PIECES: Final = pa.schema(
    [
        ("brief_id", pa.string()),
        ("item", pa.string()),
        ("language", pa.string()),
        ("writer", pa.string()),  # who wrote them in the end
        ("made_at", MOMENT),
        ("repairs", pa.int32()),
        ("pieces", pa.list_(pa.struct([("piece_id", pa.string()), ("part", pa.string()), ("text", pa.string())]))),
    ]
)
"""Dataset ``pieces``."""

_ROWS = 8192


class Drafted(NamedTuple):
    """A brief's pieces and how they came about.

    Attributes:
        writer: whose they are; ``offline`` where it stood in for another, which is then asked again.
    """

    brief: Brief
    pieces: Sequence[Piece]
    repairs: int
    writer: str


def rows(drafted: Sequence[Drafted], made_at: datetime) -> pa.RecordBatch:
    """Briefs with their pieces as rows of :data:`PIECES`."""
    lines = [piece for one in drafted for piece in one.pieces]
    texts = [pa.array([getattr(p, name) for p in lines], pa.string()) for name in ("piece_id", "part", "text")]
    structs = pa.StructArray.from_arrays(texts, fields=list(PIECES.field("pieces").type.value_type))
    ends = np.cumsum([0, *(len(one.pieces) for one in drafted)])
    columns = {
        "brief_id": [one.brief.brief_id for one in drafted],
        "item": [one.brief.item for one in drafted],
        "language": [one.brief.language for one in drafted],
        "writer": [one.writer for one in drafted],
        "made_at": [made_at] * len(drafted),
        "repairs": [one.repairs for one in drafted],
    }
    made = [pa.array(column, PIECES.field(name).type) for name, column in columns.items()]
    made.append(pa.ListArray.from_arrays(pa.array(ends, pa.int32()), structs, type=PIECES.field("pieces").type))
    return pa.RecordBatch.from_arrays(made, schema=PIECES)


class Book:
    """Pieces by brief, in memory: a line that many briefs share is there once.

    Args:
        articles: whether a product's title takes "the".
    """

    def __init__(self, *, articles: bool = True) -> None:
        self._articles = articles
        self._lines: dict[str, StoredPiece] = {}
        self._briefs: dict[str, tuple[StoredPiece, ...]] = {}

    def add(self, batch: pa.RecordBatch) -> None:
        """Take in rows with ``brief_id`` and ``pieces``."""
        column = batch.column("pieces")
        lines = self._numbered(column.flatten())
        at = 0
        for brief, length in zip(batch.column("brief_id").to_pylist(), column.value_lengths().to_pylist(), strict=True):
            self._briefs[brief] = tuple(lines[at : at + (length or 0)])
            at += length or 0

    def of(self, brief_id: str) -> Sequence[StoredPiece]:
        """Pieces of a brief; none where it is unknown."""
        return self._briefs.get(brief_id, ())

    def _numbered(self, flat: pa.StructArray) -> list[StoredPiece]:
        """A compiled line for each struct; each distinct one is looked up once."""
        columns = [flat.field(name).dictionary_encode() for name in ("piece_id", "part", "text")]
        keys = np.zeros(len(flat), np.int64)
        for column in columns:
            keys = keys * len(column.dictionary) + column.indices.to_numpy()
        _, firsts, places = np.unique(keys, return_index=True, return_inverse=True)
        distinct = zip(*(column.take(pa.array(firsts)).to_pylist() for column in columns), strict=True)
        known = [self._line(*values) for values in distinct]
        return [known[place] for place in places.reshape(-1).tolist()]

    def _line(self, piece_id: str, part: str, text: str) -> StoredPiece:
        known = self._lines.get(piece_id)
        if known is None or known.text != text:
            known = self._lines[piece_id] = StoredPiece.of(piece_id, part, text, articles=self._articles)
        return known


def chosen(engine: Engine, *, articles: bool) -> Book:
    """The pieces of every brief in the table ``choices``."""
    book = Book(articles=articles)
    known = "EXISTS (SELECT 1 FROM choices c WHERE c.brief_id = p.brief_id)"
    query = f"SELECT p.brief_id, p.pieces FROM pieces p WHERE {known}"
    for batch in engine.batches(query, rows=_ROWS):
        book.add(batch)
    return book


def asked(engine: Engine, brief_ids: Iterable[str], *, articles: bool) -> Book:
    """The pieces of ``brief_ids``, as far as they are known."""
    book = Book(articles=articles)
    wanted = pa.table({"brief_id": pa.array(sorted(set(brief_ids)), pa.string())})
    if wanted.num_rows:
        engine.table("pieces", "pieces")
        engine.table("asked_briefs", wanted)
        query = "SELECT p.brief_id, p.pieces FROM pieces p JOIN asked_briefs a ON a.brief_id = p.brief_id"
        for batch in engine.batches(query, rows=_ROWS):
            book.add(batch)
    return book

"""Pieces as they are kept: one row a brief, so that a second run reuses what was written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import pyarrow as pa

from siyu.copywriting.lines import StoredPiece
from siyu.domain.copy import Brief, Piece
from siyu.engine.port import Engine
from siyu.engine.schemas import MOMENT
from siyu.engine.sql import literal

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


def row(brief: Brief, pieces: Sequence[Piece], *, repairs: int, made_at: object) -> dict[str, object]:
    """A brief's pieces as a row of :data:`PIECES`."""
    return {
        "brief_id": brief.brief_id,
        "item": brief.item,
        "language": brief.language,
        "writer": pieces[0].writer if pieces else "",
        "made_at": made_at,
        "repairs": repairs,
        "pieces": [{"piece_id": p.piece_id, "part": p.part, "text": p.text} for p in pieces],
    }


class PieceStore:
    """Reads stored pieces by brief; keeps one copy of each line, for many briefs share them.

    Args:
        articles: whether a product's title takes "the".
    """

    def __init__(self, engine: Engine, *, articles: bool = True) -> None:
        self._engine = engine
        self._articles = articles
        self._lines: dict[str, StoredPiece] = {}

    def of(self, brief_ids: Iterable[str]) -> dict[str, list[StoredPiece]]:
        """Pieces of each brief that is known."""
        wanted = tuple(brief_ids)
        if not wanted:
            return {}
        found: dict[str, list[StoredPiece]] = {}
        query = f"SELECT brief_id, pieces FROM pieces WHERE brief_id IN {literal(wanted)}"
        for batch in self._engine.batches(query):
            found.update(zip(batch.column(0).to_pylist(), self._unpacked(batch.column(1)), strict=True))
        return found

    def _unpacked(self, column: pa.ListArray) -> list[list[StoredPiece]]:
        flat = column.flatten()
        names = ("piece_id", "part", "text")
        lines = [self._line(*values) for values in zip(*(flat.field(n).to_pylist() for n in names), strict=True)]
        packed, at = [], 0
        for length in column.value_lengths().to_pylist():
            packed.append(lines[at : at + (length or 0)])
            at += length or 0
        return packed

    def _line(self, piece_id: str, part: str, text: str) -> StoredPiece:
        known = self._lines.get(piece_id)
        if known is None or known.text != text:
            known = self._lines[piece_id] = StoredPiece.of(piece_id, part, text, articles=self._articles)
        return known

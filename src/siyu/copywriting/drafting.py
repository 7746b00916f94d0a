"""Pieces for new briefs: written, checked, repaired at most twice, then the offline writer steps in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

from siyu.copywriting.required import NOTE, note
from siyu.copywriting.reviewing import Reviewer
from siyu.copywriting.storing import Drafted, rows
from siyu.copywriting.writers.offline import OfflineWriter, piece
from siyu.copywriting.writers.port import Asking, Usage, Writer
from siyu.domain.copy import Brief, Piece

_NEEDED = {"subject": 2, "hook": 2, "call": 1}
_CHUNK = 512


@dataclass(slots=True)
class Tally:
    """What drafting took; ``usage``: what a writer that asks a server took."""

    briefs: int = 0
    pieces: int = 0
    writer_calls: int = 0
    repairs: int = 0
    fallbacks: int = 0
    dropped: int = 0
    usage: Usage | None = None


class Drafting:
    """Turns briefs into rows of :data:`siyu.copywriting.storing.PIECES`."""

    def __init__(self, writer: Writer, reviewers: dict[str, Reviewer], *, max_repairs: int, now: datetime) -> None:
        self._writer = writer
        self._reviewers = reviewers
        self._max_repairs = max_repairs
        self._now = now.astimezone(UTC).replace(tzinfo=None)
        self.tally = Tally()

    def rows(self, briefs: Iterator[Brief]) -> Iterator[pa.RecordBatch]:
        """Batches of stored pieces for ``briefs``, each brief once."""
        chunk: list[Brief] = []
        for brief in briefs:
            chunk.append(brief)
            if len(chunk) == _CHUNK:
                yield self._batch(chunk)
                chunk = []
        if chunk:
            yield self._batch(chunk)

    def _batch(self, briefs: Sequence[Brief]) -> pa.RecordBatch:
        self.tally.briefs += len(briefs)
        self.tally.writer_calls += 1
        written = self._writer.write(briefs)
        drafted = [self._drafted(brief, pieces) for brief, pieces in zip(briefs, written, strict=True)]
        return rows(drafted, self._now)

    def _drafted(self, brief: Brief, pieces: tuple[Piece, ...]) -> Drafted:
        good, repairs = self._reviewed(brief, pieces)
        stands_in = isinstance(self._writer, Asking) and brief.brief_id in self._writer.waiting
        if not _is_enough(good, brief):
            stands_in = True
            self.tally.fallbacks += 1
            good = self._without_faults(brief, OfflineWriter().write([brief])[0])
        told = note(brief.place, brief.industry, brief.language)
        good = (*good, piece(NOTE, told, "law")) if told else good
        self.tally.pieces += len(good)
        self.tally.repairs += repairs
        return Drafted(brief, good, repairs, OfflineWriter.name if stands_in else self._writer.name)

    def _reviewed(self, brief: Brief, pieces: tuple[Piece, ...]) -> tuple[tuple[Piece, ...], int]:
        for repairs in range(self._max_repairs + 1):
            findings = self._reviewers[brief.language].look_at_pieces(brief, pieces)
            if not findings:
                return pieces, repairs
            if repairs == self._max_repairs:
                break
            pieces = self._writer.repair(brief, pieces, findings)
        return self._without_faults(brief, pieces), self._max_repairs

    def _without_faults(self, brief: Brief, pieces: Sequence[Piece]) -> tuple[Piece, ...]:
        bad = {finding.part for finding in self._reviewers[brief.language].look_at_pieces(brief, pieces)}
        self.tally.dropped += len(bad)
        return tuple(piece for piece in pieces if piece.piece_id not in bad)


def _is_enough(pieces: Sequence[Piece], brief: Brief) -> bool:
    """Whether a message can be made with some choice. A writer makes subjects for channels without one, too."""
    counts = Counter([piece.part for piece in pieces])
    return all(counts[part] >= least for part, least in _NEEDED.items()) or not brief.facts

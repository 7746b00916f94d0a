"""The writer port."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from siyu.copywriting.slots import PERSON_SLOTS
from siyu.domain.copy import Brief, Finding, Piece

__all__ = ["PERSON_SLOTS", "Writer"]


class Writer(Protocol):
    """Makes pieces of copy for briefs. It knows facts and angle, never a person."""

    name: str

    def write(self, briefs: Sequence[Brief]) -> list[tuple[Piece, ...]]:
        """Pieces for each brief, in order: two subjects, two hooks and a call at least, and the other parts that fit.

        Facts stand as slots: those of the brief, or of ``PERSON_SLOTS``.
        """
        ...

    def repair(self, brief: Brief, pieces: Sequence[Piece], findings: Sequence[Finding]) -> tuple[Piece, ...]:
        """The pieces with those mended or left out that ``findings`` object to.

        ``part`` of a finding is a piece's id.
        """
        ...

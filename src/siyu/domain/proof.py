"""Seals: capabilities that `app` hands to the one room that may make a thing that proves something.

An unchecked text or an unconsented send is then a type error, not a forgotten ``if``. An architecture test bars
``Seal(...)`` everywhere but in ``app``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from siyu.domain.errors import NotPermittedError


class SealKind(StrEnum):
    """What a seal lets its holder make."""

    REVIEW = "review"  # ApprovedCopy: the review gate
    CONSENT = "consent"  # Permit: the consent ledger
    POLICY = "policy"  # Exposure: the policy


@dataclass(frozen=True, slots=True)
class Seal:
    """The right to make one kind of proof."""

    kind: SealKind

    def require(self, kind: SealKind) -> None:
        """Refuse unless this seal is of ``kind``.

        Raises:
            NotPermittedError: it is of another kind.

        Example:
            >>> Seal(SealKind.REVIEW).require(SealKind.REVIEW)
        """
        if self.kind is not kind:
            raise NotPermittedError(
                f"A {kind} seal is needed.",
                why=f"This one is for {self.kind}.",
                next_step="Take the object from the room that may make it.",
            )

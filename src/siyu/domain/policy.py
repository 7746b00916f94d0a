"""The policy port: three stages consume it, `app` wires it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from siyu.domain.ids import PersonId


class Policy(Protocol):
    """Chooses one of the eligible variants for a person and says how likely each was."""

    name: str

    def propensities(self, person: PersonId, variants: Sequence[str]) -> Sequence[float]:
        """The chance of each variant, in order; they are non-negative and sum to one."""
        ...

    def choose(self, person: PersonId, variants: Sequence[str], draw: float) -> int:
        """Index of the variant chosen by ``draw`` in [0, 1)."""
        ...

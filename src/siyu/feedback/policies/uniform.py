"""Every variant is as likely as any other: the fair comparison, and the slice that every learner keeps."""

from __future__ import annotations

from collections.abc import Sequence

from siyu.domain.ids import PersonId


class Uniform:
    """Chooses evenly.

    Example:
        >>> Uniform().propensities(PersonId("p"), ["a", "b"]), Uniform().choose(PersonId("p"), ["a", "b"], 0.5)
        ([0.5, 0.5], 1)
    """

    name = "uniform"

    def propensities(self, person: PersonId, variants: Sequence[str]) -> Sequence[float]:
        """1/n each."""
        return [1.0 / len(variants)] * len(variants)

    def choose(self, person: PersonId, variants: Sequence[str], draw: float) -> int:
        """The variant whose n-th part of [0, 1) holds ``draw``."""
        return min(int(draw * len(variants)), len(variants) - 1)

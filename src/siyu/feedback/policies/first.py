"""The control: always the first variant, as a shop without a policy would send."""

from __future__ import annotations

from collections.abc import Sequence

from siyu.domain.ids import PersonId


class First:
    """Chooses the first.

    Example:
        >>> First().propensities(PersonId("p"), ["a", "b"])
        [1.0, 0.0]
    """

    name = "first"

    def propensities(self, person: PersonId, variants: Sequence[str]) -> Sequence[float]:
        """One for the first, nothing for the others."""
        return [1.0] + [0.0] * (len(variants) - 1)

    def choose(self, person: PersonId, variants: Sequence[str], draw: float) -> int:
        """Always 0."""
        return 0

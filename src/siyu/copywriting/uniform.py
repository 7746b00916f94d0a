"""The policy that knows nothing yet: every variant is equally likely."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from siyu.domain.ids import PersonId


@lru_cache(maxsize=4096)
def _equal(count: int) -> tuple[float, ...]:
    return (1 / count,) * count


class Uniform:
    """Chooses with equal chances; its data can teach any later policy.

    Example:
        >>> Uniform().propensities(PersonId("p"), ["a", "b"]), Uniform().choose(PersonId("p"), ["a", "b"], 0.6)
        ((0.5, 0.5), 1)
    """

    name = "uniform"

    def propensities(self, person: PersonId, variants: Sequence[str]) -> Sequence[float]:
        """One over the number of variants, for each."""
        return _equal(len(variants))

    def choose(self, person: PersonId, variants: Sequence[str], draw: float) -> int:
        """Index of the variant in whose equal share ``draw`` falls."""
        return min(int(draw * len(variants)), len(variants) - 1)

"""Worlds whose order is known: what follows what is planted, and the planted chances are the judge."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from siyu.recommendations.people import Ints
from siyu.recommendations.sequential.sequences import Sequences

Visits = list[tuple[int, ...]]
"""Products in the order in which somebody dealt with them, one visit a person."""


@dataclass(frozen=True)
class Pairs:
    """Visits of two products: each product leads to the next of a ring, or (noise) to each product alike.

    Of ``products * led`` visits that go on in the ring and one visit for every ordered pair, each direction's share is
    exact: nothing is drawn but the moments.
    """

    products: int = 24
    led: int = 60

    @property
    def visits(self) -> Visits:
        """In the planted direction."""
        ring = [(at, (at + 1) % self.products) for at in range(self.products)]
        return ring * self.led + list(permutations(range(self.products), 2))

    @property
    def mirrored(self) -> Visits:
        """The same visits, each backwards."""
        return [(then, first) for first, then in self.visits]

    @property
    def chances(self) -> np.ndarray:
        """What follows each product, planted."""
        found = np.zeros((self.products, self.products))
        for first, then in self.visits:
            found[first, then] += 1
        return found / found.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class Turns:
    """Visits of three: what comes third depends on which of the two came first.

    For ``a`` and ``b`` of the first ``heads`` products, ``(a, b)`` leads to target ``(a - b) mod heads``: never to the
    same as ``(b, a)`` where ``heads`` is odd, and each target follows each ``b`` equally often.
    """

    heads: int = 5
    times: int = 35

    @property
    def products(self) -> int:
        """Heads, then their targets."""
        return 2 * self.heads

    def after(self, first: int, then: int) -> int:
        """What follows."""
        return self.heads + (first - then) % self.heads

    @property
    def visits(self) -> Visits:
        """Every ordered pair with what follows it, ``times`` times."""
        return [(a, b, self.after(a, b)) for a, b in permutations(range(self.heads), 2)] * self.times


def as_sequences(visits: Visits, *, seed: int = 1) -> Sequences:
    """Visits at moments of chance, a minute between steps."""
    draw = np.random.default_rng(seed)
    visits = [visits[at] for at in draw.permutation(len(visits))]
    sizes = np.array([len(visit) for visit in visits])
    begins = draw.integers(0, 10_000_000, len(visits))
    place = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    item: Ints = np.array([one for visit in visits for one in visit], np.int32)
    return Sequences(np.concatenate(([0], np.cumsum(sizes))), item, np.repeat(begins, sizes) + 60 * place)

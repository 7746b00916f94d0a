"""What is usual: the mean share of every value over the people who have its facet. Lift is measured against it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from siyu.domain import columns as c
from siyu.engine.port import Engine
from siyu.profiles.acts import Amounts, Numbers, codes, runs, table
from siyu.profiles.tastes import Shares
from siyu.profiles.values import FACETS, Values

DATASET = "profile_means"
SCHEMA = pa.schema([(c.FACET, pa.string()), (c.VALUE, pa.string()), ("mean", pa.float64())])


class Means:
    """Sums of shares while people are added; then their means.

    Attributes:
        of: mean share of each value; 1 for a value that nobody has.
    """

    def __init__(self, values: Values) -> None:
        self._values = values
        self._sums = np.zeros(len(values))
        self._people = np.zeros(len(FACETS), np.int64)
        self.of: Amounts = np.ones(len(values))

    def add(self, value: Numbers, found: Shares) -> None:
        """Add people; nobody twice."""
        self._sums += np.bincount(value, found.share, len(self._sums))
        groups = found.group[found.share > 0]
        groups = groups[runs(groups)[:-1]]
        self._people += np.bincount(groups % len(FACETS), minlength=len(FACETS))

    def settle(self) -> None:
        """Make ``of`` from everybody that was added."""
        mean = self._sums / np.maximum(self._people, 1)[self._values.facet]
        self.of = np.where(mean > 0, mean, 1.0)

    def recall(self, known: pa.Table) -> None:
        """Make ``of`` from the means of the last refit, rows of SCHEMA.

        A value that nobody had then counts as rare as the rarest of its facet, and one of a facet that nobody had as
        had by all.
        """
        facet = codes(known.column(c.FACET), pa.array(FACETS))
        rarest = np.full(len(FACETS), np.inf)
        mean = known.column("mean").to_numpy()
        np.minimum.at(rarest, facet, mean)
        self.of = np.where(np.isfinite(rarest), rarest, 1.0)[self._values.facet]
        place = self._places(known)
        self.of[place[place >= 0]] = mean[place >= 0]

    def table(self) -> pa.Table:
        """Rows of SCHEMA, for values that somebody has."""
        had = np.flatnonzero(self._sums > 0)
        facets = pa.array(FACETS).take(pa.array(self._values.facet[had]))
        return pa.table([facets, self._values.name.take(pa.array(had)), pa.array(self.of[had])], schema=SCHEMA)

    def _places(self, known: pa.Table) -> Numbers:
        """The number of each known value, -1 where it is none any more."""
        facets = codes(known.column(c.FACET), pa.array(FACETS))
        place = np.full(known.num_rows, -1)
        for facet in range(len(FACETS)):
            own = np.flatnonzero(self._values.facet == facet)
            asked = np.flatnonzero(facets == facet)
            found = codes(known.column(c.VALUE).take(pa.array(asked)), self._values.name.take(pa.array(own)))
            place[asked[found >= 0]] = own[found[found >= 0]]
        return place


def load(engine: Engine) -> pa.Table:
    """Dataset ``profile_means``."""
    engine.table(DATASET, DATASET)
    return table(engine.batches(f"SELECT facet, value, mean FROM {DATASET}"), SCHEMA)

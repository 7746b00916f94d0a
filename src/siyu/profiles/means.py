"""What is usual: the mean share of every value over the people who have its facet. Lift is measured against it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from siyu.domain import columns as c
from siyu.engine.port import Engine
from siyu.profiles.acts import Amounts, Flags, Numbers, codes, runs
from siyu.profiles.tastes import Shares
from siyu.profiles.values import FACETS, Values

DATASET = "profile_means"
SCHEMA = pa.schema([(c.FACET, pa.string()), (c.VALUE, pa.string()), ("mean", pa.float64()), ("people", pa.int64())])


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

    def settle(self, known: pa.Table | None = None) -> None:
        """Make ``of`` from what was added.

        Args:
            known: rows of SCHEMA; means that hold until the next refit. Only values that it lacks are taken from what
                was added, over the people that it says have the facet.
        """
        people = self._people.astype(float)
        mean = np.full(len(self._sums), -1.0)
        if known is not None:
            facet = codes(known.column(c.FACET), pa.array(FACETS))
            people[facet] = known.column("people").to_numpy()
            place = self._places(known)
            mean[place[place >= 0]] = known.column("mean").to_numpy()[place >= 0]
        new = self._sums / np.maximum(people, 1.0)[self._values.facet]
        mean = np.where(mean >= 0, mean, new)
        self.of = np.where(mean > 0, mean, 1.0)
        self._people = people.astype(np.int64)

    def lacking(self, known: pa.Table) -> Flags:
        """Which values ``known`` does not have."""
        lacks = np.ones(len(self._sums), bool)
        place = self._places(known)
        lacks[place[place >= 0]] = False
        return lacks

    def table(self, known: pa.Table | None = None) -> pa.Table:
        """Rows of SCHEMA: ``known``, and the values that it lacks and somebody has."""
        new = self._sums > 0 if known is None else (self._sums > 0) & self.lacking(known)
        place = pa.array(np.flatnonzero(new))
        facet = self._values.facet[new]
        mine = pa.table(
            [
                pa.array(FACETS).take(pa.array(facet)),
                self._values.name.take(place),
                pa.array(self.of[new]),
                pa.array(self._people[facet]),
            ],
            schema=SCHEMA,
        )
        return mine if known is None else pa.concat_tables([known, mine])

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
    return pa.Table.from_batches(engine.batches(f"SELECT * FROM {DATASET}"), schema=SCHEMA)

"""Whose past is looked at, and where it is cut: bounded, and the same for the same events."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import pyarrow as pa

from siyu.engine.port import Engine
from siyu.engine.sql import query
from siyu.recommendations.people import Ints, Mask
from siyu.recommendations.settings import ChooseSettings
from siyu.recommendations.tables import columns

PACKAGE: Final = "siyu.recommendations.hybrid"
ENOUGH: Final = 100
"""People who bought in the last stretch that it takes to choose by."""

_WISHED: Final = 500
_SHORTEST, _LONGEST = timedelta(days=14), timedelta(days=30)
_EVERYONE: Final = pa.schema(
    [
        ("person", pa.string()),
        ("acts", pa.int64()),
        ("first", pa.timestamp("us")),
        ("bought", pa.timestamp("us")),
        ("draw", pa.string()),
    ]
)


@dataclass(frozen=True)
class Sample:
    """Some people, all that they did, and a cut.

    Attributes:
        cut, until: models see what happened up to the cut, and are asked what was bought from then until then.
        people: the columns ``person`` and ``asked``.
        everyone: how many people there are. ``acts``: events of those in the sample.
    """

    cut: datetime
    until: datetime
    people: pa.Table
    everyone: int
    acts: int

    @property
    def asked(self) -> int:
        """How many are asked for."""
        return int(self.people["asked"].to_numpy().sum())


def before(sample: Sample) -> Sample:
    """The same people a stretch earlier: what was bought up to the cut is asked, whoever bought it."""
    people = sample.people.set_column(1, "asked", pa.array(np.ones(sample.people.num_rows, bool)))
    return replace(sample, cut=sample.cut - (sample.until - sample.cut), until=sample.cut, people=people)


def drawn(engine: Engine, settings: ChooseSettings, now: datetime) -> Sample | None:
    """A sample of the people of view ``events``; ``None`` where there is no past to cut.

    The stretch that is asked about is a tenth of the past, 14 to 30 days; where fewer than 500 people bought in it, it
    is doubled while it stays within a quarter of the past.
    """
    table = columns(engine, query(PACKAGE, "everyone", now=now), _EVERYONE).sort_by("draw")
    if not table.num_rows:
        return None
    first = table["first"].to_numpy().astype("datetime64[us]").astype(np.int64)
    bought = np.where(
        table["bought"].is_valid(),
        table["bought"].fill_null(0).to_numpy().astype("datetime64[us]").astype(np.int64),
        np.iinfo(np.int64).min,
    )
    acts = table["acts"].to_numpy()
    within = (np.arange(len(acts)) < settings.people) & (np.cumsum(acts) <= max(settings.events, int(acts[0])))
    first, bought = first[within], bought[within]
    begin, end = int(np.quantile(first, 0.01)), int(bought.max())
    span = end - begin
    stretch = _stretch(first, bought, (begin, end))
    if stretch <= 0 or stretch > span / 3:
        return None
    cut = end - stretch
    asked = np.flatnonzero((first <= cut) & (bought > cut))[: settings.asked]
    marked = np.zeros(len(first), bool)
    marked[asked] = True
    people = pa.table({"person": table["person"].filter(pa.array(within)), "asked": pa.array(marked)})
    return Sample(_moment(cut), _moment(end), people, table.num_rows, int(acts[within].sum()))


def _stretch(first: Ints, bought: Ints, ends: tuple[int, int]) -> int:
    span = ends[1] - ends[0]
    shortest, longest = (int(one / timedelta(microseconds=1)) for one in (_SHORTEST, _LONGEST))
    stretch = min(max(span // 10, shortest), longest)

    def few(stretch: int) -> bool:
        cut = ends[1] - stretch
        found: Mask = (first <= cut) & (bought > cut)
        return int(found.sum()) < _WISHED

    while few(stretch) and 2 * stretch <= span // 4:
        stretch *= 2
    return stretch


def _moment(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)

"""What most people bought lately: the answer for people of whom nothing is known."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field
from scipy import sparse

from siyu.domain.kinds import Lane
from siyu.engine.port import Engine
from siyu.recommendations.items import read_items
from siyu.recommendations.people import Act, Floats, Ints, People, pairs_of
from siyu.recommendations.port import Asked, Blocks, Capability, Reasons, Told
from siyu.recommendations.tables import columns, keep, rows

_POPULAR = pa.schema([("item", pa.int32()), ("people", pa.int64()), ("days", pa.float64())])


class PopularityOptions(BaseModel):
    """Options of :class:`Popularity`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: tuple[int, ...] = Field(
        (30, 90, 365, 36_500), min_length=1, description="Windows to try, the shortest with enough products is used."
    )
    enough: int = Field(20, ge=1, description="Products bought within a window for it to be enough.")
    kept: int = Field(100, ge=1, le=1000, description="Products kept, the most bought.")


class Popularity:
    """Products by the number of people who bought them in a recent window.

    Reason ``popular``: ``count`` people bought it, net of returns, in the last ``number`` days.
    """

    Options: ClassVar[type[BaseModel]] = PopularityOptions
    lane: ClassVar[Lane] = Lane.DISCOVER
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.COLD_PEOPLE})
    interests = 0

    def __init__(self, options: PopularityOptions) -> None:
        self.options = options

    def fit(self, engine: Engine, people: Blocks, now: datetime) -> None:
        """Count buyers in each window and keep the best of the chosen one as ``rec_popular``."""
        items = read_items(engine)
        windows = sorted(set(self.options.days))
        buyers = np.zeros((len(windows), items.size), np.int64)
        for block in people():
            at = np.flatnonzero(block.kind == Act.PURCHASE)
            pairs = pairs_of(block.row[at], block.item[at])
            last = np.minimum.reduceat(block.age[at], pairs.start) if len(at) else np.zeros(0)
            for place, window in enumerate(windows):
                buyers[place] += np.bincount(pairs.item[last < window], minlength=items.size)
        buyers[:, ~items.free] = 0
        full = [place for place, bought in enumerate(buyers) if np.count_nonzero(bought) >= self.options.enough]
        chosen = full[0] if full else len(windows) - 1
        best = np.lexsort((np.arange(items.size), -buyers[chosen]))[: self.options.kept]
        best = best[buyers[chosen][best] > 0]
        days = np.full(len(best), float(windows[chosen]))
        keep(engine, "rec_popular", pa.table([best, buyers[chosen][best], days], schema=_POPULAR))

    def scorer(self, engine: Engine, now: datetime) -> PopularityScorer:
        """One key, for everybody."""
        engine.table("rec_popular", "rec_popular")
        table = columns(engine, "SELECT item, people, days FROM rec_popular", _POPULAR).sort_by("item")
        items = rows(engine, "SELECT count(*) AS items FROM rec_items")[0]["items"]
        item, buyers, days = (column.to_numpy() for column in table.columns)
        return PopularityScorer(item, buyers, days, items=items)


class PopularityScorer:
    """Everybody asks by the one key."""

    words = ("popular",)
    merged = None

    def __init__(self, item: Ints, buyers: Ints, days: Floats, *, items: int) -> None:
        self.buyers, self.days = buyers, days
        self.links = sparse.csr_array((buyers.astype(np.float64), item, np.array([0, len(item)])), shape=(1, items))

    def asked(self, people: People) -> Asked:
        """The same for all."""
        return Asked(np.arange(people.size), np.zeros(people.size, np.int64), np.ones(people.size))

    def reasons(self, asked: Asked, told: Told) -> Reasons:
        """How many bought it, and in how many days."""
        return Reasons.of(len(told.ask), kind=0, count=self.buyers[told.link], number=self.days[told.link])

"""What goes together: recency-weighted item-to-item co-occurrence.

Linden, Smith and York, "Amazon.com recommendations: item-to-item collaborative filtering", 2003; with the weight of a
basket halving with its age.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Final, Literal

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field
from scipy import sparse

from siyu.domain.kinds import Lane
from siyu.engine.port import Engine
from siyu.recommendations.links import most
from siyu.recommendations.models.together import RELATED, Units, related
from siyu.recommendations.people import Act, People
from siyu.recommendations.port import Asked, Blocks, Capability, Reasons, Told
from siyu.recommendations.tables import columns, keep, rows

_WORDS: Final = ("bought-together", "similar", "basket", "person", "session")


class ItemToItemOptions(BaseModel):
    """Options of :class:`ItemToItem`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    window: Literal["auto", "basket", "person"] = Field(
        "auto", description="Where purchases belong together; auto takes baskets where many hold several products."
    )
    mixed: float = Field(0.3, ge=0, le=1, description="Share of baskets with several products for auto to take them.")
    least: int = Field(2, ge=1, description="Baskets (or people) that two products must share.")
    least_seen: int = Field(3, ge=1, description="Sessions in which two products must both be looked at.")
    heaviest: int = Field(100, ge=2, le=1000, description="Baskets and sessions with more products are left out.")
    neighbours: int = Field(40, ge=1, le=500, description="Neighbours kept for each product.")
    half_life: float = Field(90.0, gt=0, le=36_500, description="Days after which a basket, or an event, counts half.")
    history: int = Field(50, ge=1, le=1000, description="Products of a person's past that count, the weightiest.")
    seen: float = Field(0.5, ge=0, le=1, description="How much being looked at together counts beside being bought.")


class ItemToItem:
    """Neighbours, by cosine, of what a person bought or looked at.

    Reason ``bought-together``: ``count`` baskets or people (``value`` says which) hold both this product and ``item``,
    which the person bought; ``number`` is the lift. Reason ``similar``: the same where the person only looked at
    ``item``, or where both were looked at in ``count`` sessions. Baskets above ``heaviest`` do not count.
    """

    Options: ClassVar[type[BaseModel]] = ItemToItemOptions
    lane: ClassVar[Lane] = Lane.DISCOVER
    capabilities: ClassVar[frozenset[Capability]] = frozenset()
    interests = 0

    def __init__(self, options: ItemToItemOptions) -> None:
        self.options = options

    def fit(self, engine: Engine, people: Blocks, now: datetime) -> None:
        """Measure neighbours among purchases and among looks, as ``rec_neighbours`` (about products only)."""
        chosen = self.options
        size = rows(engine, "SELECT count(*) AS items FROM rec_items")[0]["items"]
        baskets, persons, sessions = (Units(chosen.half_life, chosen.heaviest, chosen.history) for _ in range(3))
        for block in people():
            bought = block.kind == Act.PURCHASE
            if chosen.window != "person":
                baskets.add(block, bought)
            if chosen.window != "basket":
                persons.add(block, bought, whole=True)
            sessions.add(block, (block.weight > 0) & ~bought)
        window = self._window(baskets)
        units = baskets if window == "basket" else persons
        found = [
            related(units, size, ("bought", window, chosen.least), chosen.neighbours),
            related(sessions, size, ("seen", "session", chosen.least_seen), chosen.neighbours),
        ]
        keep(engine, "rec_neighbours", pa.concat_tables(found))

    def scorer(self, engine: Engine, now: datetime) -> ItemToItemScorer:
        """Neighbours as one table of links."""
        engine.table("rec_neighbours", "rec_neighbours")
        names = ", ".join(RELATED.names)
        table = columns(engine, f"SELECT {names} FROM rec_neighbours", RELATED)
        items = rows(engine, "SELECT count(*) AS items FROM rec_items")[0]["items"]
        order = [("item", "ascending"), ("relation", "ascending"), ("neighbour", "ascending")]
        return ItemToItemScorer(self.options, table.sort_by(order), items=items)

    def _window(self, baskets: Units) -> str:
        if self.options.window != "auto":
            return self.options.window
        return "basket" if baskets.mixed >= self.options.mixed * max(baskets.seen, 1) else "person"


class ItemToItemScorer:
    """Asks by the products of a person's past, the weightiest."""

    words = _WORDS
    merged = None

    def __init__(self, options: ItemToItemOptions, related: pa.Table, *, items: int) -> None:
        self.options = options
        column = {name: related.column(name).to_numpy() for name in ("item", "neighbour", "cosine", "units", "lift")}
        self.bought = np.asarray(related.column("relation").to_numpy() == "bought", bool)
        window = related.column("unit").combine_chunks()
        self.unit = pa.compute.index_in(window, pa.array(_WORDS)).to_numpy(zero_copy_only=False).astype(np.int64)
        self.units, self.lift = column["units"], column["lift"]
        ends = np.searchsorted(column["item"], np.arange(items + 1))
        data = column["cosine"] * np.where(self.bought, 1.0, options.seen)
        self.links = sparse.csr_array((data, column["neighbour"], ends), shape=(items, items))
        self.known = np.diff(ends) > 0

    def asked(self, people: People) -> Asked:
        """One key a past product; notes say whether it was bought."""
        pairs = people.pairs
        value = pairs.sums(people.weight * 0.5 ** (people.age / self.options.half_life))
        at = np.flatnonzero(value > 0)
        notes = {"bought": people.bought[at]}
        found = most(Asked(pairs.row[at], pairs.item[at], value[at], notes), self.options.history)
        at = np.flatnonzero(self.known[found.key])
        return Asked(found.row[at], found.key[at], found.value[at], {"bought": found.notes["bought"][at]})

    def reasons(self, asked: Asked, told: Told) -> Reasons:
        """The past product, what both were in, how many of those, and the lift."""
        together = self.bought[told.link] & asked.notes["bought"][told.ask]
        return Reasons.of(
            len(told.ask), kind=np.where(together, 0, 1), past=told.key, value=self.unit[told.link],
            count=self.units[told.link], number=self.lift[told.link],
        )  # fmt: skip

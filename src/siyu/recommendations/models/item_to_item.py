"""What goes together: recency-weighted item-to-item co-occurrence.

Linden, Smith and York, "Amazon.com recommendations: item-to-item collaborative filtering", 2003; with the weight of a
basket halving with its age.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from siyu.domain.kinds import Lane
from siyu.engine.port import Engine
from siyu.engine.sql import query
from siyu.recommendations.port import Block, Capability
from siyu.recommendations.tables import PACKAGE, keep, rows


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
    neighbours: int = Field(50, ge=1, le=500, description="Neighbours kept for each product.")
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

    def __init__(self, options: ItemToItemOptions) -> None:
        self.options = options

    def fit(self, engine: Engine, now: datetime) -> None:
        """Measure neighbours among purchases, then among looks, as ``rec_neighbours`` (about products only)."""
        self._relate(engine, "bought", self._window(engine), self.options.least, append=False)
        self._relate(engine, "seen", "session", self.options.least_seen, append=True)

    def evidence(self, people: Block, now: datetime) -> str:
        """One row for each past product and neighbour."""
        chosen = self.options
        return query(
            PACKAGE, "item_to_item", first=people.first, last=people.last,
            half_life=chosen.half_life, history=chosen.history, seen=chosen.seen,
        )  # fmt: skip

    def _window(self, engine: Engine) -> str:
        if self.options.window != "auto":
            return self.options.window
        counted = rows(engine, query(PACKAGE, "basket_sizes"))[0]
        return "basket" if counted["mixed"] >= self.options.mixed * max(counted["baskets"], 1) else "person"

    def _relate(self, engine: Engine, relation: str, window: str, least: int, *, append: bool) -> None:
        chosen = self.options
        keep(engine, "rec_units", query(
            PACKAGE, "units", window=window, bought=relation == "bought", half_life=chosen.half_life,
            history=chosen.history, heaviest=chosen.heaviest,
        ))  # fmt: skip
        keep(engine, "rec_neighbours", query(
            PACKAGE, "neighbours", relation=relation, window=window, least=least, neighbours=chosen.neighbours,
        ), append=append)  # fmt: skip

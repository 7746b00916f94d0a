"""Association rules: who buys this buys that too, in the same basket, more often than by chance.

Agrawal, Imielinski and Swami, "Mining association rules between sets of items in large databases", SIGMOD 1993. A rule
counts by what its confidence is worth at least (Wilson, 1927), so that three baskets out of four do not beat three
hundred out of five hundred, and only if that is above the share of all baskets.

Pairs are counted here, from the histories that every model learns from, and not read from the dataset ``rules``: that
one prunes what a reader need not see twice, knows nothing of the moment an evaluation stands at, and is not there
before profiles were made.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Final, Literal

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, Field
from scipy import sparse

from siyu.domain.kinds import Lane
from siyu.engine.port import Engine
from siyu.recommendations.links import narrow
from siyu.recommendations.models import neighbours
from siyu.recommendations.models.past import PastOptions, past
from siyu.recommendations.models.together import Units
from siyu.recommendations.people import Act, Floats, Ints, People
from siyu.recommendations.port import Asked, Blocks, Capability, Links, Reasons, Told
from siyu.recommendations.tables import columns, keep

_RULES: Final = pa.schema(
    [
        ("item", pa.int32()),  # if this is bought
        ("neighbour", pa.int32()),  # then this
        ("strength", pa.float32()),
        ("units", pa.int64()),  # with both
        ("confidence", pa.float64()),
        ("lift", pa.float64()),
        ("unit", pa.string()),  # basket | person
    ]
)
_WORDS: Final = ("bought-together", "similar", "confidence", *(f"{percent}%" for percent in range(101)))


class RulesOptions(PastOptions):
    """Options of :class:`Rules`."""

    window: Literal["auto", "basket", "person"] = Field(
        "auto", description="Where purchases belong together; auto takes baskets where many hold several products."
    )
    mixed: float = Field(0.3, ge=0, le=1, description="Share of baskets with several products for auto to take them.")
    days: float = Field(90.0, gt=0, le=36_500, description="Baskets older than this do not count.")
    least: int = Field(3, ge=1, description="Baskets (or people) that hold both products of a rule.")
    confidence: float = Field(0.01, ge=0, le=1, description="Confidence that a rule has at least.")
    doubt: float = Field(0.5, ge=0, le=5, description="Standard errors by which confidence is trusted less.")
    surprise: float = Field(0.5, ge=0, le=2, description="Power of lift by which a rule counts more.")
    heaviest: int = Field(100, ge=2, le=1000, description="Baskets with more products are left out.")
    history: int = Field(50, ge=2, le=1000, description="Products of a whole person that count, the latest.")
    neighbours: int = Field(100, ge=1, le=1000, description="Rules kept of each product, the strongest.")


class Rules:
    """Rules from one product to another.

    Reason ``bought-together``: ``count`` baskets (or people) hold both this product and ``item``, which the person
    bought, ``value`` of those with ``item`` (``facet`` is ``confidence``); ``number`` is the lift. ``similar``: the
    same where the person only looked at ``item``.
    """

    Options: ClassVar[type[BaseModel]] = RulesOptions
    lane: ClassVar[Lane] = Lane.DISCOVER
    capabilities: ClassVar[frozenset[Capability]] = frozenset()
    interests = 0

    def __init__(self, options: RulesOptions) -> None:
        self.options = options

    def fit(self, engine: Engine, people: Blocks, now: datetime) -> None:
        """Count pairs of products and keep the rules they make, as ``rec_rules`` (about products only)."""
        chosen = self.options
        baskets, persons = (Units(36_500, chosen.heaviest, chosen.history) for _ in range(2))
        for block in people():
            bought = (block.kind == Act.PURCHASE) & (block.age <= chosen.days)
            if chosen.window != "person":
                baskets.add(block, bought)
            if chosen.window != "basket":
                persons.add(block, bought, whole=True)
        basket = chosen.window == "basket" or (
            chosen.window == "auto" and baskets.mixed >= chosen.mixed * max(baskets.seen, 1)
        )
        ones = _ones(baskets if basket else persons, neighbours.item_count(engine))
        found = [self._rules(ones, products) for products in neighbours.blocks(ones)]
        arrays = [np.concatenate([np.zeros(0), *(part[place] for part in found)]) for place in range(6)]
        unit = pa.repeat(pa.scalar("basket" if basket else "person"), len(arrays[0]))
        keep(engine, "rec_rules", pa.table([*(pa.array(one) for one in arrays), unit], names=_RULES.names).cast(_RULES))

    def scorer(self, engine: Engine, now: datetime) -> RulesScorer:
        """Rules as one table of links."""
        engine.table("rec_rules", "rec_rules")
        table = columns(engine, f"SELECT {', '.join(_RULES.names)} FROM rec_rules", _RULES)
        table = table.sort_by([("item", "ascending"), ("neighbour", "ascending")])
        return RulesScorer(self.options, table, items=neighbours.item_count(engine))

    def _rules(self, ones: Links, products: slice) -> tuple[Ints, Ints, Floats, Ints, Floats, Floats]:
        """The strongest rules from a range of products: both products, strength, units, confidence and lift."""
        chosen, total = self.options, max(ones.shape[0], 1)
        support = np.bincount(ones.indices, minlength=ones.shape[1]).astype(np.float64)
        shared = (ones[:, products].T @ ones).tocsr()
        one = np.repeat(np.arange(products.start, products.stop), np.diff(shared.indptr))
        confidence = shared.data / support[one]
        usual = support[shared.indices] / total
        sure = _at_least(confidence, support[one], chosen.doubt)
        lift = confidence / usual
        holds = (shared.data >= chosen.least) & (confidence >= chosen.confidence) & (sure > usual)
        strength = np.where(holds, sure * lift**chosen.surprise, 0.0)
        at = np.flatnonzero((strength > 0) & (shared.indices != one))
        order = at[np.lexsort((shared.indices[at], -strength[at], one[at]))]
        first = np.searchsorted(one[order], one[order])
        best = order[np.arange(len(order)) - first < chosen.neighbours]
        item, neighbour = one[best], shared.indices[best]
        return item, neighbour, strength[best], shared.data[best].astype(np.int64), confidence[best], lift[best]


class RulesScorer:
    """Asks by the products of a person's past; each leads to what its rules name."""

    words = _WORDS
    merged = None

    def __init__(self, options: RulesOptions, table: pa.Table, *, items: int) -> None:
        self.options = options
        names = ("item", "neighbour", "strength", "units", "confidence", "lift")
        item, neighbour, strength, self.units, confidence, self.lift = (table.column(one).to_numpy() for one in names)
        self.percent = np.rint(confidence * 100).astype(np.int64)
        ends = np.searchsorted(item, np.arange(items + 1))
        self.links: Links = sparse.csr_array((strength.astype(np.float64), neighbour, ends), shape=(items, items))
        self.known = np.diff(ends) > 0

    def asked(self, people: People) -> Asked:
        """One key a past product that rules begin with."""
        found = past(people, self.options)
        at = np.flatnonzero(self.known[found.key])
        return Asked(found.row[at], found.key[at], found.value[at], {"bought": found.notes["bought"][at]})

    def reasons(self, asked: Asked, told: Told) -> Reasons:
        """The product the rule begins with, the baskets with both, confidence and lift."""
        bought = asked.notes["bought"][told.ask]
        return Reasons.of(
            len(told.ask), kind=np.where(bought, 0, 1), past=told.key, facet=2, value=3 + self.percent[told.link],
            count=self.units[told.link], number=self.lift[told.link],
        )  # fmt: skip


def _ones(units: Units, items: int) -> Links:
    """Units by products."""
    sizes = np.concatenate([np.zeros(0, np.int64), *units.sizes])
    item = np.concatenate([np.zeros(0, np.int32), *units.items])
    ends = np.r_[0, np.cumsum(sizes)]
    return narrow(sparse.csr_array((np.ones(len(item), np.float32), item, ends), shape=(len(sizes), items)))


def _at_least(share: Floats, size: Floats, doubt: float) -> Floats:
    """The lower end of Wilson's interval of a share out of ``size``.

    Example:
        >>> _at_least(np.array([0.5]), np.array([100.0]), 1.96).round(3).tolist()
        [0.404]
    """
    square = doubt**2
    middle = share + square / (2 * size)
    spread = doubt * np.sqrt(share * (1 - share) / size + square / (4 * size**2))
    return np.asarray(np.maximum((middle - spread) / (1 + square / size), 0.0), np.float64)

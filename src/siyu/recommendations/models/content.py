"""What a product is against what a person cares about: serves products that nobody has bought yet."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field
from scipy import sparse

from siyu.domain.kinds import Facet, Lane
from siyu.engine.port import Engine
from siyu.engine.sql import query
from siyu.recommendations.history import PACKAGE
from siyu.recommendations.items import read_items
from siyu.recommendations.people import Floats, Ints, People
from siyu.recommendations.port import Asked, Blocks, Capability, Links, Reasons, Told
from siyu.recommendations.tables import columns, keep, table_of
from siyu.recommendations.terms import ITEM_TERMS, item_terms, value_terms


class ContentOptions(BaseModel):
    """Options of :class:`Content`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    category: float = Field(1.0, ge=0, le=10, description="How much a shared category counts.")
    brand: float = Field(0.7, ge=0, le=10, description="How much a shared brand counts.")
    attribute: float = Field(0.7, ge=0, le=10, description="How much a shared attribute counts.")
    keyword: float = Field(0.7, ge=0, le=10, description="How much a shared word of the title counts.")
    price_band: float = Field(0.0, ge=0, le=10, description="How much a shared price band counts.")
    interests: int = Field(5, ge=1, le=50, description="Interests of each facet that count, the strongest.")
    best_sold: int = Field(20, ge=1, le=1000, description="Products per value: those most people took to lately.")
    newest: int = Field(20, ge=0, le=1000, description="Products per value: the newest, besides.")
    recent: int = Field(90, ge=1, description="Days that lately means.")
    fresh: float = Field(1.0, ge=0, le=10, description="How much being new adds to a match.")
    fresh_days: int = Field(30, ge=1, description="Days for which a product is new.")
    fresh_people: int = Field(5, ge=0, description="A product that more people than this took to is no longer new.")


class Content:
    """Products that carry the values of a person's interests, rare values first.

    Reason ``interest``: ``facet`` and ``value`` of the interest, ``number`` its weight. Reason ``new``: the product was
    first seen ``number`` days ago. Without the dataset ``interests`` it says nothing.
    """

    Options: ClassVar[type[BaseModel]] = ContentOptions
    lane: ClassVar[Lane] = Lane.DISCOVER
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.COLD_ITEMS, Capability.CONTENT})

    def __init__(self, options: ContentOptions) -> None:
        self.options = options

    @property
    def interests(self) -> int:
        """As many of each facet as its option says."""
        return self.options.interests

    def fit(self, engine: Engine, people: Blocks, now: datetime) -> None:
        """Turn products into terms, and stock a shelf of products for each term."""
        chosen = self.options
        weights = [(facet.value, float(getattr(chosen, facet.value))) for facet in Facet]
        engine.table("rec_facets", table_of(
            {"facet": [name for name, _ in weights], "weight": [weight for _, weight in weights]},
            facet=pa.string(), weight=pa.float64(),
        ))  # fmt: skip
        keep(engine, "rec_renown", self._renown(engine, people))
        engine.map_arrow(_ITEMS, item_terms, ITEM_TERMS, "rec_terms", scratch=True)
        engine.table("rec_terms", "rec_terms")
        keep(engine, "rec_shelves", query(PACKAGE, "shelves", best_sold=chosen.best_sold, newest=chosen.newest))
        engine.drop("rec_terms")

    def scorer(self, engine: Engine, now: datetime) -> ContentScorer:
        """Shelves as links, for the terms that the interests at hand mean."""
        return self._scorer(engine, now, _SHELVES.empty_table())

    def reaching(self, engine: Engine, now: datetime, item: int) -> ContentScorer:
        """The same with room for this product on every shelf of its terms, the catalogue's latest word on it."""
        batches = engine.batches(f"SELECT {_DESCRIBED} FROM rec_items WHERE code = {int(item)}")
        terms = pa.Table.from_batches([item_terms(batch) for batch in batches], ITEM_TERMS)
        engine.table("rec_shelves", "rec_shelves")
        engine.table("rec_item_terms", terms)
        more = (
            "SELECT s.facet, s.term, t.item, max(s.strength) AS strength FROM rec_shelves s "
            "JOIN (SELECT DISTINCT facet, term, item FROM rec_item_terms) t ON t.facet = s.facet AND t.term = s.term "
            "GROUP BY s.facet, s.term, t.item HAVING sum(CASE WHEN s.item = t.item THEN 1 ELSE 0 END) = 0"
        )
        return self._scorer(engine, now, columns(engine, more, _SHELVES))

    def _scorer(self, engine: Engine, now: datetime, more: pa.Table) -> ContentScorer:
        chosen = self.options
        for name in ("rec_shelves", "rec_renown"):
            engine.table(name, name)
        shelves = columns(engine, "SELECT facet, term, item, strength FROM rec_shelves", _SHELVES)
        fresh = query(PACKAGE, "fresh", now=now, days=chosen.fresh_days, people=chosen.fresh_people)
        newcomers = columns(engine, fresh, _FRESH)
        values = columns(engine, "SELECT code, facet, value FROM rec_values", _VALUES).sort_by("code")
        every = pa.concat_tables([shelves, more]).combine_chunks()
        return ContentScorer(chosen, every, newcomers, values, items=read_items(engine).size)

    def _renown(self, engine: Engine, people: Blocks) -> pa.Table:
        """How many people took to each product, lately and ever, and since when it is known, in days."""
        size = read_items(engine).size
        recent, ever, oldest = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size)
        for block in people():
            pairs = block.pairs
            taken = pairs.any((block.weight > 0) & (block.age < self.options.recent))
            recent += np.bincount(pairs.item[taken], minlength=size)
            ever += np.bincount(pairs.item, minlength=size)
            np.maximum.at(oldest, pairs.item, np.maximum.reduceat(block.age, pairs.start) if len(pairs.start) else ())
        known = np.flatnonzero(ever)
        return pa.table([known.astype(np.int32), recent[known], ever[known], oldest[known]], schema=_RENOWN)


class ContentScorer:
    """Asks by the terms that a person's interests mean; the same terms once more for new products."""

    def __init__(
        self, options: ContentOptions, shelves: pa.Table, newcomers: pa.Table, values: pa.Table, *, items: int
    ) -> None:
        self.options = options
        spelled = pc.binary_join_element_wise(shelves.column("facet"), shelves.column("term"), "\x1f").combine_chunks()
        coded = spelled.dictionary_encode()
        terms = value_terms(values.select(["facet", "value"]).to_batches()[0]) if values.num_rows else None
        self.term_of = _places(terms, coded.dictionary)
        self.words = ("interest", "new", *(facet.value for facet in Facet), *values.column("value").to_pylist())
        facet = pc.index_in(values.column("facet").combine_chunks(), pa.array([facet.value for facet in Facet]))
        self.facet = facet.fill_null(-3).to_numpy(zero_copy_only=False) + 2
        self.days = np.zeros(items)
        self.days[newcomers.column("item").to_numpy()] = newcomers.column("days").to_numpy()
        new = np.zeros(items)
        new[newcomers.column("item").to_numpy()] = options.fresh
        self.merged = len(coded.dictionary)
        self.links = _links(shelves, coded.indices.to_numpy(), new, shape=(self.merged, items))
        self.stocked = np.diff(self.links.indptr) > 0

    def asked(self, people: People) -> Asked:
        """One key an interest; notes hold the code of its value and its weight."""
        key = self.term_of[people.interest] if len(self.term_of) else np.full(len(people.interest), -1)
        at = np.flatnonzero((key >= 0) & (people.interest_rank <= self.options.interests))
        key = np.concatenate([key[at], key[at] + self.merged])
        at = np.concatenate([at, at])
        stocked = np.flatnonzero(self.stocked[key])
        stocked = stocked[np.argsort(people.interest_row[at[stocked]], kind="stable")]
        at, key = at[stocked], key[stocked]
        weight = people.interest_weight[at]
        return Asked(people.interest_row[at], key, weight, {"value": people.interest[at], "weight": weight})

    def reasons(self, asked: Asked, told: Told) -> Reasons:
        """The interest and its weight; or how many days ago the product came."""
        new = told.key >= self.merged
        value = asked.notes["value"][told.ask]
        return Reasons.of(
            len(told.ask), kind=np.where(new, 1, 0), facet=np.where(new, -1, self.facet[value]),
            value=np.where(new, -1, value + 2 + len(Facet)),
            number=np.where(new, self.days[told.item], asked.notes["weight"][told.ask]),
        )  # fmt: skip


_DESCRIBED = "code AS item, title, category, brand, attributes, band"
_ITEMS = f"SELECT {_DESCRIBED} FROM rec_items WHERE veto IS NULL"
_SHELVES = pa.schema([("facet", pa.string()), ("term", pa.string()), ("item", pa.int32()), ("strength", pa.float64())])
_FRESH = pa.schema([("item", pa.int32()), ("days", pa.float64())])
_VALUES = pa.schema([("code", pa.int32()), ("facet", pa.string()), ("value", pa.string())])
_RENOWN = pa.schema([("item", pa.int32()), ("recent", pa.int64()), ("people", pa.int64()), ("oldest", pa.float64())])


def _places(terms: pa.RecordBatch | None, known: pa.Array) -> Ints:
    """The place of each term among those with a shelf; -1 where it has none."""
    if terms is None:
        return np.zeros(0, np.int64)
    spelled = pc.binary_join_element_wise(terms.column("facet"), terms.column("term"), "\x1f")
    places: Ints = pc.index_in(spelled, known).fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return places


def _links(shelves: pa.Table, term: Ints, new: Floats, *, shape: tuple[int, int]) -> Links:
    """Terms by products; below them once more, for new products alone, times what newness adds."""
    item, strength = shelves.column("item").to_numpy(), shelves.column("strength").to_numpy()
    whole = sparse.csr_array(sparse.coo_array((strength, (term, item)), shape=shape))
    added = sparse.csr_array(sparse.coo_array((strength * new[item], (term, item)), shape=shape))
    added.eliminate_zeros()
    both: Links = sparse.vstack([whole, added], format="csr")
    return both

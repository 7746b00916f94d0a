"""Products near to those of a person's past, as vectors of their texts: serves products that nobody has bought yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Final

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, Field, ValidationError
from scipy import sparse
from threadpoolctl import threadpool_limits

from siyu.domain.errors import SettingsError
from siyu.domain.kinds import Facet, Lane
from siyu.engine.port import Engine
from siyu.recommendations.items import read_items
from siyu.recommendations.models.interactions import Acts, interactions
from siyu.recommendations.models.past import PastOptions, past
from siyu.recommendations.people import People
from siyu.recommendations.port import Asked, Blocks, Capability, Links, Reasons, Told
from siyu.recommendations.tables import columns, keep
from siyu.recommendations.vectors.corpus import Corpus, read_corpus
from siyu.recommendations.vectors.near import blended, nearest, together
from siyu.recommendations.vectors.port import Embedder
from siyu.recommendations.vectors.table import EMBEDDERS
from siyu.recommendations.vectors.weighing import shared, telling

NEAR: Final = pa.schema(
    [
        ("item", pa.int32()),  # of the past
        ("neighbour", pa.int32()),  # that it leads to
        ("cosine", pa.float32()),
        ("word", pa.string()),  # both have it, and it tells most; null for none
        ("words", pa.int32()),  # that both have
    ]
)


class VectorsOptions(PastOptions):
    """Options of :class:`Vectors`.

    Chosen on validation parts (Online Retail, Beauty; ``exact`` on cold products of the former): ``embedder``,
    ``sessions``, ``exact``, ``sharp``, ``fade``.
    """

    embedder: str = Field("counted", description="What makes vectors of texts, by name.")
    embedding: dict[str, Any] = Field(default_factory=dict, description="Options of the embedder.")
    acts: Acts = Field("auto", description="bought: purchases; any: looks too; auto: purchases where there are any.")
    history: int = Field(200, ge=2, le=5000, description="Products of one person that are learnt from, the latest.")
    fade: float = Field(0.5, ge=0, le=10, description="Power by which products asked by lose weight with later ones.")
    sessions: float = Field(2.0, ge=0, le=100, description="How much products of the same people say of a product.")
    exact: float = Field(
        0.65, ge=0, le=1, description="How much of the cosine is of the very words; the rest of vectors."
    )
    beside: int = Field(50, ge=1, le=500, description="Products of the same people that count for each product.")
    least: int = Field(1, ge=1, le=1000, description="People with both products, at least.")
    described: float = Field(0.3, ge=0, le=1, description="Weight of words that only the description holds.")
    longest: int = Field(64, ge=1, le=1000, description="Words of one product that are read, of the title first.")
    floor: float = Field(0.1, ge=0, lt=1, description="Cosine below which products have nothing to do with each other.")
    sharp: float = Field(4.0, gt=0, le=20, description="Power of the cosine; above 1 near products count more.")
    neighbours: int = Field(100, ge=1, le=1000, description="Neighbours kept of each product.")


class Vectors:
    """Neighbours by what products are and by the company they keep.

    Reason ``similar``: the past product, the shared word that tells most (facet ``keyword``), ``number`` the cosine.
    """

    Options: ClassVar[type[BaseModel]] = VectorsOptions
    lane: ClassVar[Lane] = Lane.DISCOVER
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.COLD_ITEMS, Capability.CONTENT})
    interests = 0

    def __init__(self, options: VectorsOptions) -> None:
        self.options = options

    def fit(self, engine: Engine, people: Blocks, now: datetime) -> None:
        """Measure neighbours, as ``rec_vectors`` (about products only).

        Raises:
            SettingsError: the embedder or an option of it is unknown. MissingExtraError: its package is missing.
        """
        chosen = self.options
        embedder = _embedder(chosen)
        corpus = read_corpus(engine, described=chosen.described, longest=chosen.longest)
        known = interactions(people, corpus.size, acts=chosen.acts, half_life=36_500, history=chosen.history)
        near = together(known, chosen.beside, chosen.least)
        with threadpool_limits(1):  # sums in one order: the same shop learns the same
            texts = embedder.products(corpus, near, engine)
            whole = blended(texts, near, chosen.sessions)
            item, neighbour, cosine = nearest(
                whole, telling(corpus), chosen.exact, (chosen.neighbours, chosen.floor), read_items(engine).free
            )
        keep(engine, "rec_vectors", _told(corpus, (item, neighbour, cosine)))

    def scorer(self, engine: Engine, now: datetime) -> VectorsScorer:
        """Neighbours as one table of links."""
        engine.table("rec_vectors", "rec_vectors")
        table = columns(engine, f"SELECT {', '.join(NEAR.names)} FROM rec_vectors", NEAR)
        table = table.sort_by([("item", "ascending"), ("neighbour", "ascending")])
        return VectorsScorer(self.options, table, items=read_items(engine).size)


class VectorsScorer:
    """Asks by the products of a person's past."""

    merged = None

    def __init__(self, options: VectorsOptions, table: pa.Table, *, items: int) -> None:
        self.options = options
        item, neighbour, self.cosine = (table.column(name).to_numpy() for name in NEAR.names[:3])
        coded = table.column("word").combine_chunks().dictionary_encode()
        self.word = coded.indices.fill_null(-3).to_numpy(zero_copy_only=False) + 2
        self.words = ("similar", Facet.KEYWORD.value, *coded.dictionary.to_pylist())
        ends = np.searchsorted(item, np.arange(items + 1))
        strength = self.cosine.astype(np.float64) ** options.sharp
        self.links: Links = sparse.csr_array((strength, neighbour, ends), shape=(items, items))
        self.known = np.diff(ends) > 0

    def asked(self, people: People) -> Asked:
        """One key a past product that has neighbours."""
        found = past(people, self.options)
        at = np.flatnonzero(self.known[found.key])
        return Asked(found.row[at], found.key[at], found.value[at])

    def reasons(self, asked: Asked, told: Told) -> Reasons:
        """The past product, the word both share, and how near they are."""
        word = self.word[told.link]
        return Reasons.of(
            len(told.ask), kind=0, past=told.key, facet=np.where(word >= 0, 1, -1), value=word,
            number=self.cosine[told.link].astype(np.float64),
        )  # fmt: skip


def _embedder(options: VectorsOptions) -> Embedder:
    kind = EMBEDDERS.load(options.embedder)
    try:
        return kind(kind.Options.model_validate(options.embedding))
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(
            f"An option of the embedder {options.embedder!r} is not usable.",
            why=f"{'.'.join(map(str, first['loc']))}: {first['msg']}",
            next_step="Mend it under recommendations.options.vectors.embedding.",
        ) from error


def _told(corpus: Corpus, found: Any) -> pa.Table:
    item, neighbour, cosine = found
    best, count = shared(corpus, item, neighbour)
    words = pa.array(corpus.shown, pa.string()).take(pa.array(best, pa.int64(), mask=best < 0))
    arrays = [item.astype(np.int32), neighbour.astype(np.int32), cosine.astype(np.float32)]
    return pa.table([*map(pa.array, arrays), words, pa.array(count.astype(np.int32))], schema=NEAR)

"""Products as arrays: what ranking must know of each, by code."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.engine.port import Engine
from siyu.recommendations.people import Ints, Mask
from siyu.recommendations.port import Links


@dataclass(frozen=True)
class Items:
    """Products by code, 0 to ``size - 1``.

    Attributes:
        ids: as the shop spells them.
        free: may be recommended: no item filter bars it.
        category: a number for each category; -1 for none.
        band: price band, 1 to 5; 0 for none.
        group: a number for each group of variants; -1 for none.
        brand: a number for each brand; -1 for none.
        categories: the category of each, as a path; null for none.
        terms: products by their words, category, brand and attributes (:mod:`.likeness`), where lists are to differ.
    """

    ids: pa.Array
    free: Mask
    category: Ints
    band: Ints
    group: Ints
    brand: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    categories: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))
    terms: Links | None = None

    @property
    def size(self) -> int:
        """How many products."""
        return len(self.ids)

    def below(self, category: str) -> Ints:
        """0 for products of ``category`` or of one below it, -1 for others."""
        own = pc.or_(pc.equal(self.categories, category), pc.starts_with(self.categories, f"{category} > "))
        return np.where(own.fill_null(False).to_numpy(zero_copy_only=False), 0, -1)


def read_items(engine: Engine) -> Items:
    """Products of ``rec_items``."""
    sql = "SELECT code, item, veto IS NULL AS free, category, coalesce(band, 0) AS band, style, brand FROM rec_items"
    schema = pa.schema(
        [
            ("code", pa.int32()),
            ("item", pa.string()),
            ("free", pa.bool_()),
            ("category", pa.string()),
            ("band", pa.int32()),
            ("style", pa.string()),
            ("brand", pa.string()),
        ]
    )
    table = pa.Table.from_batches((batch.cast(schema) for batch in engine.batches(sql)), schema).sort_by("code")
    return Items(
        table.column("item").combine_chunks(),
        table.column("free").to_numpy().astype(bool),
        _numbered(table.column("category")),
        table.column("band").to_numpy().astype(np.int8),
        _numbered(table.column("style")),
        _numbered(table.column("brand")),
        table.column("category").combine_chunks(),
    )


def _numbered(texts: pa.ChunkedArray) -> Ints:
    """A number for each distinct text; -1 for null."""
    coded = texts.combine_chunks().dictionary_encode().indices.fill_null(-1)
    return np.asarray(coded.to_numpy(zero_copy_only=False), np.int32)

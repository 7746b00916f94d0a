"""Products as arrays: what ranking must know of each, by code."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from siyu.engine.port import Engine
from siyu.recommendations.people import Ints, Mask


@dataclass(frozen=True)
class Items:
    """Products by code, 0 to ``size - 1``.

    Attributes:
        ids: as the shop spells them.
        free: may be recommended: no item filter bars it.
        category: a number for each category; -1 for none.
        band: price band, 1 to 5; 0 for none.
        group: a number for each group of variants; -1 for none.
    """

    ids: pa.Array
    free: Mask
    category: Ints
    band: Ints
    group: Ints

    @property
    def size(self) -> int:
        """How many products."""
        return len(self.ids)


def read_items(engine: Engine) -> Items:
    """Products of ``rec_items``."""
    sql = "SELECT code, item, veto IS NULL AS free, category, coalesce(band, 0) AS band, style FROM rec_items"
    schema = pa.schema(
        [
            ("code", pa.int32()),
            ("item", pa.string()),
            ("free", pa.bool_()),
            ("category", pa.string()),
            ("band", pa.int32()),
            ("style", pa.string()),
        ]
    )
    table = pa.Table.from_batches((batch.cast(schema) for batch in engine.batches(sql)), schema).sort_by("code")
    return Items(
        table.column("item").combine_chunks(),
        table.column("free").to_numpy().astype(bool),
        _numbered(table.column("category")),
        table.column("band").to_numpy().astype(np.int8),
        _numbered(table.column("style")),
    )


def _numbered(texts: pa.ChunkedArray) -> Ints:
    """A number for each distinct text; -1 for null."""
    coded = texts.combine_chunks().dictionary_encode().indices.fill_null(-1)
    return np.asarray(coded.to_numpy(zero_copy_only=False), np.int32)

"""Interests as of the cut, in short: what people dealt with by then, in the terms of its products, rare terms first.

Profiles hold what people care about today, which is too much to know in a rehearsal; making them anew would cost more
than choosing may. This stands in for them, and only there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from siyu.engine.port import Engine
from siyu.recommendations.people import Floats, Ints, People
from siyu.recommendations.port import Links
from siyu.recommendations.terms import item_terms

_HALF_LIFE: Final = 90.0
_KEPT: Final = 20
_ITEMS: Final = "SELECT code AS item, title, category, brand, attributes, band FROM rec_items"
TASTES: Final = pa.schema(
    [
        ("person", pa.string()),
        ("facet", pa.string()),
        ("value", pa.string()),
        ("weight", pa.float64()),
        ("rank", pa.int32()),
    ]
)


def tastes(view: Engine, people: Sequence[People], items: int) -> pa.Table:
    """Interests of ``people`` in the shape that scoring reads them in, from their acts alone."""
    terms = pa.Table.from_batches([item_terms(batch) for batch in view.batches(_ITEMS)]).combine_chunks()
    if not terms.num_rows or not people:
        return TASTES.empty_table()
    spelled = pc.binary_join_element_wise(terms["facet"], terms["term"], "\x1f").combine_chunks().dictionary_encode()
    width = len(spelled.dictionary)
    carried = sparse.csr_array(
        (np.ones(terms.num_rows), (terms["item"].to_numpy(), spelled.indices.to_numpy())), shape=(items, width)
    )
    carried.sum_duplicates()
    rare = np.log1p(items / np.maximum(np.bincount(carried.indices, minlength=width), 1))
    parts = pc.split_pattern(spelled.dictionary, "\x1f", max_splits=1)
    facet = pc.list_element(parts, 0).dictionary_encode()
    found = [TASTES.empty_table()]
    for block in people:
        felt = sparse.csr_array(_did(block, items) @ carried)
        row = np.repeat(np.arange(felt.shape[0]), np.diff(felt.indptr))
        group = row * len(facet.dictionary) + facet.indices.to_numpy()[felt.indices]
        at, rank = _strongest(group, felt.data * rare[felt.indices])
        named = parts.take(pa.array(felt.indices[at]))
        arrays = [block.ids.take(pa.array(row[at])), pc.list_element(named, 0), pc.list_element(named, 1)]
        found.append(pa.table([*arrays, pa.array(felt.data[at]), pa.array(rank.astype(np.int32))], schema=TASTES))
    return pa.concat_tables(found)


def _did(people: People, items: int) -> Links:
    """People by products: what they did, the older the less."""
    said = people.weight * 0.5 ** (people.age / _HALF_LIFE)
    pairs = people.pairs
    return sparse.csr_array((pairs.sums(said), (pairs.row, pairs.item)), shape=(people.size, items))


def _strongest(group: Ints, value: Floats) -> tuple[Ints, Ints]:
    """Places of the greatest values of each group, and the rank of each."""
    at = np.flatnonzero(value > 0)
    order = at[np.lexsort((-value[at], group[at]))]
    rank = np.arange(len(order)) - np.searchsorted(group[order], group[order])
    kept = rank < _KEPT
    return order[kept], rank[kept] + 1

"""Neighbours of products: the strongest of each, with evidence, as a dataset and as a scorer that asks by the past."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa
from scipy import sparse

from siyu.engine.port import Engine
from siyu.recommendations.links import narrow
from siyu.recommendations.models.interactions import Interactions, Numbers
from siyu.recommendations.models.past import PastOptions, past
from siyu.recommendations.people import Floats, Ints, People
from siyu.recommendations.port import Asked, Links, Reasons, Told
from siyu.recommendations.tables import columns, keep, rows

NEIGHBOURS: Final = pa.schema(
    [
        ("item", pa.int32()),  # of the past
        ("neighbour", pa.int32()),  # that it leads to
        ("strength", pa.float32()),
        ("people", pa.int64()),  # with both
        ("lift", pa.float64()),
        ("bought", pa.bool_()),  # by purchases alone
    ]
)
_CELLS: Final = 16_000_000
"""Products of two entries, or cells of a dense block, worked out at a time."""

Found = tuple[Ints, Ints, Numbers]
"""Product, neighbour, strength."""


def item_count(engine: Engine) -> int:
    """How many products there are."""
    return int(rows(engine, "SELECT count(*) AS items FROM rec_items")[0]["items"])


def publish(engine: Engine, dataset: str, known: Interactions, found: Found) -> None:
    """Leave neighbours with the people who have both, as ``dataset``."""
    item, neighbour, strength = found
    both, lift = together(known, item, neighbour)
    bought = np.full(len(item), known.bought)
    arrays = [item.astype(np.int32), neighbour.astype(np.int32), strength.astype(np.float32), both, lift, bought]
    keep(engine, dataset, pa.table([pa.array(one) for one in arrays], schema=NEIGHBOURS))


def learnt(engine: Engine, dataset: str, options: PastOptions) -> NeighbourScorer:
    """Read :func:`publish` back."""
    engine.table(dataset, dataset)
    table = columns(engine, f"SELECT {', '.join(NEIGHBOURS.names)} FROM {dataset}", NEIGHBOURS)
    order = [("item", "ascending"), ("neighbour", "ascending")]
    return NeighbourScorer(options, table.sort_by(order), items=item_count(engine))


class NeighbourScorer:
    """Asks by the products of a person's past; each leads to its neighbours.

    Reason ``bought-together``: ``count`` people bought both this product and ``item``, which the person bought;
    ``number`` is the lift. ``similar``: the same where the person only looked at ``item``, or where not only purchases
    were learnt from.
    """

    words = ("bought-together", "similar", "person")
    merged = None

    def __init__(self, options: PastOptions, table: pa.Table, *, items: int) -> None:
        self.options = options
        names = ("item", "neighbour", "strength", "people", "lift")
        item, neighbour, strength, self.people, self.lift = (table.column(name).to_numpy() for name in names)
        self.bought = bool(table.num_rows and table.column("bought")[0].as_py())
        ends = np.searchsorted(item, np.arange(items + 1))
        self.links: Links = sparse.csr_array((strength.astype(np.float64), neighbour, ends), shape=(items, items))
        self.known = np.diff(ends) > 0

    def asked(self, people: People) -> Asked:
        """One key a past product that has neighbours."""
        found = past(people, self.options)
        at = np.flatnonzero(self.known[found.key])
        return Asked(found.row[at], found.key[at], found.value[at], {"bought": found.notes["bought"][at]})

    def reasons(self, asked: Asked, told: Told) -> Reasons:
        """The past product, the people who have both, and the lift."""
        bought = asked.notes["bought"][told.ask] & self.bought
        return Reasons.of(
            len(told.ask), kind=np.where(bought, 0, 1), past=told.key, value=2, count=self.people[told.link],
            number=self.lift[told.link],
        )  # fmt: skip


def together(known: Interactions, item: Ints, neighbour: Ints) -> tuple[Ints, Floats]:
    """For pairs in order of ``item``: the people who have both, and the lift (1 where nobody has one of them)."""
    ones = known.ones
    turned = ones.T.tocsr()
    both = np.zeros(len(item), np.int64)
    for block in blocks(ones):
        first, last = np.searchsorted(item, [block.start, block.stop])
        if first == last:
            continue
        shared = turned[block] @ ones
        shared.sort_indices()
        one = np.repeat(np.arange(shared.shape[0], dtype=np.int64), np.diff(shared.indptr))
        cells = one * known.items + shared.indices
        wanted = (item[first:last] - block.start).astype(np.int64) * known.items + neighbour[first:last]
        place = np.minimum(np.searchsorted(cells, wanted), max(len(cells) - 1, 0))
        if len(cells):
            both[first:last] = np.where(cells[place] == wanted, shared.data[place], 0)
    support = np.bincount(ones.indices, minlength=known.items).astype(np.float64)
    chance = support[item] * support[neighbour]
    lift = np.divide(both * float(ones.shape[0]), chance, out=np.ones(len(item)), where=chance > 0)
    return both, lift


def blocks(units: Links) -> Iterator[slice]:
    """Products as ranges, such that the products of pairs of each fit in memory."""
    sizes = np.diff(units.indptr)
    cost = np.bincount(units.indices, weights=np.repeat(sizes, sizes), minlength=units.shape[1])
    number = (np.cumsum(cost) // _CELLS).astype(np.int64)
    bounds = np.r_[0, np.flatnonzero(np.diff(number)) + 1, len(number)] if len(number) else np.array([0, 0])
    for first, last in pairwise(bounds):
        yield slice(int(first), int(last))


def strongest(links: Links, kept: int, *, first: int = 0) -> Found:
    """The ``kept`` greatest positive values of each row off the diagonal; of equals the lower code.

    ``first``: the product that the first row stands for.
    """
    row = np.repeat(np.arange(links.shape[0], dtype=np.int64), np.diff(links.indptr))
    at = np.flatnonzero((links.data > 0) & (links.indices != row + first))
    row, other, data = row[at], links.indices[at].astype(np.int64), links.data[at]
    order = np.lexsort((other, -data, row))
    start = np.searchsorted(row, np.arange(links.shape[0]))
    best = order[np.arange(len(order)) - start[row[order]] < kept]
    best = best[np.lexsort((other[best], row[best]))]
    return row[best] + first, other[best], data[best]


def strongest_dense(block: Numbers, first: int, kept: int) -> Found:
    """The same of rows ``first`` and on of a dense matrix, whose diagonal is put to nothing."""
    rows_of = np.arange(len(block))
    block[rows_of, rows_of + first] = 0
    width = block.shape[1]
    if kept < width:
        places = np.sort(np.argpartition(-block, kept - 1, axis=1)[:, :kept], axis=1)
    else:
        places = np.broadcast_to(np.arange(width), block.shape)
    data = np.take_along_axis(block, places, axis=1)
    row, at = np.nonzero(data > 0)
    return row + first, places[row, at].astype(np.int64), data[row, at]


def joined(found: list[Found]) -> Found:
    """Neighbours of ranges one after the other."""
    none = np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32)
    parts = [none, *found]
    one, other, data = (np.concatenate([part[place] for part in parts]) for place in range(3))
    return one, other, data


def scaled(links: Links, left: Floats, right: Floats) -> Links:
    """Each value times one factor of its row and one of its column."""
    data = links.data * np.repeat(left, np.diff(links.indptr)) * right[links.indices]
    return narrow(sparse.csr_array((data, links.indices, links.indptr), shape=links.shape))

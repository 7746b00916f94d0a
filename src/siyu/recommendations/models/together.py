"""Which products occur together: in one basket, in one session, or with one person."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa
from scipy import sparse

from siyu.recommendations.people import Floats, Ints, Mask, People
from siyu.recommendations.port import Links

RELATED: Final = pa.schema(
    [
        ("relation", pa.string()),  # bought | seen
        ("unit", pa.string()),  # basket | person | session
        ("item", pa.int32()),
        ("neighbour", pa.int32()),
        ("units", pa.int64()),  # that hold both
        ("cosine", pa.float64()),  # recency-weighted
        ("lift", pa.float64()),
    ]
)
_PRODUCTS: Final = 8_000_000
"""Products of two entries worked out at a time; what they leave is of the same size at most."""


@dataclass
class Units:
    """Units of products that belong together, each product with the weight its age leaves it.

    A heavy basket or session tells little and costs the square of its size: it is left out. Of a whole person the
    latest ``history`` products count.

    Attributes:
        seen: units told of; ``mixed``: those of them with two products or more.
    """

    half_life: float
    heaviest: int
    history: int
    seen: int = 0
    mixed: int = 0
    sizes: list[Ints] = field(default_factory=list)
    items: list[Ints] = field(default_factory=list)
    weights: list[Floats] = field(default_factory=list)

    def add(self, people: People, chosen: Mask, *, whole: bool = False) -> None:
        """Add the chosen acts of a block, by basket or session, or by ``whole`` person."""
        at = np.flatnonzero(chosen)
        if not len(at):
            return
        unit = people.row[at]
        if not whole:
            _, unit = np.unique((unit << 32) | people.unit[at], return_inverse=True)
        item, age = people.item[at].astype(np.int64), people.age[at]
        size = int(item.max()) + 1
        order = np.argsort(unit * size + item)
        key = (unit * size + item)[order]
        start = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
        self._take(key[start] // size, key[start] % size, np.minimum.reduceat(age[order], start), whole=whole)

    def _take(self, unit: Ints, item: Ints, age: Floats, *, whole: bool) -> None:
        counts = np.bincount(unit)
        self.seen += int(np.count_nonzero(counts))
        self.mixed += int(np.count_nonzero(counts >= 2))
        if whole:
            if counts.max() > self.history:
                order = np.lexsort((item, age, unit))
                first = np.r_[0, np.cumsum(counts)][unit]
                stays = np.sort(order[np.arange(len(order)) - first < self.history])
                unit, item, age = unit[stays], item[stays], age[stays]
        else:
            stays = np.flatnonzero(counts[unit] <= self.heaviest)
            unit, item, age = unit[stays], item[stays], age[stays]
        counts = np.bincount(unit)
        self.sizes.append(counts[counts > 0])
        self.items.append(item.astype(np.int32))
        self.weights.append(0.5 ** (age / self.half_life))


def related(units: Units, items: int, told: tuple[str, str, int], neighbours: int) -> pa.Table:
    """The best ``neighbours`` of each product by recency-weighted cosine, of those that share ``least`` units.

    Args:
        told: the relation and the unit, as rows say them, and ``least``.
    """
    relation, unit, least = told
    sizes = np.concatenate([np.zeros(0, np.int64), *units.sizes])
    item = np.concatenate([np.zeros(0, np.int32), *units.items])
    weight = np.concatenate([np.zeros(0), *units.weights])
    support = np.bincount(item, minlength=items)
    total: Floats = np.asarray(np.bincount(item, weights=weight, minlength=items), np.float64)
    kept = np.flatnonzero(support[item] >= least)
    ends = np.searchsorted(kept, np.r_[0, np.cumsum(sizes)])
    shape = (len(sizes), items)
    ones = sparse.csr_array((np.ones(len(kept)), item[kept], ends), shape=shape)
    roots = sparse.csr_array((np.sqrt(weight[kept]), item[kept], ends), shape=shape)
    turned = ones.T.tocsr(), roots.T.tocsr()
    found = [_block((ones, roots), turned, total, (rows, least, neighbours)) for rows in _blocks(ones)]
    one, other, shared, cosine = (np.concatenate([part[n] for part in found]) for n in range(4))
    lift = shared * len(sizes) / (support[one].astype(np.float64) * support[other])
    words = [pa.repeat(pa.scalar(word), len(one)) for word in (relation, unit)]
    columns = [one.astype(np.int32), other.astype(np.int32), shared.astype(np.int64), cosine, lift]
    return pa.table([*words, *columns], schema=RELATED)


def _blocks(units: Links) -> list[slice]:
    """Products as blocks of rows of a unit matrix, such that the pairs of one block fit in memory."""
    sizes = np.diff(units.indptr)
    cost = np.bincount(units.indices, weights=np.repeat(sizes, sizes), minlength=units.shape[1])
    block = (np.cumsum(cost) // _PRODUCTS).astype(np.int64)
    bounds = np.r_[0, np.flatnonzero(np.diff(block)) + 1, len(block)] if len(block) else np.array([0, 0])
    return [slice(int(first), int(last)) for first, last in pairwise(bounds)]


def _block(
    units: tuple[Links, Links], turned: tuple[Links, Links], total: Floats, what: tuple[slice, int, int]
) -> tuple[Ints, Ints, Floats, Floats]:
    """Pairs of a block of products with any other: both products, units shared, cosine; the best of each product.

    Args:
        units: units by products, with ones and with the roots of weights; ``turned``: products by units.
    """
    chosen, least, neighbours = what
    shared, weighed = (side[chosen] @ unit for side, unit in zip(turned, units, strict=True))
    one = np.repeat(np.arange(shared.shape[0]), np.diff(shared.indptr)) + chosen.start
    at = np.flatnonzero((shared.data >= least) & (shared.indices != one))
    one, other = one[at], shared.indices[at].astype(np.int64)
    cosine = weighed.data[at] / np.sqrt(total[one] * total[other])
    order = np.lexsort((other, -np.round(cosine, 9), one))
    start = np.searchsorted(one, np.arange(chosen.start, chosen.stop))
    place = np.arange(len(order)) - start[one - chosen.start]
    best = order[place < neighbours]
    return one[best], other[best], shared.data[at][best], cosine[best]

"""Which products occur together: in one basket, in one session, or with one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa
from scipy import sparse

from siyu.recommendations.links import narrow
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
    """Units of products that belong together, with the weight their age leaves them.

    A basket or session is of one age, that of its latest act; of a person every product has its own. A heavy basket or
    session tells little and costs the square of its size: it is left out. Of a whole person the latest ``history``
    products count.

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
            start = np.flatnonzero(np.r_[True, unit[1:] != unit[:-1]][: len(unit)])
            if len(start):
                age = np.repeat(np.minimum.reduceat(age, start), np.diff(np.r_[start, len(unit)]))
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
    ones = narrow(sparse.csr_array((np.ones(len(kept)), item[kept], ends), shape=shape))
    if unit == "person":
        roots = sparse.csr_array((np.sqrt(weight[kept]), ones.indices, ones.indptr), shape=shape)
        sides = [(_turned(ones), ones), (_turned(roots), roots)]
    else:  # of one age: counts and weights in one product, as real and imaginary numbers
        sides = [(_turned(ones), sparse.csr_array((1 + 1j * weight[kept], ones.indices, ones.indptr), shape=shape))]
    found = [_block(sides, total, (rows, least, neighbours)) for rows in _blocks(ones)]
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


def _turned(units: Links) -> Links:
    """Products by units."""
    return units.T.tocsr()


def _block(
    sides: Sequence[tuple[Links, Links]], total: Floats, what: tuple[slice, int, int]
) -> tuple[Ints, Ints, Floats, Floats]:
    """Pairs of a block of products with any other: both products, units shared, cosine; the best of each product.

    Args:
        sides: products by units and units by products: with ones and with the roots of weights, or, as one, with
            ones against ones that have the weight as their imaginary part.
    """
    chosen, least, neighbours = what
    made = [left[chosen] @ right for left, right in sides]
    shared, weighed = made[0].data.real, made[0].data.imag if len(made) == 1 else made[1].data
    one = np.repeat(np.arange(chosen.start, chosen.stop), np.diff(made[0].indptr))
    other = made[0].indices
    at = np.flatnonzero((shared >= least) & (other != one))
    one, other = one[at], other[at].astype(np.int64)
    cosine = weighed[at] / np.sqrt(total[one] * total[other])
    order = np.lexsort((other, -np.round(cosine, 9), one))
    start = np.searchsorted(one, np.arange(chosen.start, chosen.stop))
    place = np.arange(len(order)) - start[one - chosen.start]
    best = order[place < neighbours]
    return one[best], other[best], shared[at][best], cosine[best]

"""Rules from itemsets, with the measures people judge rules by.

Definitions: Hahsler, "A probabilistic comparison of commonly used interest measures for association rules" (2015). The
p-value is Fisher's exact test, one-sided: the chance of at least so many joint baskets where the two sides are
independent and their counts fixed; adjusted for the number of rules looked at (Benjamini and Hochberg 1995).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom

from siyu.profiles.rules.itemsets import Itemsets
from siyu.stats.discoveries import benjamini_hochberg

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules "who has ``items`` has ``then``", one a row.

    Attributes:
        items: the left sides, ascending item codes, filled up with -1.
        then: the item on the right side.
        baskets: baskets with both sides.
        support: the same as a share of all baskets.
        confidence: share of the left side's baskets that have the right side.
        lift: confidence over the right side's own share; 1 where they are independent.
        leverage: support beyond what independence gives, as a share of all baskets.
        conviction: how much more often the rule would fail by chance; infinite where it never fails.
        p: adjusted p-value.
        gain: confidence beyond the best rule with fewer items on the left and the same right side; Bayardo, Agrawal and
            Gunopulos, "Constraint-based rule mining" (1999). Not above 0: the rule says nothing new.
    """

    items: Ints
    then: Ints
    baskets: Ints
    support: Floats
    confidence: Floats
    lift: Floats
    leverage: Floats
    conviction: Floats
    p: Floats
    gain: Floats

    def take(self, rows: NDArray[np.bool_] | Ints) -> Rules:
        """Some of the rules, in the order given."""
        return Rules(*(getattr(self, field.name)[rows] for field in fields(self)))


def rules(itemsets: Sequence[Itemsets], *, baskets: int, most_p: float = 0.05, least_gain: float = 0.0) -> Rules:
    """Rules with one item on the right from all frequent itemsets; chance finds and repetitions are left out.

    Args:
        itemsets: what :func:`siyu.profiles.rules.itemsets.frequent_itemsets` found: with each set all its subsets.
        baskets: how many baskets there are.
        most_p: adjusted p-values above this are left out; 1 keeps all.
        least_gain: rules that gain no more than this over a simpler rule are left out; below -1 keeps all.

    Example:
        >>> from siyu.profiles.rules.baskets import Baskets
        >>> from siyu.profiles.rules.itemsets import frequent_itemsets
        >>> held = Baskets.of(np.array([0, 0, 1, 1, 2, 3]), np.array([3, 4, 3, 4, 3, 5]), count=4, least=2)
        >>> found = rules(frequent_itemsets(held, least=2), baskets=4, most_p=1)
        >>> [(i.tolist(), int(t), round(float(c), 3), round(float(l), 3)) for i, t, c, l in zip(
        ...     found.items, found.then, found.confidence, found.lift)]
        [([3], 4, 0.667, 1.333), ([4], 3, 1.0, 1.333)]
    """
    index = _Index(itemsets)
    width = len(itemsets)
    parts = [_split(sets, index, width) for sets in itemsets[1:]] or [_nothing(width)]
    items, then, both, left, right = (np.concatenate(column) for column in zip(*parts, strict=True))
    confidence, share = both / np.maximum(left, 1), right / max(baskets, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        conviction = np.where(confidence < 1, (1 - share) / (1 - confidence), np.inf)
    chance = hypergeom.sf(both - 1, baskets, left, right)
    found = Rules(
        items=items,
        then=then,
        baskets=both,
        support=both / max(baskets, 1),
        confidence=confidence,
        lift=confidence / np.where(share > 0, share, 1),
        leverage=both / max(baskets, 1) - left / max(baskets, 1) * share,
        conviction=conviction,
        p=np.asarray(benjamini_hochberg(np.clip(chance, 0, 1).tolist())),
        gain=_gains(items, then, confidence, share),
    )
    kept = found.take((found.p <= most_p) & (found.gain > least_gain))
    return kept.take(np.lexsort((kept.then, kept.items[:, 0], -kept.baskets, -np.round(kept.lift, 9))))


def _split(sets: Itemsets, index: _Index, width: int) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Every set split into one item and the rest: left sides, right sides, counts of both, left and right."""
    size = sets.items.shape[1]
    lefts = np.concatenate([np.delete(sets.items, place, axis=1) for place in range(size)])
    thens = np.concatenate([sets.items[:, place] for place in range(size)])
    padded = np.full((lefts.shape[0], max(width - 1, 1)), -1, dtype=np.int64)
    padded[:, : size - 1] = lefts
    return padded, thens, np.tile(sets.counts, size), index.counts(lefts), index.counts(thens[:, None])


def _nothing(width: int) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    empty = np.empty(0, dtype=np.int64)
    return np.empty((0, max(width - 1, 1)), dtype=np.int64), empty, empty, empty, empty


def _gains(items: Ints, then: Ints, confidence: Floats, share: Floats) -> Floats:
    """Confidence over the best of all simpler rules with the same right side, the empty left side included."""
    best = np.maximum(confidence, share)  # best of the rule and all simpler ones, filled size by size
    gains = confidence - share
    sizes = (items >= 0).sum(axis=1)
    keys = _hashed(np.column_stack((items, then)))
    for size in range(2, items.shape[1] + 1):
        rows = np.flatnonzero(sizes == size)
        smaller = np.flatnonzero(sizes == size - 1)
        if not rows.size:
            continue
        order = smaller[np.argsort(keys[smaller], kind="stable")]
        for place in range(size):
            parts = np.delete(items[rows], place, axis=1)
            asked = _hashed(np.column_stack((parts, np.full(rows.size, -1), then[rows])))
            at = order[np.searchsorted(keys[order], asked)]
            gains[rows] = np.minimum(gains[rows], confidence[rows] - best[at])
            best[rows] = np.maximum(best[rows], best[at])
    return gains


class _Index:
    """Counts by itemset."""

    def __init__(self, itemsets: Sequence[Itemsets]) -> None:
        self._known = {}
        for sets in itemsets:
            keys = _hashed(sets.items)
            order = np.argsort(keys, kind="stable")
            self._known[sets.items.shape[1]] = keys[order], sets.counts[order]

    def counts(self, items: Ints) -> Ints:
        keys, counts = self._known[items.shape[1]]
        found: Ints = counts[np.searchsorted(keys, _hashed(items))]
        return found


def _hashed(rows: Ints) -> NDArray[np.uint64]:
    """64 bits for each row: the chance that two of a million rows share them is one in 37 million."""
    weights = np.random.default_rng(20261124).integers(0, 2**63, rows.shape[1], dtype=np.uint64) | np.uint64(1)
    mixed = rows.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)  # splitmix64, Steele et al. 2014
    hashed: NDArray[np.uint64] = ((mixed ^ (mixed >> np.uint64(31))) * weights).sum(axis=1, dtype=np.uint64)
    return hashed

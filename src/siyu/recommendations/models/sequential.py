"""What comes next: a transformer that reads a person's past in order (package ``torch`` to learn, none to recommend).

SASRec with gated layers and sampled softmax, as in eSASRec; see :mod:`siyu.recommendations.sequential`. A network
cannot tell why, so each reason is counted beside it: how many people went on from one of the person's latest products.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, Final

import numpy as np
from pydantic import BaseModel

from siyu.domain.errors import MissingExtraError
from siyu.domain.kinds import Lane
from siyu.engine.port import Engine
from siyu.recommendations.items import read_items
from siyu.recommendations.links import itself
from siyu.recommendations.people import Act, Floats, Ints, Mask, People, pairs_of
from siyu.recommendations.port import Asked, Blocks, Capability, Links, Reasons, Told
from siyu.recommendations.sequential import following, keeping
from siyu.recommendations.sequential.options import SequentialOptions
from siyu.recommendations.sequential.reading import Arrays, Reader
from siyu.recommendations.sequential.sequences import Sequences, gathered, padded, steps

_LEARNT: Final = "rec_sequential"
_AFTER: Final = "rec_sequential_after"
_READ_FROM: Final = 5
"""Of a person's latest products, those that a reason may name."""
_CELLS: Final = 4_000_000
"""People by products scored at a time."""


class Sequential:
    """The products likeliest to come next.

    Reason ``similar``, value ``went-on``: ``count`` people dealt with the product within ``reach`` steps after
    ``item``, which is the one of the person's latest products from which most did. Where fewer than two people ever
    did, ``item`` is the latest product and nothing more is claimed. Reason ``viewed``, as of the model of that name:
    the person looked at the product before.
    """

    Options: ClassVar[type[BaseModel]] = SequentialOptions
    lane: ClassVar[Lane] = Lane.DISCOVER
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.SEQUENCE, Capability.COLD_ITEMS})
    interests = 0

    def __init__(self, options: SequentialOptions) -> None:
        self.options = options
        self.watch: Callable[[int, int], None] = lambda done, total: None

    def fit(self, engine: Engine, people: Blocks, now: datetime) -> None:
        """Learn, as ``rec_sequential`` (numbers of the network) and ``rec_sequential_after`` (what was counted).

        Raises:
            MissingExtraError: ``torch`` is not installed.
        """
        chosen = self.options
        every = gathered(people, chosen.acts, chosen.history)
        sequences, codes = numbered(every, chosen)
        arrays, meta = self._learnt(sequences, len(codes))
        meta |= {"people": len(sequences.sizes), "steps": len(sequences.item), "products": len(codes)}
        meta |= {"as_of": now.isoformat(), "options": chosen.model_dump()}
        keeping.publish(engine, _LEARNT, arrays, codes, meta)
        following.publish(engine, _AFTER, every, chosen.reach)

    def scorer(self, engine: Engine, now: datetime) -> SequentialScorer:
        """The network as arrays: reading needs numpy alone."""
        arrays, codes = keeping.learnt(engine, _LEARNT)
        items = read_items(engine)
        return SequentialScorer(
            self.options, arrays, codes, after=following.learnt(engine, _AFTER, items.size), free=items.free
        )

    def _learnt(self, sequences: Sequences, products: int) -> tuple[Arrays, dict[str, Any]]:
        if products < 2 or not (sequences.sizes > 1).any():
            return {}, {"turns": 0, "marks": [], "whole": True}
        try:
            from siyu.recommendations.sequential.learning import learn  # deferred: an extra
        except ModuleNotFoundError as missing:
            raise MissingExtraError(
                "The recommender 'sequential' needs the package 'torch' to learn.",
                why="It is not installed.",
                next_step="Install it: pip install 'siyu[sequential]'",
                name="sequential",
            ) from missing
        found = learn(sequences, products, self.options, self.watch)
        marks = [[round(mark.rank, 6), round(mark.surprise, 6)] for mark in found.marks]
        return found.arrays, {"turns": found.turns, "marks": marks, "whole": found.whole}


class SequentialScorer:
    """Asks by products themselves: how likely each comes next."""

    words = ("similar", "went-on", "viewed")
    merged = None

    def __init__(self, options: SequentialOptions, arrays: Arrays, codes: Ints, *, after: Links, free: Mask) -> None:
        self.options, self.after = options, after
        self.links: Links = itself(len(free))
        self.reader = Reader(arrays, options.heads) if arrays else None
        self.number = np.full(len(free), -1, np.int64)
        self.number[codes] = np.arange(len(codes))
        self.offered = np.flatnonzero(free[codes])
        self.codes = codes.astype(np.int64)

    def asked(self, people: People) -> Asked:
        """The likeliest products of everyone who did something with a known one; notes hold the latest steps."""
        past = steps(people, self.options.acts, self.options.history)
        known = past.only(np.flatnonzero(self.number[past.item] >= 0))
        row = np.unique(past.owner[self.number[past.item] >= 0])
        if self.reader is None or not len(row) or not len(self.offered):
            return _nothing()
        end = known.ends[1:]
        items, size = padded(known.item, np.maximum(known.ends[:-1], end - self.reader.length), end)
        told = self.reader.read(self.number[items], size)
        latest = items[np.arange(len(size))[:, None], np.maximum(size[:, None] - 1 - np.arange(_READ_FROM), 0)]
        latest[size[:, None] <= np.arange(_READ_FROM)] = -1
        which, number, value = self._likeliest(self.reader, told, self._bought(people, row))
        code = self.codes[number]
        looks, last = _looks(people, row[which], code)
        told_of = (looks > 0) | (latest[which] != code[:, None]).all(axis=1)  # nothing is like itself
        which, code, value = which[told_of], code[told_of], value[told_of]
        notes = {f"latest{place}": latest[which, place] for place in range(_READ_FROM)}
        return Asked(row[which], code, value, notes | {"looks": looks[told_of], "last": last[told_of]})

    def reasons(self, asked: Asked, told: Told) -> Reasons:
        """From which of the latest products most people went on to it, and how many did; or that it was looked at."""
        latest = np.stack([asked.notes[f"latest{place}"][told.ask] for place in range(_READ_FROM)])
        count = np.stack([following.looked_up(self.after, item, told.item) for item in latest])
        best, at = count.argmax(axis=0), np.arange(len(told.ask))
        found = count[best, at] > 0
        looks, last = asked.notes["looks"][told.ask], asked.notes["last"][told.ask]
        again = looks > 0
        return Reasons.of(
            len(told.ask), kind=np.where(again, 2, 0), past=np.where(again, told.item, latest[best, at]),
            value=np.where(found & ~again, 1, -1), number=np.where(again, last, np.nan),
            count=np.where(again, looks, np.where(found, count[best, at], -1)),
        )  # fmt: skip

    def _bought(self, people: People, row: Ints) -> tuple[Ints, Ints]:
        """What need not be scored, for it is no discovery: place of the person among ``row``, product number."""
        pairs = people.pairs
        number = self.number[pairs.item]
        at = np.flatnonzero(people.bought & (number >= 0) & np.isin(pairs.row, row))
        return np.searchsorted(row, pairs.row[at]), number[at]

    def _likeliest(self, reader: Reader, told: Any, bought: tuple[Ints, Ints]) -> tuple[Ints, Ints, Floats]:
        """By person, then product number: those of most likelihood, as a share of the person's first."""
        vectors = reader.arrays["item"]
        fast, kept = vectors[self.offered].astype(np.float32).T.copy(), min(self.options.kept, len(self.offered))
        place = np.full(len(self.codes), -1, np.int64)
        place[self.offered] = np.arange(len(self.offered))
        step = max(1, _CELLS // len(self.offered))
        found = []
        for first in range(0, len(told), step):
            rows = told[first : first + step]
            scores = rows.astype(np.float32) @ fast
            low, high = np.searchsorted(bought[0], [first, first + len(rows)])
            barred = place[bought[1][low:high]]
            scores[bought[0][low:high][barred >= 0] - first, barred[barred >= 0]] = -np.inf
            top = np.sort(np.argpartition(-scores, kept - 1, axis=1)[:, :kept], axis=1)
            stays = np.isfinite(np.take_along_axis(scores, top, axis=1))
            number = self.offered[top]
            exact = np.where(stays, np.einsum("rd,rkd->rk", rows, vectors[number]), -np.inf)
            most = exact.max(axis=1, keepdims=True)
            value = np.exp(self.options.sharp * (exact - np.where(np.isfinite(most), most, 0.0)))
            which, at = np.nonzero(value > 1e-12)
            found.append((which + first, number[which, at], value[which, at]))
        which, number, value = (np.concatenate([one[part] for one in found]) for part in range(3))
        return which, number, value


def numbered(sequences: Sequences, options: SequentialOptions) -> tuple[Sequences, Ints]:
    """Sequences of product numbers, and the code of each: the products of most steps, in order of their codes."""
    counts = np.bincount(sequences.item, minlength=1)
    ranked = np.lexsort((np.arange(len(counts)), -counts))[: options.vocabulary]
    codes = np.sort(ranked[counts[ranked] >= options.least])
    number = np.full(len(counts), -1, np.int64)
    number[codes] = np.arange(len(codes))
    known = sequences.only(np.flatnonzero(number[sequences.item] >= 0))
    return Sequences(known.ends, number[known.item], known.second), codes


def _looks(people: People, row: Ints, item: Ints) -> tuple[Ints, Floats]:
    """Of pairs of person and product: looks, additions to the cart and clicks, and days since the last."""
    at = np.flatnonzero(people.kind <= Act.CLICK)
    pairs = pairs_of(people.row[at], people.item[at])
    looks, last = np.zeros(len(row), np.int64), np.full(len(row), np.nan)
    if len(pairs.row):
        width = int(max(pairs.item.max(), item.max(initial=0))) + 1
        cells, wanted = pairs.row.astype(np.int64) * width + pairs.item, row.astype(np.int64) * width + item
        place = np.minimum(np.searchsorted(cells, wanted), len(cells) - 1)
        found = cells[place] == wanted
        looks[found] = np.diff(np.r_[pairs.start, len(at)])[place[found]]
        last[found] = np.minimum.reduceat(people.age[at], pairs.start)[place[found]]
    return looks, last


def _nothing() -> Asked:
    none = np.zeros(0, np.int64)
    notes = {f"latest{place}": none for place in range(_READ_FROM)}
    return Asked(none, none, np.zeros(0), notes | {"looks": none, "last": np.zeros(0)})

"""Histories: the events of each person, net of returns and without repetitions, as lists in order.

A return undoes the purchase made at its ``effective_ts``; a purchase undone in full is no act at all. The same act
told twice at one moment counts once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.engine.port import Engine
from siyu.engine.sql import fill, load
from siyu.recommendations.people import ACT, HISTORY, Act, Floats, Ints, People, block, signals, unfold
from siyu.recommendations.settings import SignalWeights

PACKAGE: Final = "siyu.recommendations"
_LEAST: Final = 1e-9
"""Below this much of a product nothing is left of a purchase."""


def write_history(engine: Engine, now: datetime, *, touched: bool, rows: int) -> None:
    """Publish ``rec_history``: everyone known from events up to now, or those of ``rec_touched`` alone."""
    whom = "EXISTS (SELECT 1 FROM rec_touched t WHERE t.person = e.person)" if touched else "TRUE"
    sql = fill(load(PACKAGE, "history").replace("$whom", whom), now=now)
    engine.map_arrow(sql, clean, HISTORY, "rec_history", scratch=True, rows=rows)
    engine.table("rec_history", "rec_history")


def blocks(engine: Engine, now: datetime, weights: SignalWeights, *, rows: int = 16_384) -> Iterator[People]:
    """The people of ``rec_history``, a block at a time."""
    moment, signal = int(now.timestamp()), signals(weights)
    for batch in engine.batches("SELECT person, acts FROM rec_history", rows=rows):
        yield block(batch, moment, signal)


def clean(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Histories of a batch of (person, acts: unordered)."""
    row, acts = unfold(batch.column("acts"))
    real = np.flatnonzero(
        acts.field("item").is_valid().to_numpy(zero_copy_only=False)
        & acts.field("kind").is_valid().to_numpy(zero_copy_only=False)
    )
    acts, row = acts.take(pa.array(real)), row[real]
    item = acts.field("item").to_numpy(zero_copy_only=False).astype(np.int64)
    kind = acts.field("kind").to_numpy(zero_copy_only=False)
    moment = acts.field("ts").cast(pa.timestamp("us")).cast(pa.int64()).to_numpy(zero_copy_only=False)
    unit = np.where(kind == Act.PURCHASE, _ranks(acts.field("basket")), acts.field("session").to_numpy()).astype(
        np.int32
    )
    quantity = acts.field("quantity").to_numpy(zero_copy_only=False)
    place = row * (item.max(initial=0) + 1) + item
    kept = np.sort(np.concatenate([_shown(place, kind, moment), _returns(place, kind)]))
    net, bought_unit = _net(place, kind, moment, quantity, unit)
    chosen = np.concatenate([kept, net])
    units = np.concatenate([unit[kept], bought_unit])
    kinds = np.concatenate([kind[kept], np.full(len(net), Act.PURCHASE, kind.dtype)])
    order = _order(place[chosen] * len(Act) + kinds, moment[chosen])
    chosen = chosen[order]
    sizes = np.bincount(row[chosen], minlength=batch.num_rows)
    fields = [item[chosen].astype(np.int32), kinds[order].astype(np.int8), moment[chosen] // 1_000_000, units[order]]
    lists = pa.ListArray.from_arrays(
        pa.array(np.concatenate(([0], np.cumsum(sizes))), pa.int32()),
        pa.StructArray.from_arrays([pa.array(values) for values in fields], fields=list(ACT)),
    )
    return pa.RecordBatch.from_arrays([batch.column("person").cast(pa.string()), lists], schema=HISTORY)


def _ranks(texts: pa.Array) -> Ints:
    """Places of texts in their order; -1 for null."""
    coded = texts.dictionary_encode()
    rank = np.empty(len(coded.dictionary), np.int64)
    rank[pc.array_sort_indices(coded.dictionary).to_numpy()] = np.arange(len(rank))
    ranked: Ints = np.append(rank, -1)[coded.indices.fill_null(len(rank)).to_numpy()]
    return ranked


def _shown(place: Ints, kind: Ints, moment: Ints) -> Ints:
    """Places of looks, carts, clicks, ratings: one of each kind, product and moment."""
    shown = np.flatnonzero(kind < Act.PURCHASE)
    key = place[shown] * len(Act) + kind[shown]
    order = _order(key, moment[shown])
    key, then = key[order], moment[shown][order]
    first = np.r_[True, (key[1:] != key[:-1]) | (then[1:] != then[:-1])][: len(key)]
    found: Ints = shown[order][first]
    return found


def _returns(place: Ints, kind: Ints) -> Ints:
    """Places of returns: one of each product."""
    returns = np.flatnonzero(kind == Act.RETURN)
    _, first = np.unique(place[returns], return_index=True)
    return returns[first]


def _net(place: Ints, kind: Ints, moment: Ints, quantity: Floats, unit: Ints) -> tuple[Ints, Ints]:
    """Places of purchases of which something is left, one of each product and moment, with their units."""
    deals = np.flatnonzero(kind >= Act.PURCHASE)
    if not len(deals):
        return deals, unit[deals]
    deals = deals[_order(place[deals], moment[deals])]
    key, then = place[deals], moment[deals]
    start = np.flatnonzero(np.r_[True, (key[1:] != key[:-1]) | (then[1:] != then[:-1])])
    signed = np.where(kind[deals] == Act.PURCHASE, quantity[deals], -quantity[deals])
    left = np.add.reduceat(signed, start) > _LEAST
    baskets = np.where(kind[deals] == Act.PURCHASE, unit[deals], np.iinfo(unit.dtype).max)
    return deals[start][left], np.minimum.reduceat(baskets, start)[left]


def _order(key: Ints, moment: Ints) -> Ints:
    """Order by key, then by moment. Most keys occur once, so the second is looked at only where one repeats."""
    order = np.argsort(key)
    same = key[order][1:] == key[order][:-1]
    repeated = np.flatnonzero(np.r_[False, same] | np.r_[same, False])[: len(key)]
    within = order[repeated]
    order[repeated] = within[np.lexsort((moment[within], key[within]))]
    return order

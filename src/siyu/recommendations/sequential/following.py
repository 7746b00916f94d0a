"""What people went on to, counted: the evidence beside a network that cannot tell why."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
from scipy import sparse

from siyu.engine.port import Engine
from siyu.recommendations.people import Ints
from siyu.recommendations.port import Links
from siyu.recommendations.sequential.sequences import Sequences
from siyu.recommendations.tables import columns, keep

AFTER: Final = pa.schema([("item", pa.int32()), ("next", pa.int32()), ("people", pa.int32())])
_LEAST: Final = 2
"""People of whom it is told; one alone would be told of by name, as it were."""


def counted(sequences: Sequences, reach: int) -> pa.Table:
    """For pairs of products: people who dealt with ``next`` within ``reach`` steps after ``item``, and later."""
    owner, item, second = sequences.owner.astype(np.int64), sequences.item.astype(np.int64), sequences.second
    width = int(item.max(initial=0)) + 1
    found = [np.zeros(0, np.int64)]
    for apart in range(1, reach + 1):
        same = (owner[apart:] == owner[:-apart]) & (second[apart:] > second[:-apart])
        at = np.flatnonzero(same & (item[apart:] != item[:-apart]))
        found.append(np.unique((owner[at] * width + item[at]) * width + item[at + apart]))
    pair, people = np.unique(np.unique(np.concatenate(found)) % (width * width), return_counts=True)
    told = people >= _LEAST
    arrays = [pair[told] // width, pair[told] % width, people[told]]
    return pa.table([pa.array(one.astype(np.int32)) for one in arrays], schema=AFTER)


def publish(engine: Engine, dataset: str, sequences: Sequences, reach: int) -> None:
    """Leave what was counted as ``dataset``."""
    keep(engine, dataset, counted(sequences, reach))


def learnt(engine: Engine, dataset: str, items: int) -> Links:
    """Read :func:`publish` back: products by products, people as values."""
    engine.table(dataset, dataset)
    table = columns(engine, f"SELECT item, next, people FROM {dataset}", AFTER)
    item, after, people = (table.column(name).to_numpy() for name in AFTER.names)
    links = sparse.csr_array((people.astype(np.int64), (item, after)), shape=(items, items))
    links.sort_indices()
    return links


def looked_up(links: Links, item: Ints, after: Ints) -> Ints:
    """People of each pair; 0 where nothing is counted, or ``item`` is -1."""
    width = links.shape[1]
    cells = np.repeat(np.arange(links.shape[0], dtype=np.int64), np.diff(links.indptr)) * width + links.indices
    wanted = item.astype(np.int64) * width + after
    if not len(cells):
        return np.zeros(len(wanted), np.int64)
    place = np.minimum(np.searchsorted(cells, wanted), len(cells) - 1)
    return np.where(cells[place] == wanted, links.data[place], 0)

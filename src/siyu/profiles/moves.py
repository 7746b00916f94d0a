"""Who moved from one segment to another since the last run.

When people are divided anew, segments change their meaning: each earlier one is then paired with the one that most of
its people went to, one to one (Kuhn 1955, the Hungarian method), and only people outside the pairs moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from siyu.domain import columns as c
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.engine.schemas import SEGMENT_MOVERS, SEGMENT_MOVES
from siyu.engine.sql import query
from siyu.profiles.inputs import PACKAGE

MOVES = "segment_moves"
MOVERS = "segment_movers"
_PAIRS = "profile_segment_pairs"


@dataclass(frozen=True, slots=True)
class Standing:
    """Segments before a run: their name keys by id; ``None`` where there was no run."""

    keys: Mapping[str, list[str]] | None = None


def standing(engine: Engine) -> Standing:
    """What stands now. To be asked before segments are written."""
    if any(manifest.find(engine.root, dataset) is None for dataset in ("segments", "people")):
        return Standing()
    engine.table("profile_segments_before", "segments")
    rows = engine.batches(f"SELECT {c.SEGMENT}, name_keys FROM profile_segments_before")
    return Standing({row[c.SEGMENT]: row["name_keys"] for batch in rows for row in batch.to_pylist()})


def write_moves(engine: Engine, before: Standing, *, anew: bool) -> None:
    """Write ``segment_moves`` (from, to, people) and ``segment_movers`` (one row a person).

    Needs ``profile_segment_of`` and ``profile_who`` as tables, and dataset ``people`` as the last run left it.

    Args:
        anew: people were divided anew in this run.
    """
    if before.keys is None:
        _publish(engine, pa.Table.from_pylist([], SEGMENT_MOVES))
        return
    engine.table("profile_people_before", "people")
    counts = pa.Table.from_batches(
        engine.batches(query(PACKAGE, "segment_changes")),
        schema=pa.schema([("was", pa.string()), (c.SEGMENT, pa.string()), ("people", pa.int64())]),
    ).to_pylist()
    same = _paired(counts) if anew else {}
    moved = [
        {**row, "was_keys": before.keys.get(row["was"], []), "anew": anew}
        for row in counts
        if row[c.SEGMENT] != same.get(row["was"], row["was"] if not anew else None)
    ]
    _publish(engine, pa.Table.from_pylist(moved, SEGMENT_MOVES))


def _paired(counts: list[dict[str, object]]) -> dict[str, str]:
    """Which segment of now each earlier one has become."""
    was, now = (sorted({str(row[name]) for row in counts}) for name in ("was", c.SEGMENT))
    shared = np.zeros((len(was), len(now)))
    for row in counts:
        shared[was.index(str(row["was"])), now.index(str(row[c.SEGMENT]))] = float(str(row["people"]))
    from scipy.optimize import linear_sum_assignment  # deferred: only people divided anew need it

    rows, columns = linear_sum_assignment(shared, maximize=True)
    return {was[row]: now[column] for row, column in zip(rows, columns, strict=True) if shared[row, column]}


def _publish(engine: Engine, moves: pa.Table) -> None:
    engine.write(pa.RecordBatchReader.from_batches(SEGMENT_MOVES, moves.to_batches()), MOVES)
    engine.table(_PAIRS, moves.select(["was", c.SEGMENT]))
    if moves.num_rows:
        engine.write(query(PACKAGE, "segment_movers"), MOVERS)
    else:
        engine.write(pa.RecordBatchReader.from_batches(SEGMENT_MOVERS, []), MOVERS)

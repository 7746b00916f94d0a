"""What was recommended, in which lane and for which reason."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from siyu.engine.sql import load
from siyu.reports.source import Figures, Source, empty


def build(source: Source) -> Figures:
    """Recommendations by lane and kind of their strongest reason."""
    if not source.has("recommendations"):
        return empty("no-recommendations")
    found: Counter[tuple[str, str]] = Counter()
    for batch in source.engine.batches(load("siyu.reports", "recommendations_reasons")):
        found.update(_counted(batch))
    lanes: dict[str, dict[str, int]] = {}
    for (lane, kind), count in sorted(found.items(), key=lambda pair: (-pair[1], pair[0])):
        lanes.setdefault(lane, {})[kind] = count
    people = source.rows("recommendations_people")[0]
    return {"lanes": lanes, "total": sum(found.values()), **people}


def _counted(batch: pa.RecordBatch) -> dict[tuple[str, str], int]:
    lengths = pc.fill_null(pc.list_value_length(batch["reasons"]), 0)
    some = batch.filter(pc.greater(lengths, 0))
    if not some.num_rows:
        return {}
    kinds = pc.struct_field(pc.list_element(some["reasons"], 0), "kind")
    table = pa.table({"lane": some["lane"], "kind": kinds})
    grouped = table.group_by(["lane", "kind"]).aggregate([([], "count_all")]).to_pylist()
    return {(row["lane"] or "", row["kind"] or ""): row["count_all"] for row in grouped}

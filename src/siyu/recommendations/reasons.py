"""Puts the reasons of each recommendation in order: a list collected by SQL has none."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.engine.schemas import REASON, RECOMMENDATIONS


def ordered(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Recommendations with the schema's types, each with its reasons by ``nth``."""
    lists = batch.column("reasons")
    rows = pc.list_flatten(lists)
    order = np.lexsort((rows.field("nth").to_numpy(), pc.list_parent_indices(lists).to_numpy()))
    sizes = pc.list_value_length(lists).to_numpy()
    sorted_rows = rows.take(pa.array(order))
    fields = [sorted_rows.field(field.name).cast(field.type) for field in REASON]
    reasons = pa.ListArray.from_arrays(
        pa.array(np.concatenate(([0], np.cumsum(sizes))), pa.int32()),
        pa.StructArray.from_arrays(fields, fields=list(REASON)),
    )
    columns = [
        reasons if name == "reasons" else batch.column(name).cast(RECOMMENDATIONS.field(name).type)
        for name in RECOMMENDATIONS.names
    ]
    return pa.RecordBatch.from_arrays(columns, schema=RECOMMENDATIONS)

"""Arranges the three strongest events of each interest as a list, strongest first."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain import columns as c
from siyu.engine.schemas import INTERESTS

PLACES = 3
_LIST = INTERESTS.field(c.EVIDENCE).type


def arranged(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Rows of ``sql/interests.sql`` as rows of INTERESTS."""
    plain = [batch.column(name).cast(INTERESTS.field(name).type) for name in INTERESTS.names if name != c.EVIDENCE]
    return pa.record_batch([*plain, _evidence(batch)], schema=INTERESTS)


def _evidence(batch: pa.RecordBatch) -> pa.ListArray:
    """Places are laid one after another (row by row after sorting), and empty ones dropped."""
    rows = batch.num_rows
    stacked = pa.chunked_array([_place(batch, place) for place in range(1, PLACES + 1)]).combine_chunks()
    order = np.arange(rows * PLACES).reshape(PLACES, rows).T.ravel()
    laid = stacked.take(pa.array(order))
    there = pa.chunked_array([_is_there(batch, place) for place in range(1, PLACES + 1)]).combine_chunks()
    there = there.take(pa.array(order))
    lengths = np.asarray(there.to_numpy(zero_copy_only=False)).reshape(rows, PLACES).sum(axis=1)
    offsets = pa.array(np.concatenate(([0], np.cumsum(lengths))), pa.int32())
    return pa.ListArray.from_arrays(offsets, laid.filter(there)).cast(_LIST)


def _is_there(batch: pa.RecordBatch, place: int) -> pa.BooleanArray:
    """Whether a place holds an event that no earlier place holds: a review may speak both by its item and its words."""
    event = batch.column(f"{c.EVENT_ID}_{place}")
    there = pc.is_valid(event)
    for earlier in range(1, place):
        other = batch.column(f"{c.EVENT_ID}_{earlier}")
        there = pc.and_(there, pc.fill_null(pc.not_equal(event, other), True))
    return there


def _place(batch: pa.RecordBatch, place: int) -> pa.StructArray:
    share = pc.min_element_wise(pc.divide(batch.column(f"weight_{place}"), batch.column("gross")), 1.0)
    share = pc.if_else(pc.is_valid(batch.column(f"weight_{place}")), share, None)
    names = (c.EVENT_ID, c.KIND, c.TS, c.ITEM)
    fields = [batch.column(f"{name}_{place}").cast(_LIST.value_type.field(name).type) for name in names]
    return pa.StructArray.from_arrays([*fields, share], names=[*names, "share"])

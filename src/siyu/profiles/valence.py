"""How a review or feedback sounds, from -1 to 1, where it has no rating."""

from __future__ import annotations

import pyarrow as pa

from siyu.domain import columns as c
from siyu.engine.port import Engine
from siyu.text.sentiment import sentiments

DATASET = "profile_valence"
_SCHEMA = pa.schema([(c.EVENT_ID, pa.string()), ("valence", pa.float64())])


def register(engine: Engine, events: str) -> None:
    """Make ``profile_valence`` (event_id, valence) readable for the unrated texts of the view ``events``."""
    unrated = (
        f"SELECT {c.EVENT_ID}, {c.TEXT} FROM {events} "
        f"WHERE {c.KIND} IN ('review', 'feedback') AND {c.RATING} IS NULL AND {c.TEXT} IS NOT NULL"
    )
    engine.map_arrow(unrated, _scored, _SCHEMA, DATASET, scratch=True)
    engine.table(DATASET, DATASET)


def _scored(batch: pa.RecordBatch) -> pa.RecordBatch:
    scores = sentiments(batch.column(1)).field("score")
    return pa.record_batch([batch.column(0).cast(pa.string()), scores], schema=_SCHEMA)

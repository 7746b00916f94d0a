"""Interest tags: what a person turns to, by how much, how unusual that is, and which events say so."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from siyu.domain.progress import Progress, Step
from siyu.engine.port import Engine
from siyu.engine.schemas import INTERESTS
from siyu.engine.sql import query
from siyu.profiles import values
from siyu.profiles.evidence import arranged
from siyu.profiles.inputs import PACKAGE, clear, number
from siyu.profiles.state import STATE

DATASET = "interests"
_WHO, _SHARES, _POPULATION = "profile_who", "profile_shares", "profile_population"
_SUBJECTS_AT_ONCE = 500_000
"""People are worked on in buckets of about so many (person, item) sums: this bounds memory, not the size of a shop."""


def write_interests(engine: Engine, *, top: int, progress: Progress) -> None:
    """Write dataset ``interests`` from the state, the products and the aliases as they are now."""
    engine.table(STATE, STATE)
    values.register(engine)
    engine.write(query(PACKAGE, "who"), _WHO)
    engine.table(_WHO, _WHO)
    subjects = number(engine, f"SELECT count(*) FROM {STATE}")
    buckets = max(1, -(-subjects // _SUBJECTS_AT_ONCE))
    for bucket in range(buckets):
        progress(Step("profile.interests", bucket, 2 * buckets))
        engine.write(query(PACKAGE, "shares", buckets=buckets, bucket=bucket), _SHARES, append=bucket > 0)
    engine.table(_SHARES, _SHARES)
    engine.write(query(PACKAGE, "population"), _POPULATION)
    engine.table(_POPULATION, _POPULATION)
    rows = _arranged(engine, buckets, top, progress)
    engine.write(pa.RecordBatchReader.from_batches(INTERESTS, rows), DATASET)
    engine.table(DATASET, DATASET)
    clear(engine, _SHARES, _WHO)


def _arranged(engine: Engine, buckets: int, top: int, progress: Progress) -> Iterator[pa.RecordBatch]:
    for bucket in range(buckets):
        progress(Step("profile.interests", buckets + bucket, 2 * buckets))
        for batch in engine.batches(query(PACKAGE, "interests", buckets=buckets, bucket=bucket, top=top)):
            yield arranged(batch)

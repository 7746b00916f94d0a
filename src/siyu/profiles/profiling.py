"""Interests and measures of everybody, or of the people touched, a bucket at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from siyu.domain import columns as c
from siyu.domain.progress import Progress, Step
from siyu.engine.port import Engine
from siyu.profiles import histories, means
from siyu.profiles.histories import Buckets
from siyu.profiles.interests import PACKED, Profile, Reading, add_means
from siyu.profiles.means import Means
from siyu.profiles.measures import MEASURES

INTERESTS_DATASET = "interests"
MEASURES_DATASET = "profile_measures"
_FRESH = "profile_measures_now"
SCRATCH = (_FRESH,)


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be made, of which histories; ``whole`` where it is everybody."""

    engine: Engine
    reading: Reading
    buckets: Buckets
    whole: bool
    progress: Progress

    def tables(self, done: int) -> Iterator[pa.Table]:
        """Rows of every bucket; ``done`` buckets were worked on before."""
        for bucket in range(self.buckets.count):
            self.progress(Step("profile.interests", done + bucket, 2 * self.buckets.count))
            yield self.buckets.read(bucket)


def write_profiles(work: Work) -> None:
    """Publish ``interests`` and ``profile_measures``; for the people touched, their rows of these."""
    usual = _means(work)
    superseded = None if work.whole else histories.touched_keys(c.PERSON)
    rows = _interests(work, usual)
    work.engine.write(pa.RecordBatchReader.from_batches(PACKED, rows), INTERESTS_DATASET, supersede=superseded)
    if not work.whole:
        work.engine.table(_FRESH, _FRESH)
        work.engine.write(f"SELECT * FROM {_FRESH}", MEASURES_DATASET, supersede=histories.touched_keys("no"))
    for dataset in (INTERESTS_DATASET, MEASURES_DATASET):
        work.engine.table(dataset, dataset)


def _interests(work: Work, usual: Means) -> Iterator[pa.RecordBatch]:
    """Interests; measures are published on the way, for they come from the same rows."""
    dataset = MEASURES_DATASET if work.whole else _FRESH
    for bucket, rows in enumerate(work.tables(work.buckets.count)):
        profile = Profile(rows, work.reading, usual)
        yield from profile.interests()
        measures = pa.RecordBatchReader.from_batches(MEASURES, [profile.measures()])
        work.engine.write(measures, dataset, append=bucket > 0, scratch=not work.whole)


def _means(work: Work) -> Means:
    """What is usual: of everybody now, or as it was at the last refit."""
    usual = Means(work.reading.values)
    if not work.whole:
        usual.recall(means.load(work.engine))
        return usual
    for rows in work.tables(0):
        add_means(rows, work.reading, usual)
    usual.settle()
    table = usual.table()
    work.engine.write(pa.RecordBatchReader.from_batches(table.schema, table.to_batches()), means.DATASET)
    return usual

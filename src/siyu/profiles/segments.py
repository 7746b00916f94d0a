"""Segments: K-means over standardised features; how many is chosen by the silhouette.

MacQueen 1967 (k-means), Rousseeuw 1987 (silhouette). Beyond ``_MINI_BATCH`` people the mini-batch variant is used
(Sculley 2010), and the scale and the centres come from a sample. The sample is the people first by pseudonym:
pseudonyms are keyed hashes, so this is a random sample, and always the same one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from siyu.domain import columns as c
from siyu.engine.port import Engine
from siyu.engine.schemas import SEGMENTS
from siyu.profiles.features import COLUMNS, NAMES, Matrix, Scale, matrix
from siyu.profiles.inputs import number
from siyu.profiles.people import MEASURED
from siyu.profiles.segment_names import distinct_keys
from siyu.profiles.settings import SegmentSettings

DATASET = "segments"
SEGMENT_OF = "profile_segment_of"

_MINI_BATCH = 100_000
_SAMPLE = 200_000
_SCOUTED = 10_000
"""People on whom each number of segments is tried."""
_SILHOUETTE = 2_000
_ASSIGNED = pa.schema([(c.PERSON, pa.string()), (c.SEGMENT, pa.string())])


def write_segments(engine: Engine, settings: SegmentSettings) -> None:
    """Write datasets ``segments`` and ``profile_segment_of`` (person, segment). Needs ``profile_measured``."""
    people = number(engine, f"SELECT count(*) FROM {MEASURED}")
    raw = _sample(engine)
    if people < settings.least_people or not len(raw):
        engine.write(_reader(SEGMENTS.empty_table()), DATASET)
        engine.write(_reader(_ASSIGNED.empty_table()), SEGMENT_OF)
        engine.table(SEGMENT_OF, SEGMENT_OF)
        return
    scale = Scale.fitted(raw, settings.winsorise)
    model = _model(scale(raw), people, settings)
    order = _order(model, scale(raw), raw)

    def assigned(batch: pa.RecordBatch) -> pa.RecordBatch:
        labels = _predict(model, scale(matrix(batch)))
        names = pa.array([f"s{order[label] + 1}" for label in labels], pa.string())
        return pa.record_batch([batch.column(c.PERSON).cast(pa.string()), names], schema=_ASSIGNED)

    engine.map_arrow(_columns(), assigned, _ASSIGNED, SEGMENT_OF)
    engine.table(SEGMENT_OF, SEGMENT_OF)
    engine.write(_reader(_described(engine, scale)), DATASET)


def _columns() -> str:
    return f"SELECT {c.PERSON}, {', '.join(COLUMNS.values())} FROM {MEASURED}"


def _sample(engine: Engine) -> Matrix:
    blocks = [matrix(batch) for batch in engine.batches(f"{_columns()} ORDER BY {c.PERSON} LIMIT {_SAMPLE}")]
    return np.vstack(blocks) if blocks else np.empty((0, len(NAMES)))


def _model(scaled: Matrix, people: int, settings: SegmentSettings) -> Any:
    """The fitted model; ``None`` where people do not differ.

    Two segments nearly always score best and tell a marketer little; so the finest division that scores nearly as
    well is taken.
    """
    different = len(np.unique(np.round(scaled, 9), axis=0)) if scaled.shape[1] else 1
    most = min(settings.most_segments, different)
    if most < 2:
        return None
    scouted = scaled[:_SCOUTED]
    scores = {k: _silhouette(_fit(scouted, k, settings.seed), scouted, settings.seed) for k in range(2, most + 1)}
    best = max(scores.values())
    chosen = max(k for k in scores if scores[k] >= best - settings.slack * abs(best))
    return _fit(scaled, chosen, settings.seed, mini=people > _MINI_BATCH)


def _fit(scaled: Matrix, k: int, seed: int, *, mini: bool = False) -> Any:
    from sklearn.cluster import KMeans, MiniBatchKMeans  # deferred: two seconds that only profiling needs
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # sums in one order: the same data give the same segments
        if mini:
            return MiniBatchKMeans(k, random_state=seed, n_init=4, batch_size=4096).fit(scaled)
        return KMeans(k, random_state=seed, n_init=4).fit(scaled)


def _silhouette(model: Any, scaled: Matrix, seed: int) -> float:
    from sklearn.metrics import silhouette_score  # deferred, like the models

    rows = scaled[:_SILHOUETTE]
    labels = model.labels_[:_SILHOUETTE]
    if not 1 < len(np.unique(labels)) < len(rows):
        return -1.0
    return float(silhouette_score(rows, labels, random_state=seed))


def _predict(model: Any, scaled: Matrix) -> Any:
    return np.zeros(len(scaled), int) if model is None else model.predict(np.ascontiguousarray(scaled))


def _order(model: Any, scaled: Matrix, raw: Matrix) -> dict[int, int]:
    """Labels to their place: those who spend most come first, then those who are most active."""
    labels = _predict(model, scaled)
    spend, activity = raw[:, NAMES.index("spend")], raw[:, NAMES.index("activity")]
    found = sorted(
        np.unique(labels), key=lambda label: (-spend[labels == label].mean(), -activity[labels == label].mean(), label)
    )
    absent = [] if model is None else [label for label in range(model.n_clusters) if label not in set(found)]
    return {int(label): place for place, label in enumerate([*found, *absent])}


def _described(engine: Engine, scale: Scale) -> pa.Table:
    """Size, share, means and distance from the whole in standard deviations, for every segment."""
    totals = _totals(engine, scale)
    names = sorted(totals, key=lambda name: int(name[1:]))
    means = {name: totals[name].sums / totals[name].size for name in names}
    distances = {name: totals[name].distances / totals[name].size for name in names}
    keys = distinct_keys({name: dict(zip(NAMES, distances[name].tolist(), strict=True)) for name in names})
    people = sum(total.size for total in totals.values())
    rows = [
        {
            c.SEGMENT: name,
            "size": totals[name].size,
            "share": totals[name].size / people,
            "name_keys": keys[name],
            "features": [
                {"name": feature, "mean": float(mean), "z": float(z)}
                for feature, mean, z in zip(NAMES, means[name], distances[name], strict=True)
            ],
        }
        for name in names
    ]
    return pa.Table.from_pylist(rows, schema=SEGMENTS)


@dataclass(slots=True)
class _Total:
    """Sums over the people of one segment."""

    size: int
    sums: Matrix
    distances: Matrix


def _totals(engine: Engine, scale: Scale) -> dict[str, _Total]:
    totals: dict[str, _Total] = {}
    query = f"SELECT m.*, s.{c.SEGMENT} FROM ({_columns()}) m JOIN {SEGMENT_OF} s ON s.{c.PERSON} = m.{c.PERSON}"
    for batch in engine.batches(query):
        features, segments = matrix(batch), np.asarray(batch.column(c.SEGMENT).to_pylist())
        scaled = np.zeros((len(features), len(NAMES)))
        scaled[:, scale.used] = scale(features)
        for name in np.unique(segments).tolist():
            rows = segments == name
            total = totals.setdefault(name, _Total(0, np.zeros(len(NAMES)), np.zeros(len(NAMES))))
            total.size += int(rows.sum())
            total.sums += features[rows].sum(axis=0)
            total.distances += scaled[rows].sum(axis=0)
    return totals


def _reader(table: pa.Table) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(table.schema, table.to_batches())

"""Segments: K-means over standardised features; how many is chosen by the silhouette.

MacQueen 1967 (k-means), Rousseeuw 1987 (silhouette). Beyond ``_MINI_BATCH`` people the mini-batch variant is used
(Sculley 2010), and the centres come from a sample. People are put in the order of their features before anything is
drawn, so the division depends on the data and the seed alone: not on pseudonyms, nor on the order of events.

Scale and centres hold until the next refit; in between, people move from one segment to another as they change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from siyu.domain import columns as c
from siyu.engine.port import Engine
from siyu.engine.schemas import SEGMENTS
from siyu.profiles.features import COLUMNS, NAMES, Matrix, Scale, matrix
from siyu.profiles.findings import Finding
from siyu.profiles.findings import kept as told
from siyu.profiles.inputs import number
from siyu.profiles.people import MEASURED
from siyu.profiles.segment_names import distinct_keys
from siyu.profiles.settings import SegmentSettings
from siyu.profiles.steadiness import Steadiness, steadiness

DATASET = "segments"
SEGMENT_OF = "profile_segment_of"
SCRATCH = (SEGMENT_OF,)

_MINI_BATCH = 100_000
_SAMPLE = 200_000
_SCOUTED = 10_000
"""People on whom each number of segments is tried."""
_SILHOUETTE = 2_000
_ASSIGNED = pa.schema([("no", pa.int32()), (c.SEGMENT, pa.string())])
_HARDLY_AN_ORDER = 0.02
"""People of a segment with fewer orders on average have not bought yet."""
_DIGITS = 6
"""Features are rounded to so many decimals before people are put in order: sums differ in their last bits."""

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Division:
    """How people are divided.

    Attributes:
        centres: of the segments on the scale, those whose people spend most first. Without rows there are no segments.
        steady: how firm the division is.
    """

    scale: Scale
    centres: Matrix
    steady: Steadiness = field(default_factory=Steadiness)

    def __call__(self, raw: Matrix) -> Numbers:
        """The nearest centre of each person: 0 for the first segment."""
        return self.nearest(self.scale(raw))

    def nearest(self, scaled: npt.NDArray[np.floating[Any]]) -> Numbers:
        """The nearest centre of people on the scale."""
        far = (self.centres**2).sum(axis=1) - 2 * scaled @ self.centres.T  # less the person's own square
        nearest: Numbers = far.argmin(axis=1)
        return nearest

    def kept(self) -> dict[str, object]:
        """As JSON values; floats survive exactly."""
        return {"scale": self.scale.kept(), "centres": self.centres.tolist(), "steady": self.steady.kept()}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Division:
        """The division that :meth:`kept` wrote."""
        scale = Scale.of(kept["scale"])
        centres = np.array(kept["centres"], float).reshape(len(kept["centres"]), len(scale.used))
        return cls(scale, centres, Steadiness.of(kept.get("steady", {})))


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a run.

    Attributes:
        kept: what the next run should be given.
        anew: whether people were divided anew.
        steady: how firm the division is.
    """

    kept: Mapping[str, object]
    anew: bool
    steady: Steadiness


def write_segments(engine: Engine, settings: SegmentSettings, frozen: Mapping[str, object]) -> Written:
    """Write datasets ``segments`` and ``profile_segment_of`` (no, segment). Needs ``profile_measured``.

    Args:
        frozen: ``kept`` of the last run; without it, or after a change of settings, people are divided anew.
    """
    key = hashlib.sha256(settings.model_dump_json().encode()).hexdigest()
    anew = frozen.get("key") != key
    division = _divided(_everybody(engine), settings) if anew else Division.of(_mapping(frozen["division"]))
    engine.map_arrow(_columns(), lambda batch: _assigned(division, batch), _ASSIGNED, SEGMENT_OF, scratch=True)
    engine.table(SEGMENT_OF, SEGMENT_OF)
    described = _described(engine, division.scale)
    lacking = _lacking(division, number(engine, f"SELECT count(*) FROM {MEASURED}"), settings)
    engine.write(pa.RecordBatchReader.from_batches(SEGMENTS, described.to_batches()), DATASET, meta=told(lacking))
    kept = {"key": key, "division": division.kept()} if len(division.centres) else {}
    return Written(kept, anew, division.steady)


def _lacking(division: Division, people: int, settings: SegmentSettings) -> list[Finding]:
    """Why there are no segments, or what does not tell people apart."""
    if not len(division.centres):
        return [Finding("segments", "too-few-people", {"people": people, "least": settings.least_people})]
    if len(division.centres) == 1:
        return [Finding("segments", "nobody-differs", {"people": people})]
    constant = tuple(name for place, name in enumerate(NAMES) if place not in division.scale.used)
    return [Finding("segments", "constant-features", names=constant)] if constant else []


def _mapping(found: object) -> Mapping[str, Any]:
    assert isinstance(found, Mapping)  # noqa: S101 - JSON that this module wrote
    return found


def _columns() -> str:
    return f"SELECT no, {', '.join(COLUMNS.values())} FROM {MEASURED}"


def _assigned(division: Division, batch: pa.RecordBatch) -> pa.RecordBatch:
    if not len(division.centres):
        return pa.RecordBatch.from_pylist([], schema=_ASSIGNED)
    names = pa.array([f"s{place + 1}" for place in range(len(division.centres))])
    return pa.record_batch([batch.column("no"), names.take(pa.array(division(matrix(batch))))], schema=_ASSIGNED)


def _everybody(engine: Engine) -> Matrix:
    """Raw features of all people, in the order of the features."""
    blocks = [matrix(batch) for batch in engine.batches(_columns())]
    raw = np.vstack(blocks) if blocks else np.empty((0, len(NAMES)))
    ordered: Matrix = raw[np.lexsort(np.round(raw, _DIGITS).T)]
    return ordered


def _divided(raw: Matrix, settings: SegmentSettings) -> Division:
    if len(raw) < settings.least_people:
        return Division(Scale.none(), np.empty((0, 0)))
    scale = Scale.fitted(raw, settings.winsorise)
    drawn = raw[np.random.default_rng(settings.seed).permutation(len(raw))[:_SAMPLE]]
    scaled = scale(drawn)
    model = _model(scaled.astype(np.float32), len(raw), settings)
    if model is None:
        return Division(scale, np.zeros((1, len(scale.used))))
    division = Division(scale, model.cluster_centers_.astype(float))
    division = Division(scale, division.centres[_order(division(drawn), drawn)])
    return replace(division, steady=_steady(division, scaled[:_SCOUTED].astype(np.float32), settings.seed))


def _steady(division: Division, scaled: npt.NDArray[np.float32], seed: int) -> Steadiness:
    def again(rows: npt.NDArray[np.float32], draw: int) -> Callable[[npt.NDArray[np.float32]], Numbers]:
        model = _fit(rows, len(division.centres), seed + draw)
        return Division(division.scale, model.cluster_centers_.astype(float)).nearest

    return steadiness(scaled, division.nearest(scaled), again)


def _model(scaled: npt.NDArray[np.float32], people: int, settings: SegmentSettings) -> Any:
    """The fitted model; ``None`` where people do not differ.

    Two segments nearly always score best and tell a marketer little; so the finest division that scores nearly as
    well is taken.
    """
    different = len(np.unique(scaled[:_SCOUTED], axis=0)) if scaled.shape[1] else 1
    most = min(settings.most_segments, different)
    if most < 2:
        return None
    scouted = scaled[:_SCOUTED]
    scores = {k: _silhouette(_fit(scouted, k, settings.seed), scouted, settings.seed) for k in range(2, most + 1)}
    best = max(scores.values())
    chosen = max(k for k in scores if scores[k] >= best - settings.slack * abs(best))
    return _fit(scaled, chosen, settings.seed, mini=people > _MINI_BATCH)


def _fit(scaled: npt.NDArray[np.float32], k: int, seed: int, *, mini: bool = False) -> Any:
    from sklearn.cluster import KMeans, MiniBatchKMeans  # deferred: two seconds that only a refit needs
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # sums in one order: the same data give the same segments
        if mini:
            return MiniBatchKMeans(k, random_state=seed, n_init=4, batch_size=4096).fit(scaled)
        return KMeans(k, random_state=seed, n_init=4).fit(scaled)


def _silhouette(model: Any, scaled: npt.NDArray[np.float32], seed: int) -> float:
    from sklearn.metrics import silhouette_score  # deferred, like the models

    rows = scaled[:_SILHOUETTE]
    labels = model.labels_[:_SILHOUETTE]
    if not 1 < len(np.unique(labels)) < len(rows):
        return -1.0
    return float(silhouette_score(rows, labels, random_state=seed))


def _order(labels: Numbers, raw: Matrix) -> Numbers:
    """Labels that somebody has: those who spend most come first, then those who are most active."""
    spend, activity = raw[:, NAMES.index("spend")], raw[:, NAMES.index("activity")]
    found = sorted(
        np.unique(labels), key=lambda label: (-spend[labels == label].mean(), -activity[labels == label].mean(), label)
    )
    return np.array(found)


def _described(engine: Engine, scale: Scale) -> pa.Table:
    """Size, share, means and distance from the whole in standard deviations, for every segment."""
    totals = _totals(engine, scale)
    names = sorted(totals, key=lambda name: int(name[1:]))
    means = {name: totals[name].sums / totals[name].size for name in names}
    distances = {name: totals[name].distances / totals[name].size for name in names}
    never = [name for name in names if means[name][NAMES.index("frequency")] < _HARDLY_AN_ORDER]
    if len(never) == len(names):
        never = []  # where nobody buys, that sets nobody apart
    keys = distinct_keys({name: dict(zip(NAMES, distances[name].tolist(), strict=True)) for name in names}, never)
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
    query = f"SELECT m.*, s.{c.SEGMENT} FROM ({_columns()}) m JOIN {SEGMENT_OF} s ON s.no = m.no"
    for batch in engine.batches(query):
        features, segments = matrix(batch), batch.column(c.SEGMENT).dictionary_encode()
        scaled = np.zeros((len(features), len(NAMES)))
        scaled[:, scale.used] = scale(features)
        for code, name in enumerate(segments.dictionary.to_pylist()):
            rows = segments.indices.to_numpy() == code
            total = totals.setdefault(name, _Total(0, np.zeros(len(NAMES)), np.zeros(len(NAMES))))
            total.size += int(rows.sum())
            total.sums += features[rows].sum(axis=0)
            total.distances += scaled[rows].sum(axis=0)
    return totals

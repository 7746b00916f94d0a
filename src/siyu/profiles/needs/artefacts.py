"""What was learnt, saved: plain numbers in dataset ``needs_model`` and JSON in its manifest. Loading runs no code.

The manifest says what it was made of: the moment, the events (a digest and their number), people drawn, moments of the
past with rows each, settings, and how good it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.engine.sql import query
from siyu.profiles.findings import read as finding
from siyu.profiles.needs.affinity import Affinity, AffinityMeasured
from siyu.profiles.needs.calibration import Curve
from siyu.profiles.needs.comparing import Comparison, Served, learners
from siyu.profiles.needs.features import NAMES, Scale
from siyu.profiles.needs.findings import Finding
from siyu.profiles.needs.port import Parts
from siyu.profiles.needs.seen import PACKAGE
from siyu.profiles.needs.settings import NeedsSettings
from siyu.profiles.needs.targets import Target
from siyu.profiles.needs.worth import Measured, Worth
from siyu.profiles.value import Buying, Spending

DATASET = "needs_model"
FORMAT = 1
"""Of what is saved; another one is learnt anew."""
SCHEMA = pa.schema(
    [
        ("of", pa.string()),  # buy | churn | value | affinity
        ("part", pa.string()),
        ("shape", pa.list_(pa.int64())),
        ("numbers", pa.list_(pa.float64())),
    ]
)
_BUYING = ("r", "alpha", "a", "b", "log_likelihood")
_SPENDING = ("p", "q", "v", "log_likelihood")
_SCALE = ("usual", "low", "high", "mean", "deviation")


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that was learnt at one moment.

    Attributes:
        origin: what it was made of, as JSON values.
    """

    made_at: datetime
    version: str
    origin: Mapping[str, Any]
    served: tuple[Served, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    worth: Worth | None = None
    measured: Measured | None = None
    affinity: Affinity | None = None
    affinity_measured: AffinityMeasured | None = None
    findings: tuple[Finding, ...] = ()
    told: Mapping[str, Any] = field(default_factory=dict)

    def telling(self) -> dict[str, Any]:
        """How good it was, as JSON values."""
        return dict(self.told) or {
            "comparisons": {one.target: plain(one) for one in self.comparisons},
            "value": plain(self.measured) if self.measured else {},
            "affinity": plain(self.affinity_measured) if self.affinity_measured else {},
            "findings": [plain(one) for one in self.findings],
        }


def data_digest(engine: Engine) -> str:
    """Changes with what was learnt from: numbers, moments and amounts by kind. Needs ``needs_sample``.

    The same on every engine, wherever the project lies.
    """
    text = hashlib.sha256()
    for batch in engine.batches(query(PACKAGE, "digest")):
        for row in batch.to_pylist():
            text.update(repr(sorted(row.items())).encode())
    return text.hexdigest()


def settings_digest(settings: NeedsSettings) -> str:
    """Changes with any setting."""
    return hashlib.sha256(settings.model_dump_json().encode()).hexdigest()[:16]


def save(engine: Engine, model: Model) -> None:
    """Publish it, at once or not at all."""
    parts = list(_parts(model))
    columns = [
        pa.array([of for of, _, _ in parts], pa.string()),
        pa.array([name for _, name, _ in parts], pa.string()),
        pa.array([list(array.shape) for _, _, array in parts], pa.list_(pa.int64())),
        pa.array([array.astype(float).ravel() for _, _, array in parts], pa.list_(pa.float64())),
    ]
    table = pa.Table.from_arrays(columns, schema=SCHEMA)
    meta = {
        "format": FORMAT,
        "version": model.version,
        "made_at": model.made_at.isoformat(),
        "features": list(NAMES),
        "origin": json.loads(json.dumps(plain(model.origin))),
        "targets": {one.target.name: _target(one) for one in model.served},
        "categories": list(model.affinity.categories) if model.affinity else [],
        "curve": model.affinity.curve.kind if model.affinity else "",
        "told": model.telling(),
    }
    engine.write(pa.RecordBatchReader.from_batches(SCHEMA, table.to_batches()), DATASET, meta=meta)


def load(engine: Engine, settings: NeedsSettings) -> Model | None:
    """What was saved; ``None`` where there is nothing, or nothing that this version can read."""
    found = manifest.find(engine.root, DATASET)
    if found is None or found.meta.get("format") != FORMAT or found.meta.get("features") != list(NAMES):
        return None
    meta: dict[str, Any] = dict(found.meta)
    parts = _read(engine)
    served = tuple(_served(name, about, parts[name], settings) for name, about in meta["targets"].items())
    told = meta["told"]
    return Model(
        made_at=datetime.fromisoformat(meta["made_at"]).astimezone(UTC),
        version=meta["version"],
        origin=meta["origin"],
        served=served,
        worth=_worth(parts["value"]) if "value" in parts else None,
        affinity=_affinity(meta, parts["affinity"]) if "affinity" in parts else None,
        findings=tuple(finding(one) for one in told["findings"]),
        told=told,
    )


def plain(value: Any) -> Any:
    """JSON values; a number that JSON has no word for is null."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value


def _target(one: Served) -> dict[str, Any]:
    return {"window": one.target.window, "gaps": one.target.gaps, "learner": one.learner, "curve": one.curve.kind}


def _parts(model: Model) -> Iterator[tuple[str, str, np.ndarray]]:
    for one in model.served:
        name = one.target.name
        yield from ((name, f"learnt.{part}", array) for part, array in one.learnt.parts().items())
        yield from ((name, f"scale.{part}", getattr(one.scale, part)) for part in _SCALE)
        yield name, "curve.points", one.curve.points
        yield name, "curve.chances", one.curve.chances
        if one.buying:
            yield name, "buying", np.array([getattr(one.buying, part) for part in _BUYING])
    if model.worth:
        yield "value", "buying", np.array([getattr(model.worth.buying, part) for part in _BUYING])
        yield "value", "spending", np.array([getattr(model.worth.spending, part) for part in _SPENDING])
    if model.affinity:
        found = model.affinity
        yield from (("affinity", part, getattr(found, part)) for part in ("usual", "weights"))
        yield "affinity", "start", np.array([found.start])
        yield "affinity", "curve.points", found.curve.points
        yield "affinity", "curve.chances", found.curve.chances


def _read(engine: Engine) -> dict[str, dict[str, np.ndarray]]:
    engine.table(DATASET, DATASET)
    parts: dict[str, dict[str, np.ndarray]] = {}
    for batch in engine.batches(f"SELECT * FROM {DATASET}"):
        for row in batch.to_pylist():
            parts.setdefault(row["of"], {})[row["part"]] = np.array(row["numbers"], float).reshape(row["shape"])
    return parts


def _served(name: str, about: Mapping[str, Any], parts: Parts, settings: NeedsSettings) -> Served:
    known = {part.removeprefix("learnt."): array for part, array in parts.items() if part.startswith("learnt.")}
    scale = Scale(**{part: parts[f"scale.{part}"] for part in _SCALE})
    return Served(
        target=Target(name, int(about["window"]), float(about["gaps"])),
        learner=about["learner"],
        learnt=learners(settings)[about["learner"]].recall(known),
        scale=scale,
        curve=Curve(about["curve"], parts["curve.points"], parts["curve.chances"]),
        buying=_buying(parts["buying"]) if "buying" in parts else None,
    )


def _buying(numbers: np.ndarray) -> Buying:
    return Buying(*(float(one) for one in numbers))


def _worth(parts: Parts) -> Worth:
    return Worth(_buying(parts["buying"]), Spending(*(float(one) for one in parts["spending"])))


def _affinity(meta: Mapping[str, Any], parts: Parts) -> Affinity:
    curve = Curve(meta["curve"], parts["curve.points"], parts["curve.chances"])
    return Affinity(tuple(meta["categories"]), parts["usual"], parts["weights"], float(parts["start"][0]), curve)

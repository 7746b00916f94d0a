"""Training: a ranker learns from the rehearsal, and is taken only where it is better on people it never saw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from scipy import sparse

from siyu.domain.kinds import Lane
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.recommendations.evaluation.climbing import Rating
from siyu.recommendations.hybrid import features, learned
from siyu.recommendations.hybrid.bench import Bench, Blend, truth
from siyu.recommendations.hybrid.features import Renown
from siyu.recommendations.hybrid.learned import CANDIDATES, TREES, Learned, Lesson
from siyu.recommendations.hybrid.rehearsal import Rehearsal
from siyu.recommendations.people import Floats, People
from siyu.recommendations.scoring import LaneScoring
from siyu.recommendations.tables import columns

DATASET: Final = "rec_learned"
RENOWN: Final = "rec_learned_items"
FORMAT: Final = 1
INSTALL: Final = "pip install 'siyu[learned]'"

_LEAST: Final = 300
"""People who must have wanted something for trees to be learnt from them."""
_ROWS: Final = pa.schema([("lane", pa.string()), ("models", pa.list_(pa.string())), ("trees", pa.string())])
_KNOWN: Final = ("ever", "month", "week", "again")
_RENOWN: Final = pa.schema([("item", pa.int32()), *((name, pa.float64()) for name in _KNOWN)])


@dataclass(frozen=True)
class Trained:
    """What came of one lane: trees where they are used, and what is told of them."""

    told: Mapping[str, Any]
    text: str = ""
    models: tuple[str, ...] = ()


def train(bench: Bench, blend: Blend, before: Rehearsal) -> Trained:
    """Learn to order what ``blend`` finds, from the stretch ``before``; judged on the later one, against the blend.

    People alone are no test: trees that know what sold in a stretch know it of others too. What is used has learnt from
    both stretches.
    """
    if not learned.installed():
        return Trained({"used": False, "why": "not-installed", "next_step": INSTALL})
    if bench.people < _LEAST or len(before.exam.people) < _LEAST:
        return Trained({"used": False, "why": "few-buyers"})
    later, earlier = _lesson(bench.rehearsal, bench.scoring(blend)), _lesson(before, _again(before, bench, blend))
    if min(one.bought.sum() for one in (later, earlier)) < _LEAST:
        return Trained({"used": False, "why": "few-buyers"})
    scoring = bench.scoring(blend)
    models = tuple(voice.name for voice in scoring.voices)
    names = features.names(bench.lane, models)
    said = learned.predicted(learned.trees(earlier, names), later)
    plain = Rating([bench.measured(scoring, _scores(bench, later, names, None))])
    better = Rating([bench.measured(scoring, _scores(bench, later, names, said))])
    told = {
        "used": better.beats(plain), "people": len(later.people), "candidates": len(later.row), "trees": TREES,
        "blend": plain.value, "measure": better.value, "error": better.error(plain),
    }  # fmt: skip
    if not told["used"]:
        return Trained({**told, "why": "not-better"})
    return Trained(told, learned.trees(later.after(earlier), names), models)


def _again(before: Rehearsal, bench: Bench, blend: Blend) -> LaneScoring:
    """The blend as it would have been learnt then."""
    voices = tuple(before.voice(key[0], dict(bench.heard[key].options), weight) for key, weight in sorted(blend))
    return LaneScoring(bench.lane, voices, before.items, before.settings)


def _lesson(rehearsal: Rehearsal, scoring: LaneScoring) -> Lesson:
    size = rehearsal.items.size
    wanted = truth(rehearsal, scoring.lane)
    row = np.repeat(np.arange(len(wanted.sizes)), wanted.sizes)
    at = wanted.items < size
    renown = Renown.of(rehearsal.everyone, size)
    return learned.lesson(scoring, rehearsal.asked, renown, row[at] * size + wanted.items[at])


def _scores(bench: Bench, known: Lesson, names: Sequence[str], said: Floats | None) -> sparse.csr_array:
    """Candidates with the blend's scores; in the order of ``said`` where it is given."""
    score = known.table[:, list(names).index("score")]
    data = score.copy()
    if said is not None:
        data[np.lexsort((known.place, -np.round(said, 9), known.row))] = score
    ends = np.searchsorted(known.row, np.arange(len(bench.truth.sizes) + 1))
    return sparse.csr_array((data, known.item, ends), shape=(len(bench.truth.sizes), bench.rehearsal.items.size))


def keep(engine: Engine, found: Mapping[Lane, Trained], about: Mapping[str, Any]) -> None:
    """Publish the trees that are used, with what they were learnt from; where none are, nothing stays."""
    rows = [
        {"lane": lane.value, "models": list(one.models), "trees": one.text} for lane, one in found.items() if one.text
    ]
    if not rows:
        engine.drop(DATASET)
        engine.drop(RENOWN)
        return
    meta = {
        **about, "format": FORMAT, "trees": TREES, "candidates": CANDIDATES,
        "lanes": {lane.value: {**one.told, "models": list(one.models)} for lane, one in found.items() if one.text},
    }  # fmt: skip
    engine.write(pa.Table.from_pylist(rows, schema=_ROWS).to_reader(), DATASET, meta=meta)


def keep_renown(engine: Engine, blocks: Iterable[People], items: int) -> None:
    """Publish what the trees must know of products, from everyone: whenever models learn."""
    known = Renown.of(blocks, items)
    arrays = [known.ever, known.month, known.week, known.again]
    table = pa.table([np.arange(items, dtype=np.int32), *arrays], schema=_RENOWN)
    engine.write(table.to_reader(), RENOWN)


def in_use(engine: Engine, models: Mapping[Lane, Sequence[str]], items: int) -> dict[Lane, Learned]:
    """The trees of each lane whose models are those they were learnt over; none without LightGBM."""
    found = manifest.find(engine.root, DATASET)
    if found is None or found.meta.get("format") != FORMAT or not learned.installed():
        return {}
    if manifest.find(engine.root, RENOWN) is None:
        return {}
    engine.table(DATASET, DATASET)
    engine.table(RENOWN, RENOWN)
    table = columns(engine, f"SELECT {', '.join(_RENOWN.names)} FROM {RENOWN}", _RENOWN)
    renown = _renown(table, items)
    rows = columns(engine, f"SELECT lane, models, trees FROM {DATASET}", _ROWS).to_pylist()
    return {
        Lane(row["lane"]): Learned(Lane(row["lane"]), row["trees"], tuple(row["models"]), renown)
        for row in rows
        if list(models.get(Lane(row["lane"]), ())) == row["models"]
    }


def _renown(table: pa.Table, items: int) -> Renown:
    """By code; products that came since are unknown."""
    at = table["item"].to_numpy()
    filled = []
    for name in _KNOWN:
        values = np.zeros(items)
        values[at] = table[name].to_numpy()
        filled.append(values)
    return Renown(*filled)

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
from siyu.recommendations.hybrid.bench import Bench, Blend
from siyu.recommendations.hybrid.features import Renown
from siyu.recommendations.hybrid.learned import CANDIDATES, TREES, Learned, Lesson
from siyu.recommendations.people import Floats, Ints, People
from siyu.recommendations.tables import columns

DATASET: Final = "rec_learned"
RENOWN: Final = "rec_learned_items"
FORMAT: Final = 1
INSTALL: Final = "pip install 'siyu[learned]'"

_FOLDS: Final = 3
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


def train(bench: Bench, blend: Blend) -> Trained:
    """Learn to order what ``blend`` finds; judged by cross-validation over people against the blend itself."""
    if not learned.installed():
        return Trained({"used": False, "why": "not-installed", "next_step": INSTALL})
    if bench.people < _LEAST:
        return Trained({"used": False, "why": "few-buyers"})
    scoring = bench.scoring(blend)
    renown = Renown.of(bench.rehearsal.everyone, bench.rehearsal.items.size)
    known = learned.lesson(scoring, bench.rehearsal.asked, renown, _wanted(bench))
    names = features.names(bench.lane, [voice.name for voice in scoring.voices])
    if known.bought.sum() < _LEAST:
        return Trained({"used": False, "why": "few-buyers"})
    said = _unseen(known, names)
    plain = Rating([bench.measured(scoring, _scores(bench, known, names, None))])
    better = Rating([bench.measured(scoring, _scores(bench, known, names, said))])
    told = {
        "used": better.beats(plain), "people": len(known.people), "candidates": len(known.row), "trees": TREES,
        "blend": plain.value, "measure": better.value, "error": better.error(plain),
    }  # fmt: skip
    if not told["used"]:
        return Trained({**told, "why": "not-better"})
    models = tuple(voice.name for voice in scoring.voices)
    return Trained(told, learned.trees(known, names), models)


def _wanted(bench: Bench) -> Ints:
    truth = bench.truth
    row = np.repeat(np.arange(len(truth.sizes)), truth.sizes)
    at = truth.items < bench.rehearsal.items.size
    return row[at] * bench.rehearsal.items.size + truth.items[at]


def _unseen(known: Lesson, names: Sequence[str]) -> Floats:
    """What trees say of people whom they were not learnt from."""
    people = np.random.default_rng(20_261).permutation(known.people)
    said = np.zeros(len(known.row))
    for fold in range(_FOLDS):
        mine = np.sort(people[fold::_FOLDS])
        others = known.of(np.setdiff1d(known.people, mine))
        said[np.isin(known.row, mine)] = learned.predicted(learned.trees(others, names), known.of(mine))
    return said


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

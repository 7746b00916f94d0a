"""What the benchmark against ALS runs, each a process of its own: ``python -m benchmarks.against_als_job ours ...``.

Every process reads the datasets itself and says what reading, learning and making lists cost it.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import sparse

from siyu.domain.clock import FixedClock
from siyu.domain.progress import Step
from siyu.engine.embedded import EmbeddedEngine
from siyu.recommendations import RecommendationSettings, recommend

PLACES = 20
SPARE = 40
"""Further places, looked at for judging only: what a person has bought already is taken out of them."""
SIGNALS = {"browse": 1.0, "click": 2.0, "cart": 3.0, "review": 3.0, "purchase": 5.0}
"""As Siyu weighs acts by default."""


class Phases:
    """Seconds on the wall and of CPU by phase."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, float]] = {}
        self._phase, self._since = "read", (time.perf_counter(), time.process_time())

    def turn(self, phase: str) -> None:
        """What follows is ``phase``."""
        now = time.perf_counter(), time.process_time()
        spent = self.found.setdefault(self._phase, {"wall": 0.0, "cpu": 0.0})
        for name, since, here in zip(("wall", "cpu"), self._since, now, strict=True):
            spent[name] = round(spent[name] + here - since, 2)
        self._phase, self._since = phase, now

    def step(self, step: Step) -> None:
        """Listens to the stage."""
        phase = next((name for name in ("choose", "fit", "score") if step.key.startswith(f"recommend.{name}")), "read")
        if phase != self._phase and (phase != "read" or step.key == "recommend.prepare"):
            self.turn(phase)


def ours(folder: Path, memory: str, now: datetime) -> dict[str, Any]:
    """What `siyu recommend` does with the settings of a new shop: both lanes, filters and reasons included."""
    phases = Phases()
    engine = EmbeddedEngine(folder, memory=memory)
    report = recommend(engine, RecommendationSettings(), clock=FixedClock(now), progress=phases.step)
    phases.turn("done")
    return {"people": report.people, "phases": phases.found}


def als(folder: Path, kind: str, now: datetime, out: Path) -> dict[str, Any]:
    """``implicit`` ALS, 64 factors, 15 iterations: the same events, lists of 20 for everyone."""
    from implicit.cpu.als import AlternatingLeastSquares

    phases = Phases()
    people, items, acts = _matrix(folder, kind, now)
    phases.turn("fit")
    model = AlternatingLeastSquares(factors=64, iterations=15, random_state=20_261)
    model.fit(acts, show_progress=False)
    phases.turn("score")
    everyone = np.arange(len(people))
    model.recommend(everyone, acts, N=PLACES, filter_already_liked_items=True)
    phases.turn("judge")
    deep, _ = model.recommend(everyone, acts, N=PLACES + SPARE, filter_already_liked_items=False)
    rank = np.tile(np.arange(1, PLACES + SPARE + 1), len(people))
    lists = pa.table({"person": np.repeat(people, PLACES + SPARE), "item": items[deep.ravel()], "rank": rank})
    pq.write_table(lists, out)
    return {"people": len(people), "phases": {name: cost for name, cost in phases.found.items() if name != "judge"}}


def _matrix(folder: Path, kind: str, now: datetime) -> tuple[Any, Any, Any]:
    """People, items, and the sum of the signals of their acts (of purchases only, where ``kind`` says so)."""
    cases = " ".join(f"WHEN '{name}' THEN {weight}" for name, weight in SIGNALS.items() if kind in ("any", name))
    table = duckdb.sql(
        f"SELECT person, item, sum(weight)::FLOAT AS weight FROM (SELECT person, item, CASE kind {cases} ELSE 0 END "
        f"AS weight FROM read_parquet('{folder / 'resolved.parquet'}') WHERE item IS NOT NULL) "
        "GROUP BY person, item HAVING sum(weight) > 0 ORDER BY person, item"
    ).to_arrow_table()
    coded = [table[name].combine_chunks().dictionary_encode() for name in ("person", "item")]
    row, column = (one.indices.to_numpy() for one in coded)
    shape = tuple(len(one.dictionary) for one in coded)
    acts = sparse.csr_matrix((table["weight"].to_numpy(), (row, column)), shape=shape)
    return *(one.dictionary.to_numpy(zero_copy_only=False) for one in coded), acts


def main(which: str, folder: str, what: str, now: str, *out: str) -> None:
    """One process; its result as JSON on the last line."""
    moment = datetime.fromisoformat(now).astimezone(UTC)
    found = ours(Path(folder), what, moment) if which == "ours" else als(Path(folder), what, moment, Path(out[0]))
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])

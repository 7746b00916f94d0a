"""The section about needs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from siyu.engine import schemas
from siyu.engine.embedded import EmbeddedEngine
from siyu.reports import foreseen
from siyu.reports.sections import needs
from siyu.reports.settings import ReportSettings

FIGURE = {"value": 0.7, "low": 0.6, "high": 0.8}


class Source:
    """What the section asks of the report's source, over an engine of its own."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self.engine = engine
        self.settings = ReportSettings(least_shown=2)

    def has(self, dataset: str) -> bool:
        self.engine.table(dataset, dataset)
        return True

    def rows(self, name: str) -> list[dict[str, Any]]:
        from siyu.engine.sql import query

        return [row for batch in self.engine.batches(query("siyu.reports", name)) for row in batch.to_pylist()]


def driver(name: str, effect: float, chance: str = "buy") -> dict[str, Any]:
    return {"chance": chance, "name": name, "value": 1.0, "usual": 2.0, "effect": effect}


@pytest.fixture
def source(tmp_path: Path) -> Source:
    engine = EmbeddedEngine(tmp_path, memory="1GB", threads=1)
    at = datetime(2026, 6, 1, tzinfo=UTC).replace(tzinfo=None)
    rest = {"churn_days": 30.0, "made_at": at, "model": "m"}
    rows = [
        {"person": "a", "buy_30": 0.5, "churn": 0.25, "value_12m": 100.0, "drivers": [driver("recency", 0.2)], **rest},
        {"person": "b", "buy_30": 0.25, "churn": 0.5, "value_12m": 20.0,
         "drivers": [driver("recency", -0.1), driver("buys", 0.1)], **rest},
        {"person": "c", "buy_30": 0.25, "churn": None, "value_12m": None, "drivers": [], **rest},
    ]  # fmt: skip
    table = pa.Table.from_pylist(rows, schema=schemas.NEEDS)
    engine.write(pa.RecordBatchReader.from_batches(table.schema, table.to_batches()), "needs")
    learner = {"learner": "bg-nbd", "baseline": True, "chosen": True, "equal": True, "choosing": {"auc": FIGURE},
               "reporting": dict.fromkeys(("auc", "brier", "lift"), FIGURE), "cpu_seconds": 0.1}  # fmt: skip
    comparison = {
        "target": "buy", "plan": {"window": 30, "report": "2026-05-01T00:00:00", "choose": "2026-04-01T00:00:00"},
        "people": {"report": 3}, "happened": {"report": 0.3}, "learners": [learner], "chosen": "bg-nbd",
        "curve": "platt", "reliability": [{"chance": 0.1, "share": 0.2, "people": 3}],
        "gains": [{"top": 0.1, "lift": 2.0}],
        "baselines": {}, "importance": [["recency", 0.1], ["buys", 0.0]],
    }  # fmt: skip
    told = {"comparisons": {"buy": comparison}, "value": {}, "affinity": {},
            "findings": [{"what": "churn", "why": "no-buyers", "facts": {}}]}  # fmt: skip
    meta = json.loads(json.dumps({"version": "m", "made_at": "2026-06-01", "origin": {"drawn": 3}, "told": told}))
    engine.write("SELECT 1 AS one", "needs_model", meta=meta)
    return Source(engine)


def test_totals_and_drivers_by_hand(source: Source) -> None:
    """.5 + .25 + .25 people will buy; .25 + .5 buyers are lost; two are told recency, one buys: too few."""
    found = needs.build(source)  # type: ignore[arg-type]
    assert found["totals"] == {"people": 3, "buyers": 2, "buying": 1.0, "losing": 0.75, "value": 120.0}
    (target,) = found["targets"]
    assert target["drivers"] == [{"chance": "buy", "name": "recency", "raises": 1, "lowers": 1}]
    assert target["importance"] == [{"name": "recency", "loss": 0.1}]


def test_findings_are_told_in_both_languages() -> None:
    told = foreseen.need_finding({"what": "buy", "why": "history-short", "facts": {"windows": 4, "days": 30}})
    assert told.en.startswith("buying soon: history is too short: some 4 times 30 days")
    assert told.zh.startswith("近期购买：历史太短")


def test_points_of_the_charts_are_per_cent() -> None:
    assert foreseen.calibration({"reliability": [{"chance": 0.1, "share": 0.25, "people": 3}]}) == [(10, 25)]
    assert foreseen.lifts([{"top": 0.1, "lift": 2.5}]) == [(10, 2.5)]

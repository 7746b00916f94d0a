"""Needs on Spark (Sail): the same people, the same chances, up to the last bits of sums."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from siyu.engine import open_engine

from .conftest import Market

pytestmark = pytest.mark.slow


def test_spark_says_the_same(sail: dict[str, object], tmp_path: Path, new_market: Callable[[str], Market]) -> None:
    here = new_market("here")
    there = Market(open_engine("spark", tmp_path / "there", threads=2, options=sail))
    found: list[dict[str, dict[str, Any]]] = []
    for market in (here, there):
        market.populate()
        market.foresee(days=2, learners=("bg-nbd", "logistic-regression"))
        market.events(["p0001", "newcomer"], [1.5, 1.25])
        assert market.foresee(days=1, learners=("bg-nbd", "logistic-regression")).mode == "touched"
        found.append({str(row["person"]): row for row in market.rows()})
    assert found[0].keys() == found[1].keys()
    for name, row in found[0].items():
        other = found[1][name]
        for column in ("buy_30", "churn", "churn_days", "value_12m"):
            assert (other[column] is None) == (row[column] is None), (name, column)
            assert other[column] is None or other[column] == pytest.approx(row[column], rel=1e-4), (name, column)
    first = "SELECT person, category FROM needs_affinity WHERE rank = 1 ORDER BY person"
    assert there.rows(first) == here.rows(first)

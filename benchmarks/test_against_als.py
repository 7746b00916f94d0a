"""The default of `siyu recommend` against ``implicit`` ALS (64 factors, 15 iterations) on 200,000 people and more by
20,000 products: what learning and the best 20 for everyone cost, and how much of the next two weeks they name.

Needs a simulated shop as ``test_recommend.py`` does::

    SIYU_BENCH_TABLES=s10/.siyu/tables pytest -s benchmarks/test_against_als.py

Each runs in a process of its own on the same events, with all threads it takes by itself (set ``OMP_NUM_THREADS``,
``OPENBLAS_NUM_THREADS`` and so on for both alike). Siyu's lists come with filters, two lanes and reasons, and its
process reads histories from Parquet; ALS gets a query that does nothing but sum its matrix. ALS is run twice, on
purchases and on all acts by their signals, and the better recall counts. People are judged who bought something in the
two weeks after the cut and were known before: of what they bought, the share within 20 places. For *new* products, what
a person bought before is taken out of the truth, and out of ALS's lists too, which look 40 places deeper for that, at
no cost to it. A shop that names no model has its models chosen on its own past first, once a month: the phase
``choose``.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from benchmarks import profiles_job
from benchmarks.against_als_job import PLACES
from benchmarks.conftest import job
from benchmarks.test_recommend import MEMORY, NOW, shop  # noqa: F401 - a fixture
from siyu.engine.embedded import EmbeddedEngine
from siyu.engine.resolved import events
from siyu.engine.sql import literal

CUT = NOW - timedelta(days=int(os.environ.get("SIYU_BENCH_DAYS", "14")))


def test_against_als(benchmark: Any, shop: Path, tmp_path: Path) -> None:  # noqa: F811 - the fixture
    pytest.importorskip("implicit")
    folder = tmp_path / "tables"
    profiles_job.copy_until(shop, folder, CUT)
    job("profiles_job", "build", str(folder), MEMORY, CUT.isoformat())
    truth, owned = _truth(shop, folder)

    costs: list[dict[str, Any]] = []
    benchmark.pedantic(
        lambda: costs.append(job("against_als_job", "ours", str(folder), MEMORY, CUT.isoformat())), rounds=1
    )
    rivals = {
        kind: job("against_als_job", "als", str(folder), kind, CUT.isoformat(), str(tmp_path / f"{kind}.parquet"))
        for kind in ("purchase", "any")
    }
    found = {"ours": _ours(folder, truth, owned) | costs[0]}
    found |= {f"als_{kind}": _als(tmp_path / f"{kind}.parquet", truth, owned) | cost for kind, cost in rivals.items()}
    benchmark.extra_info.update(found)
    for name, said in found.items():
        print(f"\n{name}: {said}")
    for task in ("new", "all"):
        assert found["ours"][task] >= max(found[f"als_{kind}"][task] for kind in rivals)


def _truth(whole_shop: Path, folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What people known before the cut bought after it, and what they had bought before; leaves who is who for ALS."""
    whole = EmbeddedEngine(whole_shop, memory=MEMORY)
    events(whole)
    cut = literal(CUT)
    after = _frame(whole, f"SELECT DISTINCT person, item FROM events WHERE kind = 'purchase' AND ts >= {cut}")
    before = EmbeddedEngine(folder, memory=MEMORY)
    events(before)
    reader = before.batches("SELECT person, item, kind FROM events")
    profiles_job._stored(reader, folder / "resolved.parquet")
    known = _frame(before, "SELECT DISTINCT person FROM events WHERE item IS NOT NULL")
    owned = _frame(before, "SELECT DISTINCT person, item FROM events WHERE kind = 'purchase'")
    return after[after["person"].isin(known["person"])], owned


def _ours(folder: Path, truth: pd.DataFrame, owned: pd.DataFrame) -> dict[str, float]:
    engine = EmbeddedEngine(folder, memory=MEMORY)
    engine.table("recommendations", "recommendations")
    lists = _frame(engine, f"SELECT person, item, lane, rank FROM recommendations WHERE rank <= {PLACES}")
    lists = lists[lists["person"].isin(truth["person"])]
    # all purchases: buy again first, filled up with discoveries
    lists["turn"] = (lists["lane"] == "discover") * 1000 + lists["rank"]
    discover = lists[lists["lane"] == "discover"]
    return {"new": _recall(discover, _without(truth, owned)), "all": _recall(_first(lists, "turn"), truth)}


def _als(path: Path, truth: pd.DataFrame, owned: pd.DataFrame) -> dict[str, float]:
    lists = pq.read_table(path).to_pandas()
    lists = lists[lists["person"].isin(truth["person"])]
    new = _first(_without(lists, owned), "rank")
    return {"new": _recall(new, _without(truth, owned)), "all": _recall(_first(lists, "rank"), truth)}


def _first(lists: pd.DataFrame, by: str) -> pd.DataFrame:
    """The first places of each list."""
    return lists.sort_values(["person", by]).drop_duplicates(["person", "item"]).groupby("person").head(PLACES)


def _without(pairs: pd.DataFrame, owned: pd.DataFrame) -> pd.DataFrame:
    """Pairs of person and item that are not ``owned``."""
    both = pairs.merge(owned, on=["person", "item"], how="left", indicator="side")
    return both[both["side"] == "left_only"].drop(columns="side")


def _recall(lists: pd.DataFrame, truth: pd.DataFrame) -> float:
    """Mean over the people of the truth: of what each bought, the share on the list."""
    hits = truth.merge(lists[["person", "item"]], on=["person", "item"]).groupby("person").size()
    wanted = truth.groupby("person").size()
    return round(float((hits.reindex(wanted.index).fillna(0) / wanted).mean()), 4)


def _frame(engine: EmbeddedEngine, sql: str) -> pd.DataFrame:
    return pd.concat([batch.to_pandas() for batch in engine.batches(sql)], ignore_index=True)

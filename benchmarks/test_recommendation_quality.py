"""How good recommendations are on real shops: a split by time, full ranking over all products, recall and nDCG at 20.

Lists are made as of the split from what came before; the truth is what people with a history bought after it. New
products are judged in the discover lane, all purchases and those of products bought before in the lane buy again.

    pytest -s benchmarks/test_recommendation_quality.py

needs the real data sets (``SIYU_DATA`` names their folder) and takes some minutes: import and profile are run first.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.conftest import fresh, siyu
from siyu.domain.clock import FixedClock
from siyu.engine.embedded import EmbeddedEngine
from siyu.engine.sql import literal
from siyu.recommendations import RecommendationSettings, recommend
from siyu.recommendations.evaluation.accuracy import accuracy
from siyu.recommendations.evaluation.truth import Truth

SPLITS = {"online_retail": "2011-11-09T00:00:00+00:00", "complete_journey": "2017-12-01T00:00:00+00:00"}
FLOORS = {
    "online_retail": {"new": (0.1060, 0.1055), "all": (0.2410, 0.3170)},
    "complete_journey": {"new": (0.0260, 0.0425), "all": (0.1370, 0.3670)},
}
"""Recall and nDCG that no change may fall below."""

_NET = (
    "SELECT DISTINCT person, item FROM (SELECT person, item FROM events "
    "WHERE kind IN ('purchase', 'return') AND ts <= {} GROUP BY person, item, effective_ts "
    "HAVING sum(CASE WHEN kind = 'purchase' THEN quantity ELSE -quantity END) > 1e-9)"
)


def frame(engine: EmbeddedEngine, sql: str) -> pd.DataFrame:
    return pd.concat([batch.to_pandas() for batch in engine.batches(sql)], ignore_index=True)


def judged(lists: pd.DataFrame, truth: pd.DataFrame) -> dict[str, float]:
    """Mean recall and nDCG over the people of the truth."""
    people = pd.Index(truth["person"].unique())
    items = pd.Index(pd.concat([truth["item"], lists["item"]]).unique())
    lists = lists[lists["person"].isin(people)]
    ranked = np.full((len(people), 20), -1)
    ranked[people.get_indexer(lists["person"]), lists["rank"] - 1] = items.get_indexer(lists["item"])
    wanted = Truth.of(people.get_indexer(truth["person"]), items.get_indexer(truth["item"]), count=len(people))
    found = accuracy(ranked, wanted, places=20)
    return {name: round(float(np.mean(found[name])), 4) for name in ("recall", "ndcg")}


@pytest.mark.parametrize("example", sorted(SPLITS))
def test_quality(benchmark: Any, real_data: Path, tmp_path: Path, example: str) -> None:
    split = datetime.fromisoformat(SPLITS[example])
    folder = fresh(example, tmp_path)
    for stage in ("import", "profile"):
        siyu(stage, "--as-of", SPLITS[example], folder=folder, SIYU_PROJECT__INPUTS=str(real_data / example))
    engine = EmbeddedEngine(folder / ".siyu" / "tables", memory="2GB")
    benchmark.pedantic(lambda: recommend(engine, RecommendationSettings(), clock=FixedClock(split)), rounds=1)
    for name in ("recommendations", "events"):
        engine.table(name, name)
    cut = literal(split)
    known = frame(engine, f"SELECT DISTINCT person FROM events WHERE kind = 'purchase' AND ts <= {cut}")
    later = frame(engine, f"SELECT DISTINCT person, item FROM events WHERE kind = 'purchase' AND ts > {cut}")
    later = later[later["person"].isin(known["person"])]
    own = (
        later.merge(frame(engine, _NET.format(cut)), on=["person", "item"], how="left", indicator=True)["_merge"]
        == "both"
    )
    lists = frame(engine, "SELECT person, item, lane, rank FROM recommendations WHERE rank <= 20")
    discover, again = (lists[lists["lane"] == lane] for lane in ("discover", "buy_again"))
    found = {
        "new": judged(discover, later[~own.to_numpy()]),
        "all": judged(again, later),
        "again": judged(again, later[own.to_numpy()]),
    }
    benchmark.extra_info.update(found)
    print(f"\n{example}: {found}")
    for lane, (recall, ndcg) in FLOORS[example].items():
        assert found[lane]["recall"] >= recall
        assert found[lane]["ndcg"] >= ndcg

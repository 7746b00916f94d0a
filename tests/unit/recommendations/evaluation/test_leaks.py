"""Models that cheat: they look for later rows wherever they can, and find none."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
import pytest

from siyu.domain.errors import InputError
from siyu.engine import manifest
from siyu.engine.port import Engine, ParquetFiles, Sql
from siyu.recommendations.evaluation.entrants import entrant
from siyu.recommendations.evaluation.exam import Part
from siyu.recommendations.evaluation.judging import Asking, judge
from siyu.recommendations.evaluation.splitting import LeaveOneOut, Split, TimeSplit
from siyu.recommendations.models.popularity import Popularity
from siyu.recommendations.port import Blocks
from siyu.recommendations.settings import RecommendationSettings
from siyu.recommendations.table import RECOMMENDERS

from ..shop import Shop
from .world import CUT, filled, shown, utc

FOUND: dict[str, Any] = {}


class Spy(Popularity):
    """Learns like popularity; meanwhile it reads all that the engine gives, and tries every door to the outside."""

    outside: ClassVar[Path]

    def fit(self, engine: Engine, people: Blocks, now: datetime) -> None:
        FOUND["root"] = engine.root
        FOUND.setdefault("moments", []).append(now)
        FOUND["files"] = sorted(path.name for path in engine.root.iterdir() if path.is_dir())
        for dataset in FOUND["files"]:
            if manifest.find(engine.root, dataset) is not None:
                engine.table(f"spied_{dataset}", dataset)
                FOUND.setdefault("rows", {})[dataset] = [
                    row for batch in engine.batches(f"SELECT * FROM spied_{dataset}") for row in batch.to_pylist()
                ]
        FOUND.setdefault("first", max(utc(row["ts"]) for row in FOUND["rows"]["events"]))
        FOUND["latest"] = [int(block.second.max(initial=0)) for block in people()]
        FOUND["people"] = sorted(person for block in people() for person in block.ids.to_pylist())
        files = sorted(str(path) for path in self.outside.rglob("*.parquet"))
        relative = Path("../" * 12) / self.outside.relative_to("/") / "events"
        for name, source in {
            "dataset": "recommendations",
            "up": str(relative),
            "files": ParquetFiles(tuple(files)),
            "sql": Sql(f"SELECT * FROM read_parquet('{files[0]}')"),
            "glob": Sql(f"SELECT * FROM glob('{self.outside}/**')"),
        }.items():
            try:
                engine.table("peeped", source)
                FOUND.setdefault("peeped", {})[name] = list(engine.batches("SELECT * FROM peeped"))
            except Exception as error:
                FOUND.setdefault("refused", {})[name] = type(error).__name__
        super().fit(engine, people, now)


@pytest.fixture
def spy(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    module = ModuleType("siyu_spy")
    module.Spy = Spy  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "siyu_spy", module)
    monkeypatch.setitem(RECOMMENDERS._table, "spy", "siyu_spy:Spy")
    Spy.outside = shop.engine.root.resolve()
    FOUND.clear()
    return filled(shop)


def examine(shop: Shop, split: Split, *models: str, **more: Any) -> Any:
    base = RecommendationSettings()
    entrants = [entrant(name, top=5, base=base) for name in models]
    return judge(shown(shop), split, entrants, asking=Asking(places=5, resamples=50, **more))


def test_a_spy_finds_nothing_after_the_cut_and_no_way_out(spy: Shop) -> None:
    spy.run()  # the project itself has recommendations and everything else
    examine(spy, TimeSplit(CUT), "spy")
    assert set(FOUND["rows"]) >= {"events", "products", "rec_history"}
    assert "recommendations" not in FOUND["rows"]
    assert FOUND["rows"]["events"]
    assert all(utc(row["ts"]) <= CUT for row in FOUND["rows"]["events"])
    assert max(FOUND["latest"]) <= CUT.timestamp()
    assert not FOUND["root"].is_relative_to(Spy.outside)
    assert not FOUND["root"].exists()  # gone when the exam is over
    assert FOUND.get("peeped") is None
    assert FOUND["refused"] == {
        "dataset": "MissingDataError", "up": "PermissionException", "files": "PermissionException",
        "sql": "PermissionException", "glob": "PermissionException",
    }  # fmt: skip


@pytest.mark.parametrize("refit", [False, True])
def test_of_leave_one_out_neither_validation_nor_test_is_seen(spy: Shop, refit: bool) -> None:
    purchases = [row for row in spy.events if row["kind"] == "purchase"]
    hidden = set()
    for person in {row["person"] for row in purchases}:
        mine = sorted(
            (row for row in purchases if row["person"] == person), key=lambda row: (row["ts"], row["event_id"])
        )
        hidden |= {row["event_id"] for row in mine[-1 if refit else -2 :]}
    examine(spy, LeaveOneOut(refit=refit), "spy")
    seen = {row["event_id"] for row in FOUND["rows"]["events"]}
    assert not seen & hidden
    assert seen | hidden == {row["event_id"] for row in spy.events}


def test_asked_after_the_validation_nothing_is_learnt_from_it(spy: Shop) -> None:
    plain = examine(spy, LeaveOneOut(), "spy", "default")
    learnt = {row["event_id"] for row in FOUND["rows"]["events"]}
    after = examine(spy, LeaveOneOut(ask_after=True), "spy", "default")
    assert {row["event_id"] for row in FOUND["rows"]["events"]} == learnt
    assert after.split["ask_after"]
    assert after.counts["asked"] == plain.counts["asked"]
    # the spy barred what people own: with the validation act in their history they own more, so lists differ
    assert after.tasks != plain.tasks


def test_the_validation_of_asking_afterwards_is_of_the_same_kind_one_act_earlier(spy: Shop) -> None:
    purchases = [row for row in spy.events if row["kind"] == "purchase"]
    hidden, asked = set(), 0
    for person in {row["person"] for row in purchases}:
        mine = sorted(
            (row for row in purchases if row["person"] == person), key=lambda row: (row["ts"], row["event_id"])
        )
        hidden |= {row["event_id"] for row in mine[-3:]}
        asked += len(mine) >= 4
    found = examine(spy, LeaveOneOut(ask_after=True), "spy", "default", part=Part.VALIDATION)
    seen = {row["event_id"] for row in FOUND["rows"]["events"]}
    assert not seen & hidden
    assert found.split["ask_after"]
    assert found.counts["asked"] == asked


def test_choosing_sees_still_less(spy: Shop) -> None:
    examine(spy, TimeSplit(CUT), "spy", budget=0.0)
    # the test lasts from day 30 to day 8; settings are chosen on the 22 days before, from what came before those
    assert FOUND["moments"] == [CUT - timedelta(days=22), CUT]
    assert FOUND["first"] <= CUT - timedelta(days=22)


def test_models_find_nothing_of_each_other(spy: Shop) -> None:
    examine(spy, TimeSplit(CUT), "item_to_item", "popularity", "spy")
    assert not {"rec_neighbours", "recommendations", "rec_popular"} & set(FOUND["rows"])


def test_the_judge_writes_nothing_into_the_project(spy: Shop) -> None:
    spy.publish()
    before = {path: path.stat().st_mtime_ns for path in spy.engine.root.rglob("*")}
    data = shown(spy)
    before = {path: path.stat().st_mtime_ns for path in spy.engine.root.rglob("*")}
    judge(
        data, TimeSplit(CUT), [entrant("default", top=5, base=RecommendationSettings())],
        asking=Asking(places=5, resamples=20, budget=0.0, part=Part.TEST),
    )  # fmt: skip
    assert {path: path.stat().st_mtime_ns for path in spy.engine.root.rglob("*")} == before


def test_seeing_later_rows_would_show(spy: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same judge with a broken split: the spy does see them, so the tests above can fail."""
    from siyu.recommendations.evaluation import splitting

    real = splitting.query
    monkeypatch.setattr(
        splitting, "query", lambda package, name, **values: real(package, name, **values)
        if name != "visible_before" else "SELECT e.* FROM events e",
    )  # fmt: skip
    with pytest.raises(InputError):  # everything is owned already, so there is nothing new to find
        examine(spy, TimeSplit(CUT), "spy")
    assert np.any([utc(row["ts"]) > CUT for row in FOUND["rows"]["events"]])

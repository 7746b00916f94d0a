"""The demonstration, as `make demo` runs it; and the null world, where the report must find nothing."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.conftest import Project

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Shown:
    """What a demonstration said, its report's figures, and its folder."""

    told: Any
    figures: Any
    folder: Path


def demonstrate(folder: Path, *arguments: str) -> Shown:
    project = Project(folder, {**os.environ, "SIYU_LANG": "en"})
    told = project.json("demo", "world", *arguments)
    figures = json.loads((folder / "world" / ".siyu" / "reports" / "autumn.json").read_text("utf-8"))
    return Shown(told, figures, folder / "world")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    return demonstrate(tmp_path_factory.mktemp("live"), "--people", "1500")


@pytest.fixture(scope="module")
def null(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    return demonstrate(tmp_path_factory.mktemp("null"), "--people", "1500", "--null-world")


def test_what_was_planted_as_dirt_is_set_aside_to_the_row(live: Shown) -> None:
    events = live.told["prepared"]["imported"]["events"][0]
    planted = json.loads((live.folder / "truth" / "planted.json").read_text("utf-8"))
    assert events["read"] == events["accepted"] + sum(events["quarantined"].values())
    assert events["quarantined"] == {reason: planted[reason] for reason in events["quarantined"]}
    assert len(events["quarantined"]) >= 12


def test_everyone_is_written_to_or_has_a_reason(live: Shown) -> None:
    standing = live.told["sent"][-1]["standing"]
    assert standing["waiting"] == 0
    assert standing["sent"] + sum(standing["skipped"].values()) == live.told["prepared"]["copy"]["audience"]
    assert {"hold-out", "no-consent"} <= set(standing["skipped"])


def test_readers_react_and_robots_are_left_out(live: Shown) -> None:
    tracked = live.told["tracked"]
    assert tracked["forged"] == 0
    assert tracked["hits"] == tracked["kept"] + tracked["replays"] + sum(
        count for verdict, count in tracked["verdicts"].items() if verdict != "person"
    )
    assert tracked["kept"] > 100


def test_the_report_is_one_page_that_loads_nothing(live: Shown) -> None:
    page = Path(live.folder / ".siyu" / "reports" / "autumn.html").read_text("utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "default-src" in page
    assert 'src="http' not in page
    assert live.figures["money"]["treated"]["people"] > live.figures["money"]["hold_out"]["people"] > 50


def test_messages_truly_earn_and_the_interval_holds_the_truth(live: Shown) -> None:
    """The truth is the simulator's own: what everyone would have spent with and without their message."""
    total = live.figures["money"]["total_revenue"]
    assert live.told["true_effect"] > 0
    assert total["low"] <= live.told["true_effect"] <= total["high"]


def test_in_the_null_world_nothing_is_found(null: Shown) -> None:
    money = null.figures["money"]
    assert null.told["true_effect"] == 0
    assert money["verdict"] in {"not-proven", "not-enough"}
    assert money["total_revenue"]["low"] <= 0 <= money["total_revenue"]["high"]


def test_the_same_seed_gives_the_same_demonstration(live: Shown, tmp_path: Path) -> None:
    again = demonstrate(tmp_path, "--people", "1500")
    assert again.told["sent"] == live.told["sent"]
    assert again.figures["money"] == live.figures["money"]

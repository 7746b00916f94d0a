"""The demonstration, as `make demo` runs it; and the null world, where the report must find nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.conftest import Project

pytestmark = pytest.mark.slow


def demonstrate(folder: Path, *arguments: str) -> tuple[Any, Any]:
    import os

    project = Project(folder, {**os.environ, "SIYU_LANG": "en"})
    told = project.json("demo", "world", *arguments)
    figures = json.loads((folder / "world" / ".siyu" / "reports" / "autumn.json").read_text("utf-8"))
    return told, figures


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    return demonstrate(tmp_path_factory.mktemp("live"), "--people", "1500")


def test_what_was_planted_as_dirt_is_set_aside(live: tuple[Any, Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    told, _ = live
    events = told["prepared"]["imported"]["events"][0]
    assert events["read"] == events["accepted"] + sum(events["quarantined"].values())
    planted = json.loads((Path(told["folder"]) / "truth" / "planted.json").read_text("utf-8"))
    assert planted


def test_everyone_is_written_to_or_has_a_reason(live: tuple[Any, Any]) -> None:
    told, _ = live
    standing = told["sent"][-1]["standing"]
    assert standing["waiting"] == 0
    assert standing["sent"] + sum(standing["skipped"].values()) == told["prepared"]["copy"]["audience"]
    assert {"hold-out", "no-consent"} <= set(standing["skipped"])


def test_the_report_is_one_page_with_the_money_in_it(live: tuple[Any, Any]) -> None:
    told, figures = live
    page = Path(told["report"]["path"]).read_text("utf-8")
    assert page.lstrip().startswith("<!doctype html>")
    assert "http://" not in page.replace("http://www.w3.org", "").replace("http://www.apache.org", "")[:2000]
    assert figures["money"]["treated"]["people"] > figures["money"]["hold_out"]["people"] > 50
    assert figures["money"]["treated"]["attributed_revenue"] >= 0


def test_messages_truly_earn_in_the_live_world(live: tuple[Any, Any]) -> None:
    assert live[0]["true_effect"] > 0


def test_in_the_null_world_nothing_is_found(tmp_path: Path) -> None:
    told, figures = demonstrate(tmp_path, "--people", "1500", "--null-world")
    assert told["true_effect"] == 0
    assert figures["money"]["verdict"] in {"not-proven", "not-enough"}

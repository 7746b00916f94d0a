"""The same job through Python."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.e2e.conftest import Project

import siyu
from siyu.app.moments import moment
from siyu.domain.errors import InputError, MissingDataError, SettingsError
from siyu.domain.progress import Step


def test_the_whole_job_and_an_explanation(example: Callable[..., Project]) -> None:
    steps: list[Step] = []
    with siyu.open(example("worked_example").folder, progress=steps.append) as project:
        done = project.run()
        assert done.sent.standing.sent == 13
        assert {"profile", "recommend", "copy", "delivery", "report"} <= {step.key.split(".")[0] for step in steps}
        found = project.explain("u1")
        assert found["messages"][0]["item"] == "Sneakers"
        assert done.report.path.is_file()
        assert project.check("全网最低价，顶级品质").statuses == {"refused": 1}
        with pytest.raises(MissingDataError, match="nobody"):
            project.explain("nobody")


def test_mining_and_evaluation(example: Callable[..., Project], tmp_path: Path) -> None:
    with siyu.open(example("worked_example").folder) as project:
        project.import_data()
        told = {(one.what, one.why): one.facts for one in project.profile().findings}
        people = told["segments", "too-few-people"]["people"]
        assert 0 < people < told["segments", "too-few-people"]["least"]
        assert project.portraits("zh") == []  # too few people for segments, as it says
        assert project.rules() == project.rules("category") == []
        done = project.reviews()
        assert done.reviews > 0
        assert done.held is None  # too few are rated: lists of words decide
        assert {one.why for one in done.findings} >= {"few-good"}
        project.recommend()
        with pytest.raises(InputError, match="named nothing for anybody"):  # six people, whose habits no model knows
            project.evaluate("popularity", "personal_frequency", at=moment("2026-05-17"), page=tmp_path / "page.html")
        with pytest.raises(SettingsError):
            project.evaluate("no-such-model")


def test_a_folder_without_settings(tmp_path: object) -> None:
    with pytest.raises(SettingsError, match="siyu init"):
        siyu.open(str(tmp_path))

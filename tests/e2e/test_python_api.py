"""The same job through Python."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.e2e.conftest import Project

import siyu
from siyu.domain.errors import MissingDataError, SettingsError
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


def test_a_folder_without_settings(tmp_path: object) -> None:
    with pytest.raises(SettingsError, match="siyu init"):
        siyu.open(str(tmp_path))

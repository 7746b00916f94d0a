"""The commands that keep a project, as a person runs them: upgrade, backup, restore, identity."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ..golden.old import unpacked
from .conftest import Project

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(unpacked(tmp_path / "shop"), {**os.environ, "SIYU_LANG": "en"})


def test_an_old_project_is_upgraded_backed_up_and_put_back(project: Project, tmp_path: Path) -> None:
    assert "siyu upgrade" in project.siyu("explain", "u0000001", expect=1)
    done = project.json("upgrade")
    assert (done["before"], done["steps"]) == (1, [2, 3])
    assert Path(done["backup"]).is_file()
    assert "newest" in project.siyu("upgrade")

    target = tmp_path / "shop.tar.zst"
    told = project.siyu("backup", str(target))
    assert "keys are NOT in it" in told
    assert "exists already" in project.siyu("backup", str(target), expect=2)
    told = project.siyu("restore", str(target), "-p", str(tmp_path / "again"))
    assert str(tmp_path / "again" / ".siyu" / "keys") in told
    assert "can ever be read again" in project.siyu("explain", "u0000001", "-p", str(tmp_path / "again"), expect=5)
    assert "--force" in project.siyu("restore", str(target), "-p", str(tmp_path / "again"), expect=2)
    assert project.json("restore", str(target), "--force")["keys"]  # over the project itself: its keys stay
    assert "Lifecycle" in project.siyu("explain", "u0000001")


def test_two_names_are_merged_and_taken_apart(project: Project) -> None:
    project.siyu("upgrade", "--no-backup", "-q")
    before = project.json("identity", "show", "u0000001")
    merged = project.json("identity", "merge", "u0000001", "u0000002")
    assert merged["changed"]
    assert "u0000001 ->" not in project.siyu("identity", "show", "u0000003")
    assert "merged by hand: u0000001 -> u0000002" in project.siyu("identity", "show", "u0000001")
    assert project.json("identity", "unmerge", "u0000001", "u0000002")["changed"]
    assert project.json("identity", "show", "u0000001") == before
    assert "two ids" in project.siyu("identity", "merge", "u0000001", expect=2)
    assert "not linked" in project.siyu("identity", "unmerge", "u0000001", "u0000002", expect=2)


def test_a_test_message_can_be_had_after_the_send(project: Project) -> None:
    project.siyu("upgrade", "--no-backup", "-q")
    project.siyu("send", "-q")
    done = project.json("send", "--test-to", "me@shop.invalid")
    assert done["tests"] == 3

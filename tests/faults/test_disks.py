"""A disk that is full, or read-only: the command stops, names the file and the next step, and the next run completes.

The disk is a real one of a few megabytes, filled to the last pages.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from siyu.app.loading import load
from siyu.app.settings import Settings
from siyu.app.shop import Shop

from ..e2e.conftest import Project
from .conftest import Disk, begun
from .states import state

pytestmark = pytest.mark.slow


def opened(project: Project) -> Shop:
    return Shop(project.folder, environment=project.environment)


@pytest.fixture(scope="module")
def undisturbed(inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("undisturbed")
    project = begun(inputs, folder / "project", folder / "state")
    project.siyu("run")
    return state(opened(project))


PLACES = {
    # what was done before, the room left (kB), the command that runs out of it, what it says
    "import, into the store": ((), 48, "import", "disk is full"),
    "import, into the datasets": ((), 420, "import", "disk is full|could not be written"),
    "write": (("import", "profile", "recommend"), 24, "write", "disk is full|could not be written"),
    "send, before a record": (("import", "profile", "recommend", "write"), 8, "send", "disk is full"),
    "send, into the mailbox": (("import", "profile", "recommend", "write"), 220, "send", "mailbox cannot be written"),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_full_disk_stops_the_command_and_loses_nothing(
    place: str, disk: Disk, inputs: Path, tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    before, kilobytes, command, expected = PLACES[place]
    project = begun(inputs, tmp_path / "project", disk.folder / "state")
    for stage in before:
        project.siyu(stage)
    disk.leave(kilobytes)
    told = project.siyu(command, expect=75)
    assert any(part in told for part in expected.split("|")), told
    assert str(disk.folder) in told
    assert "next: Free space" in told
    disk.relieve()
    if command == "send":
        assert_no_message_without_a_record(project)
    project.siyu("run")
    found = state(opened(project))
    for part in ("messages", "ledger", "records", "datasets"):
        assert found[part] == undisturbed[part], part


def assert_no_message_without_a_record(project: Project) -> None:
    """Every message that lies in the mailbox was marked, durably, before it got there."""
    shop = opened(project)
    inbox = shop.paths.mailbox / "new"
    sent = [path.name for path in inbox.iterdir()] if inbox.is_dir() else []
    states = shop.ledger.lookup(sent)["state"].to_pylist()
    assert len(states) == len(sent)
    assert set(states) <= {"handed", "accepted"}
    shop.close()


def test_a_full_disk_at_the_backup_leaves_no_half_file(disk: Disk, inputs: Path, tmp_path: Path) -> None:
    project = begun(inputs, tmp_path / "project", tmp_path / "state")
    project.siyu("import")
    disk.leave(60)
    told = project.siyu("backup", str(disk.folder / "shop.tar.zst"), expect=75)
    assert "Free space" in told
    assert [path.name for path in disk.folder.iterdir()] == ["ballast"]


def test_a_read_only_state_is_an_error_with_its_folder(disk: Disk, inputs: Path, tmp_path: Path) -> None:
    project = begun(inputs, tmp_path / "project", disk.folder / "state")
    project.siyu("import")
    disk.remount("ro")
    for command in ("run", "import", "send"):
        told = project.siyu(command, expect=1)
        assert "cannot be written" in told
        assert f"{disk.folder}/state/lock: Read-only file system" in told
    disk.remount("rw")
    project.siyu("run")


def test_files_larger_than_the_limit_are_an_error_too(inputs: Path, tmp_path: Path) -> None:
    """A quota on the size of files, for those who may not mount: what a user without rights can meet."""
    project = begun(inputs, tmp_path / "project", tmp_path / "state")
    size = 64 * 1024

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    done = subprocess.run(
        [sys.executable, "-c", "from siyu.app.cli import main; main()", "import"],
        cwd=project.folder,
        env=project.environment,
        preexec_fn=small,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (1, 75), done.stderr
    assert "next: " in done.stderr
    assert "defect" not in done.stderr
    assert load(Settings, project.folder, project.environment)
    project.siyu("run")

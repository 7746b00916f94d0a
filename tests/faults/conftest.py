"""A small simulated shop as a project, and a disk that is really small."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from siyu.app.simulating import make_world
from siyu.domain.progress import silent
from siyu.privacy.keys import KeyRing
from siyu.simulator import SimulationSettings

from ..e2e.conftest import Project

SECRET = "whatever happens"


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a simulated shop with its siyu.toml; nobody writes to it."""
    folder = tmp_path_factory.mktemp("faults") / "shop"
    make_world(folder, SimulationSettings(people=40, products=30, months=2, bot_share=0), silent)
    return folder


def begun(inputs: Path, folder: Path, state: Path) -> Project:
    """A project over the shop, its state in ``state``, its keys always the same."""
    folder.mkdir(parents=True)
    shutil.copy(inputs / "siyu.toml", folder)
    KeyRing.create(state / "keys", open_secret=SECRET)
    own = {
        "SIYU_LANG": "en",
        "SIYU_PROJECT__INPUTS": str(inputs),
        "SIYU_PROJECT__STATE": str(state),
        "SIYU_ENGINE__THREADS": "1",
    }
    return Project(folder, {**os.environ, **own})


@dataclass(frozen=True)
class Disk:
    """A file system of its own, in memory."""

    folder: Path

    def leave(self, kilobytes: int) -> None:
        """Fill it but for so much."""
        free = shutil.disk_usage(self.folder).free - kilobytes * 1024
        with self.ballast.open("wb") as handle:
            handle.write(bytes(max(free, 0)))
        assert shutil.disk_usage(self.folder).free <= (kilobytes + 8) * 1024

    def relieve(self) -> None:
        """Free what :meth:`leave` took."""
        self.ballast.unlink()

    def remount(self, options: str) -> None:
        """Change how it is mounted."""
        subprocess.run(["mount", "-o", f"remount,{options}", str(self.folder)], check=True)

    @property
    def ballast(self) -> Path:
        """The file that fills it."""
        return self.folder / "ballast"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """24 MB; only root may mount it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {made.stderr.strip()}")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)

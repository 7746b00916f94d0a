"""kill -9 at thirty moments of the whole job: run it again, and everything is as if it had never been cut off.

The moments lie one in each thirtieth of the measured length of a run, drawn at random within it from a fixed seed. A
small simulated shop, its keys made from a known text, so that every run makes the same people, messages, Message-IDs.
"""

from __future__ import annotations

import math
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from siyu.app.demonstrating import _sent, _write_hits
from siyu.app.shop import Shop
from siyu.app.simulating import make_world
from siyu.app.tracking import HITS
from siyu.domain.progress import silent
from siyu.privacy.keys import KeyRing
from siyu.simulator import SimulationSettings
from siyu.simulator.reactions import react

from .states import state

CHILD = Path(__file__).with_name("running_child.py")
KILLS = 30
pytestmark = pytest.mark.slow


@dataclass
class Forge:
    """A process that starts jobs; see running_child.py."""

    process: subprocess.Popen[str]
    folder: Path
    shop: Path
    length: float = 0.0
    expected: dict[str, Any] = field(default_factory=dict)

    def fresh(self, name: str) -> Path:
        """A copy of the project before its first run; inputs are linked."""
        target = self.folder / name
        target.mkdir()
        for entry in self.shop.iterdir():
            (target / entry.name).symlink_to(entry)
        made = target / ".siyu"
        KeyRing.create(made / "keys", open_secret="killed at any moment")
        if (self.folder / HITS).exists():
            (made / HITS).write_bytes((self.folder / HITS).read_bytes())
        return target

    def run(self, folder: Path, kill_after: float = math.inf) -> tuple[int, float]:
        """Run the job, and kill it after so many seconds; its exit code (minus the signal) and its length."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{kill_after}\t{folder}\n")
        self.process.stdin.flush()
        _, status, seconds = self.process.stdout.readline().split()
        return int(status), float(seconds)


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    """The shop, its length and its end when nobody disturbs it."""
    folder = tmp_path_factory.mktemp("kills")
    settings = SimulationSettings(people=40, products=30, months=2, bot_share=0, persuasion=8.0)
    world = make_world(folder / "shop", settings, silent)
    with subprocess.Popen(
        [sys.executable, str(CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        forge = Forge(process, folder, folder / "shop")
        _hits(forge, world)
        undisturbed = forge.fresh("undisturbed")
        status, forge.length = forge.run(undisturbed)
        assert status == 0
        forge.expected = state(undisturbed)
        yield forge
        process.stdin.close()  # type: ignore[union-attr]


def _hits(forge: Forge, world: Any) -> None:
    """What readers of the messages would do: known from a first run, laid ready for all others."""
    first = forge.fresh("first")
    assert forge.run(first)[0] == 0
    shop = Shop(first)
    reactions = react(world, _sent(shop), shop.clock.now() + shop.campaign.attribution, seed=7)
    hits = reactions.hits
    assert hits.num_rows >= 3
    _write_hits(shop, hits, forge.folder / HITS)
    shop.close()


def test_the_undisturbed_job_does_something(forge: Forge) -> None:
    found = forge.expected
    assert len(found["datasets"]) >= 12
    assert "aliases" in found["datasets"]
    assert found["datasets"]["events"][0] > 500
    assert len(found["messages"]) >= 10
    assert sum(found["records"]["consents"].values()) > 50
    again = forge.fresh("undisturbed-again")
    assert forge.run(again)[0] == 0
    assert state(again) == found  # otherwise a difference below would mean nothing


@pytest.mark.parametrize("kill", range(KILLS))
def test_a_job_killed_at_any_moment_and_run_again_ends_the_same(forge: Forge, kill: int) -> None:
    moment = forge.length * (kill + random.Random(20261124 + kill).random()) / KILLS
    folder = forge.fresh(f"killed-{kill}")
    status, _ = forge.run(folder, kill_after=moment)
    assert status in (-signal.SIGKILL, 0)  # 0: this time it was faster than the moment
    before = set(_sent_files(folder))
    assert forge.run(folder)[0] == 0
    found = state(folder)
    for part in ("messages", "ledger", "records", "datasets"):
        assert found[part] == forge.expected[part], part
    assert before <= set(found["messages"])


def _sent_files(folder: Path) -> list[str]:
    inbox = folder / ".siyu" / "mailbox" / "new"
    return os.listdir(inbox) if inbox.is_dir() else []

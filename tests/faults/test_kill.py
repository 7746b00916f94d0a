"""kill -9 while a campaign is sent: nobody missing, nobody twice beyond the messages in flight."""

from __future__ import annotations

import mailbox
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from siyu.domain.ids import stable_id

from ..unit.delivery.shop import Shop, campaign, people
from .sending_child import IN_FLIGHT

CHILD = Path(__file__).with_name("sending_child.py")
COUNT, KILLS = 500, 10
pytestmark = pytest.mark.slow


def start(folder: Path, kind: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(CHILD), str(folder), str(COUNT), kind]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def killed(folder: Path, kind: str, after: float) -> bool:
    """Start a sender and kill it ``after`` seconds of sending; whether it died before it was done."""
    child = start(folder, kind)
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(after)
    child.send_signal(signal.SIGKILL)
    rest = child.stdout.read()
    child.wait()
    return "done" not in rest


def finished(folder: Path, kind: str) -> None:
    """Let a sender end its work."""
    child = start(folder, kind)
    out, _ = child.communicate(timeout=120)
    assert child.returncode == 0
    assert "done" in out


def kill_often(folder: Path, kind: str) -> int:
    """Kill up to ten senders at random moments; how many died amid their work."""
    draw = random.Random(20261124)
    deaths = sum(killed(folder, kind, draw.uniform(0, 0.09)) for _ in range(KILLS))
    finished(folder, kind)
    return deaths


def expected() -> set[str]:
    of = campaign()
    return {stable_id(of.name, "0", person, of.channel) for person in people(COUNT)}


def test_the_mailbox_holds_every_message_exactly_once(tmp_path: Path) -> None:
    deaths = kill_often(tmp_path, "mailbox")
    assert deaths >= 3  # otherwise the test has not tried anything
    found = Counter(m["Message-ID"].strip("<>").split("@")[0] for m in mailbox.Maildir(tmp_path / "mail", create=False))
    assert set(found) == expected()
    assert set(found.values()) == {1}
    assert Shop(tmp_path).ledger.states("spring") == {("accepted", ""): COUNT}


def test_a_channel_without_memory_gets_at_most_the_messages_in_flight_again(tmp_path: Path) -> None:
    deaths = kill_often(tmp_path, "sink")
    assert deaths >= 1
    found = Counter((tmp_path / "sink.log").read_text().split())
    assert set(found) == expected()
    assert sum(count - 1 for count in found.values()) <= deaths * IN_FLIGHT
    assert Shop(tmp_path).ledger.states("spring") == {("accepted", ""): COUNT}

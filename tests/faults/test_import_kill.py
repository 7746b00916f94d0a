"""kill -9 while files are imported: then run again, and everything is as if nothing had happened."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from siyu.engine.embedded import EmbeddedEngine

CHILD = Path(__file__).with_name("importing_child.py")
DEATHS = 6
DATASETS = {
    "events": "event_id",
    "quarantine": 'file, "row", reason',
    "aliases": "alias",
    "returns_waiting": "event_id",
    "imports": "fingerprint",
}
pytestmark = pytest.mark.slow


def shop(folder: Path) -> None:
    """Two files with links, returns (one of them an orphan), copies and rows that are none."""
    folder.mkdir()
    draw = random.Random(20261124)
    for number in (1, 2):
        lines = ["user_id,anonymous_id,kind,ts,item,quantity,order_id,query"]
        for n in range(3_000):
            user, day, second = f"u{draw.randrange(300)}", draw.randrange(1, 28), draw.randrange(60)
            kind = draw.choice(["browse", "browse", "cart", "purchase", "return", "search", "identify", "teleport"])
            visitor = f"v{user}" if kind == "identify" else ""
            what = f"p{draw.randrange(20)}" if kind != "search" else ""
            said = "red shoes" if kind == "search" else ""
            when = f"2026-05-{day:02d}T{n % 24:02d}:00:{second:02d}Z"
            lines.append(f"{user},{visitor},{kind},{when},{what},{draw.randrange(1, 4)},o{n},{said}")
        (folder / f"{number}.csv").write_text("\n".join([*lines, lines[1], "broken"]) + "\n")


def start(folder: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen([sys.executable, str(CHILD), str(folder)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def finished(folder: Path) -> list[float]:
    """Let an import end; how long each of its steps took."""
    child = start(folder)
    assert child.stdout is not None
    moments = [time.perf_counter()]
    moments += [time.perf_counter() for line in child.stdout if line.startswith(("step", "done"))]
    assert child.wait(timeout=300) == 0
    return [after - before for before, after in pairwise(moments)]


def killed(folder: Path, steps: list[float], draw: random.Random) -> bool:
    """Kill an import in a step of it, any of them; whether it died before it was done."""
    child = start(folder)
    assert child.stdout is not None
    step = draw.randrange(len(steps))
    for _ in range(step):
        child.stdout.readline()
    time.sleep(draw.random() * steps[step] * 0.9)
    child.send_signal(signal.SIGKILL)
    return "done" not in child.communicate()[0]


def found(folder: Path) -> dict[str, list[dict[str, Any]]]:
    engine = EmbeddedEngine(folder / "tables", memory="500MB", threads=1)
    rows: dict[str, list[dict[str, Any]]] = {}
    for dataset, order in DATASETS.items():
        engine.table(dataset, dataset)
        batches = engine.batches(f"SELECT * FROM {dataset} ORDER BY {order}")
        rows[dataset] = [row for batch in batches for row in batch.to_pylist()]
    for row in rows["imports"]:
        del row["place"]  # of the copy of the files
    return rows


def test_killed_at_random_moments(tmp_path: Path) -> None:
    calm, shaken = tmp_path / "calm", tmp_path / "shaken"
    shop(calm)
    shutil.copytree(calm, shaken)
    steps = finished(calm)
    expected = found(calm)
    assert len(expected["events"]) > 3_000
    assert {row["reason"] for row in expected["quarantine"]} >= {"malformed", "unknown-kind", "orphan-return"}
    assert expected["returns_waiting"]

    draw = random.Random(5)
    deaths = 0
    for _ in range(6 * DEATHS):
        shutil.rmtree(shaken / "tables", ignore_errors=True)
        if not killed(shaken, steps, draw):
            continue
        finished(shaken)
        assert found(shaken) == expected
        assert not [path.name for path in (shaken / "tables").iterdir() if path.name.startswith(("import_", ".intake"))]
        deaths += 1
        if deaths == DEATHS:
            return
    raise AssertionError("imports were done before they could be killed")


def test_killed_again_and_again(tmp_path: Path) -> None:
    calm, shaken = tmp_path / "calm", tmp_path / "shaken"
    shop(calm)
    shutil.copytree(calm, shaken)
    steps = finished(calm)
    draw = random.Random(6)
    assert sum(killed(shaken, steps, draw) for _ in range(DEATHS))
    finished(shaken)
    assert found(shaken) == found(calm)

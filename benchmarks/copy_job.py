"""Steps of the copywriting benchmark, in a process of their own: TABLES STEP... Prints one line of JSON."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from siyu.copywriting import CopySettings, write_messages
from siyu.copywriting.gate import Gate
from siyu.domain.campaigns import Campaign
from siyu.domain.clock import FixedClock
from siyu.domain.copy import ApprovedCopy
from siyu.domain.proof import Seal, SealKind
from siyu.engine.embedded import EmbeddedEngine
from siyu.engine.schemas import MESSAGES
from siyu.feedback.policies import POLICIES

NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)
CAMPAIGN = Campaign(
    name="autumn", start=NOW, end=NOW + timedelta(days=7), occasion="because-you-viewed", place="cn",
    languages=("zh", "en"),
)  # fmt: skip
KEY = bytes(32)
LOT = 500  # messages a sender asks for at once


def write(engine: EmbeddedEngine) -> int:
    """Write the campaign; how many messages were written."""
    policy = POLICIES.load("uniform")()
    return write_messages(
        engine, CAMPAIGN, settings=CopySettings(), offers=(), step=0, clock=FixedClock(NOW), policy=policy, key=KEY
    ).written


def release(engine: EmbeddedEngine) -> int:
    """Release every approved message in lots, as the sender does; how many may go."""
    gate = Gate(Seal(SealKind.REVIEW), engine, CAMPAIGN, settings=CopySettings(), key=KEY)
    engine.table("messages", "messages")
    released = 0
    for batch in engine.batches("SELECT * FROM messages WHERE status = 'approved'", rows=5000):
        rows = batch.cast(MESSAGES)
        for start in range(0, rows.num_rows, LOT):
            answers = gate.release(rows.slice(start, LOT), NOW)
            released += sum(isinstance(answer, ApprovedCopy) for answer in answers)
    return released


def change(engine: EmbeddedEngine) -> int:
    """New rows for one person in a hundred, in the layers that a daily run leaves."""
    for dataset in ("recommendations", "interests"):
        engine.table(dataset, dataset)
        some = f"SELECT DISTINCT person FROM {dataset} WHERE person < '028f'"  # 655 of 65,536
        engine.write(f"SELECT d.* FROM {dataset} d WHERE d.person < '028f'", dataset, supersede=some)
    return 0


STEPS: dict[str, Callable[[EmbeddedEngine], int]] = {"write": write, "release": release, "change": change}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(tables: str, *steps: str) -> None:
    """Run ``steps`` over ``tables``."""
    engine = EmbeddedEngine(Path(tables))
    report: dict[str, object] = {}
    for step in steps:
        before = _cpu()
        report[step] = {"messages": STEPS[step](engine), "cpu": _cpu() - before}
    report["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(report))


if __name__ == "__main__":
    main(*sys.argv[1:])

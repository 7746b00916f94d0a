"""Imports the files of the kill tests; run as a process of its own, and killed.

Usage: importing_child.py FOLDER
"""

from __future__ import annotations

import hashlib
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from siyu.domain.clock import FixedClock
from siyu.domain.progress import Step
from siyu.engine.embedded import EmbeddedEngine
from siyu.events import SourceSettings, import_events

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def name_of(raw: pa.Array) -> pa.Array:
    return pa.array([hashlib.sha256(one.encode()).hexdigest()[:32] for one in raw.to_pylist()], pa.string())


def sealed(payload: pa.Array) -> pa.Array:
    return pa.array([one.encode()[::-1] for one in payload.to_pylist()], pa.binary())


def told(step: Step) -> None:
    print("step", step.key, flush=True)


def main(folder: Path) -> None:
    engine = EmbeddedEngine(folder / "tables", memory="500MB", threads=1)
    source = SourceSettings(name="shop", paths=(str(folder / "*.csv"),), constants={"currency": "CNY"})
    print("ready", flush=True)
    import_events(engine, source, pseudonymise=name_of, encrypt=sealed, clock=FixedClock(NOW), progress=told)
    print("done", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Runs of stages: when, how long, how much memory, what was counted, and how they ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Float, Index, Integer, Row, String, Table, Text, select, update

from siyu.store.tables import METADATA, Moment

RUNS = Table(
    "runs",
    METADATA,
    Column("run", Integer, primary_key=True),
    Column("stage", String(64), nullable=False),
    Column("started", Moment, nullable=False),
    Column("finished", Moment),  # null: it runs, or it was killed
    Column("outcome", String(16)),  # done | failed
    Column("counts", Text),  # JSON object: the stage's report
    Column("seconds", Float),
    Column("peak_bytes", BigInteger),  # highest resident memory of the process
    Column("failure", Text),  # what an error said
    Index(None, "stage", "run"),
)


def begin(connection: Connection, stage: str, started: datetime) -> int:
    """Note that a stage starts and return the number of the run."""
    done = connection.execute(RUNS.insert().values(stage=stage, started=started))
    key = done.inserted_primary_key
    assert key is not None  # noqa: S101 - one row went in
    return int(key[0])


def finish(
    connection: Connection,
    run: int,
    *,
    finished: datetime,
    counts: Mapping[str, Any] | None = None,
    seconds: float,
    peak_bytes: int,
    failure: str | None = None,
) -> None:
    """Note how a run ended: done, or failed where ``failure`` is given."""
    values = {
        "finished": finished,
        "outcome": "done" if failure is None else "failed",
        "counts": json.dumps(counts or {}, ensure_ascii=False, sort_keys=True, default=str),
        "seconds": seconds,
        "peak_bytes": peak_bytes,
        "failure": failure,
    }
    connection.execute(update(RUNS).where(RUNS.c.run == run).values(values))


def latest(connection: Connection, stage: str | None = None, limit: int = 20) -> list[Row[Any]]:
    """The latest runs, newest first; of one stage where it is given. ``counts`` is JSON text."""
    asked = select(RUNS).order_by(RUNS.c.run.desc()).limit(limit)
    return list(connection.execute(asked if stage is None else asked.where(RUNS.c.stage == stage)))

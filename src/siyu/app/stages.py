"""Running a stage: measured, noted in the store's runs and in the audit log, failures too."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from siyu.app.measuring import Measure, measured
from siyu.app.shop import Shop
from siyu.domain.clock import SystemClock
from siyu.store import audit, runs

ACTOR = "siyu"


@dataclass(slots=True)
class Note:
    """What a stage leaves behind: its report goes into ``report`` before the block ends."""

    measure: Measure
    report: object = None


@contextmanager
def stage(shop: Shop, name: str) -> Iterator[Note]:
    """Run a stage inside; its time, memory, counts and failure are kept in the store."""
    with shop.store.connection() as connection:
        number = runs.begin(connection, name, shop.clock.now())
    failure: str | None = None
    note: Note | None = None
    try:
        with measured(name) as measure:
            note = Note(measure)
            yield note
    except BaseException as error:
        failure = type(error).__name__
        raise
    finally:
        assert note is not None  # noqa: S101 - set before anything can fail
        counts = plain(note.report) if note.report is not None else {}
        with shop.store.connection() as connection:
            runs.finish(
                connection,
                number,
                finished=shop.clock.now(),
                counts=counts,
                seconds=note.measure.seconds,
                peak_bytes=int(note.measure.peak_mb * 1024 * 1024),
                failure=failure,
            )
            audit.append(
                connection,
                at=SystemClock().now(),
                actor=ACTOR,
                action=f"stage.{name}",
                subject=shop.settings.campaign.name,
                detail={
                    "failure": failure,
                    "seconds": round(note.measure.seconds, 3),
                    "cpu_seconds": round(note.measure.cpu_seconds, 3),
                    "peak_mb": round(note.measure.peak_mb),
                },
            )


def plain(value: Any) -> Any:
    """``value`` as JSON values: dataclasses and models become dictionaries, moments ISO text.

    Example:
        >>> plain({"at": datetime(2026, 1, 1), "path": Path("x"), "n": (1, 2)})
        {'at': '2026-01-01T00:00:00', 'path': 'x', 'n': [1, 2]}
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, BaseModel):
        return plain(value.model_dump())
    if isinstance(value, dict) or hasattr(value, "items"):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value

"""Running a stage: measured, noted in the store's runs and in the audit log, failures too."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from siyu.app.measuring import Measure, measured
from siyu.app.shop import Shop
from siyu.domain.clock import SystemClock
from siyu.domain.errors import SiyuError
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
    begun = _Begun(shop, name, number)
    note = Note(Measure(name))
    try:
        with measured(name) as note.measure:
            yield note
    except BaseException as error:
        with suppress(SiyuError):  # on a full disk this fails too, and what happened first is what must be said
            begun.end(note, failure=type(error).__name__)
        raise
    begun.end(note, failure=None)


@dataclass(frozen=True, slots=True)
class _Begun:
    """A run that was noted in the store and must be ended there."""

    shop: Shop
    name: str
    number: int

    def end(self, note: Note, *, failure: str | None) -> None:
        """Note how it ended, in the runs and in the audit log."""
        with self.shop.store.connection() as connection:
            runs.finish(
                connection,
                self.number,
                finished=self.shop.clock.now(),
                counts=plain(note.report) if note.report is not None else {},
                seconds=note.measure.seconds,
                peak_bytes=int(note.measure.peak_mb * 1024 * 1024),
                failure=failure,
            )
            audit.append(
                connection,
                at=SystemClock().now(),
                actor=ACTOR,
                action=f"stage.{self.name}",
                subject=self.shop.settings.campaign.name,
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

"""Diginetica, CIKM Cup 2016: shop sessions in order, and prefixes of later sessions with the product that came next.

Models learn from whole sessions. The sessions that are asked about begin afterwards, one for each prefix, so nothing is
learnt from them. The validation part holds out the last tenth of the sessions to learn from, in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from siyu.app.benchmarks.port import Opened, required
from siyu.app.benchmarks.writing import events_of, keep_catalogue, products_of, profiled
from siyu.domain.progress import Progress
from siyu.engine.embedded import EmbeddedEngine
from siyu.engine.sql import fill
from siyu.recommendations.evaluation.exam import Exam, Part
from siyu.recommendations.evaluation.splitting import Shown, assemble

_BEGIN: Final = datetime(2016, 1, 1, tzinfo=UTC)
_STEP: Final = timedelta(seconds=60)
"""From one session to the next: the set tells their order only. 186,670 of them take four months, as they did."""
_SECOND: Final = 1_000_000

Prefixes = tuple[pa.ListArray, pa.Array]


@dataclass(frozen=True)
class SessionSplit:
    """Whole sessions to learn from, later prefixes to be asked about."""

    sessions: pa.ListArray
    prefixes: pa.ListArray
    targets: pa.Array

    @cached_property
    def held(self) -> int:
        """Sessions to learn from in the validation part."""
        return len(self.sessions) - len(self.sessions) // 10

    def exam(self, shown: Shown, part: Part, folder: Path) -> Exam:
        """See :class:`siyu.recommendations.evaluation.splitting.Split`."""
        shown.engine.table("events", "events")
        learnt = len(self.sessions) if part is Part.TEST else self.held
        prefixes, targets = (self.prefixes, self.targets) if part is Part.TEST else cut_up(self.sessions[self.held :])
        end = _BEGIN + learnt * _STEP
        now = end + timedelta(hours=1)
        people = np.char.add("q", np.char.zfill(np.arange(len(prefixes)).astype(str), 6))
        late = _events(prefixes, people, np.full(len(prefixes), int(now.timestamp()) * _SECOND), ends=True)
        wanted = pa.table({"person": pa.array(people, pa.string()), "item": targets.cast(pa.string())})
        split = {"kind": "sessions", "part": part.value, "sessions": learnt}
        return assemble(
            shown, folder, visible=fill("SELECT * FROM events WHERE ts < $end", end=end), wanted=wanted, now=now,
            split=split, late=late,
        )  # fmt: skip


def cut_up(sessions: pa.ListArray) -> Prefixes:
    """Every prefix of every session with the item that came next.

    Example:
        >>> prefixes, targets = cut_up(pa.array([[4, 5, 6], [7]]))
        >>> prefixes.to_pylist(), targets.to_pylist()
        ([[4], [4, 5]], [5, 6])
    """
    whole: Sequence[Any] = [np.asarray(session) for session in sessions.to_pylist()]
    prefixes = [session[:end] for session in whole for end in range(1, len(session))]
    targets = [session[end] for session in whole for end in range(1, len(session))]
    return pa.array(prefixes, pa.list_(pa.int64())), pa.array(targets, pa.int64())


@dataclass(frozen=True, slots=True)
class DigineticaBenchmark:
    """Two files: sessions, and prefixes with their target."""

    name: str = "diginetica"
    places: int = 20
    at: datetime | None = None

    def open(self, data: Path, folder: Path, *, at: datetime | None, progress: Progress) -> Opened:
        """Clicks become looks at a product's page."""
        place = required(data / self.name, self.name)
        sessions = pq.read_table(required(place / "train_sessions.parquet", self.name))["session"].combine_chunks()
        asked = pq.read_table(required(place / "test_prefixes.parquet", self.name))
        begins = int(_BEGIN.timestamp()) * _SECOND + np.arange(len(sessions)) * int(_STEP.total_seconds()) * _SECOND
        people = np.char.add("s", np.char.zfill(np.arange(len(sessions)).astype(str), 6))
        engine = EmbeddedEngine(folder / "tables", memory="1500MB")
        engine.write(_events(sessions, people, begins).to_reader(), "events")
        items = sorted({str(item) for item in sessions.flatten().unique().to_pylist()})
        engine.write(products_of(dict.fromkeys(items, ())), "products")
        shown = Shown(
            engine, self.name, catalogue=lambda view, now: keep_catalogue(engine, view), prepare=profiled,
            kind="browse",
        )  # fmt: skip
        split = SessionSplit(sessions, asked["prefix"].combine_chunks(), asked["target"].combine_chunks())
        return Opened(shown, split)


def _events(lists: pa.ListArray, people: NDArray[Any], moments: NDArray[Any], *, ends: bool = False) -> pa.Table:
    """Looks a second apart, as histories count; ``moments`` are those of the first of each list, or of the last."""
    sizes = pa.compute.list_value_length(lists).to_numpy(zero_copy_only=False)
    places = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    shift = places - (np.repeat(sizes, sizes) - 1 if ends else 0)
    items = lists.flatten().cast(pa.string()).to_numpy(zero_copy_only=False)
    return events_of(
        np.repeat(people, sizes), items, np.repeat(moments, sizes) + shift * _SECOND, places, kind="browse"
    )


DIGINETICA: Final = DigineticaBenchmark()

"""An entrant sits an exam: it learns from what it may see, and its lists are collected, with what they cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain.clock import FixedClock
from siyu.domain.kinds import Lane
from siyu.domain.progress import Progress, Step, silent
from siyu.engine.port import Engine
from siyu.engine.sql import query
from siyu.recommendations.evaluation.breadth import Own
from siyu.recommendations.evaluation.exam import Exam
from siyu.recommendations.evaluation.truth import Codes, Truth
from siyu.recommendations.history import PACKAGE
from siyu.recommendations.hybrid.choice import Choice, standing
from siyu.recommendations.settings import RecommendationSettings
from siyu.recommendations.stage import recommend

Gauge: TypeAlias = Callable[[str], AbstractContextManager[Any]]
"""Measures what runs inside; what it gives has ``peak_mb``."""

TASKS = ("discover", "buy_again", "both")
"""What is asked: new products only, all purchases from what was bought before, all purchases with both lists."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the wall and of CPU (all threads) by phase, the peak memory of the process in MB, people served.

    Phases: ``prepare`` (reading histories), ``fit`` (learning), ``score`` (lists for everyone who was asked for).
    """

    seconds: Mapping[str, float]
    cpu_seconds: Mapping[str, float]
    peak_mb: float
    people: int


@dataclass(frozen=True)
class Sheet:
    """The truth of an exam as arrays: people and items by code.

    Attributes:
        items: the catalogue first, then what was wanted and is not in it.
        buyers: of each item of the catalogue, people who had it.
        kinds: of each item of the catalogue, its category; -1 for none.
        own: categories of what each person had.
    """

    people: pa.Array
    items: pa.Array
    buyers: Codes
    kinds: Codes
    known: int
    row: Codes
    item: Codes
    owned: np.ndarray[Any, np.dtype[np.bool_]]
    own: Own | None = None

    @classmethod
    def of(cls, exam: Exam) -> Sheet:
        """Read the catalogue of the exam and code its truth."""
        with exam.view() as view:
            for name in ("events", "products"):
                view.table(name, name)
            sql = query(f"{PACKAGE}.evaluation", "catalogue", kind=exam.kind)
            table = pa.Table.from_batches([batch.cast(_CATALOGUE) for batch in view.batches(sql)], _CATALOGUE)
            view.table("asked", exam.people)
            own = query(f"{PACKAGE}.evaluation", "own", kind=exam.kind)
            shares = pa.Table.from_batches([batch.cast(_OWN) for batch in view.batches(own)], _OWN)
        table = table.sort_by("item")
        listed = table["item"].combine_chunks()
        wanted = exam.wanted["item"].combine_chunks()
        more = pc.unique(wanted.filter(pc.invert(pc.is_in(wanted, listed))))
        people = exam.people["person"].combine_chunks().sort()
        items = pa.concat_arrays([listed, more])
        coded = table["category"].combine_chunks().dictionary_encode()
        kinds = coded.indices.fill_null(-1)
        return cls(
            people, items, table["people"].to_numpy(), kinds.to_numpy(zero_copy_only=False), exam.counts["people"],
            _places(exam.wanted["person"].combine_chunks(), people), _places(wanted, items),
            exam.wanted["owned"].to_numpy().astype(bool), _own(shares, people, coded.dictionary),
        )  # fmt: skip

    def truth(self, task: str) -> Truth:
        """What is wanted of everyone in a task."""
        asked = ~self.owned if task == "discover" else np.ones(len(self.owned), bool)
        return Truth.of(self.row[asked], self.item[asked], len(self.people))

    def lists(self, table: pa.Table, places: int) -> Codes:
        """People by places, item codes, -1 where a list is short; of products outside the catalogue too."""
        ranked = np.full((len(self.people), places), -1, np.int64)
        row = _places(table["person"].combine_chunks(), self.people)
        place = table["rank"].to_numpy().astype(np.int64) - 1
        inside = (row >= 0) & (place < places)
        ranked[row[inside], place[inside]] = _places(table["item"].combine_chunks(), self.items)[inside]
        return ranked


_CATALOGUE = pa.schema([("item", pa.string()), ("category", pa.string()), ("people", pa.int64())])
_OWN = pa.schema([("person", pa.string()), ("category", pa.string()), ("items", pa.int64())])
_LISTED = pa.schema([("person", pa.string()), ("lane", pa.string()), ("rank", pa.int32()), ("item", pa.string())])


@dataclass
class Desk:
    """Where an entrant sits: one view of the exam, kept open so that settings can be tried without learning again.

    ``used`` is what was in force when somebody last sat: named, or chosen from what the exam shows.
    """

    exam: Exam
    sheet: Sheet
    places: int
    gauge: Gauge | None = None
    progress: Progress = silent
    _stack: ExitStack = field(default_factory=ExitStack)
    _view: Engine | None = None
    used: Choice | None = None

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def sit(self, settings: RecommendationSettings, name: str) -> tuple[dict[str, Codes], Cost]:
        """Lists by task, and what they cost."""
        meter = Meter(self.progress)
        with (self.gauge or _ungauged)(name) as taken:
            if self.exam.late is None:
                view = self._opened()
                recommend(view, settings, clock=self._clock, progress=meter, whom=self.exam.people)
            else:
                view = self._reopened()
                recommend(view, settings, clock=self._clock, progress=meter, whom=self.exam.people.slice(0, 0))
                meter.enough()
                view.write(self.exam.late.to_reader(), "events", append=True)
                recommend(view, settings, clock=self._clock, progress=meter)
            meter.enough()
            self.used = standing(view, settings, "both")
            view.table("recommendations", "recommendations")
            sql = f"SELECT person, lane, rank, item FROM recommendations WHERE rank <= {int(self.places)}"
            found = pa.Table.from_batches([batch.cast(_LISTED) for batch in view.batches(sql)], _LISTED)
        cost = Cost(dict(meter.seconds), dict(meter.cpu), float(getattr(taken, "peak_mb", 0.0)), len(self.sheet.people))
        return self._by_task(found), cost

    @property
    def _clock(self) -> FixedClock:
        return FixedClock(self.exam.now)

    def _opened(self) -> Engine:
        if self._view is None:
            self._view = self._stack.enter_context(self.exam.view())
        return self._view

    def _reopened(self) -> Engine:
        self._stack.close()
        self._view = None
        return self._opened()

    def _by_task(self, found: pa.Table) -> dict[str, Codes]:
        lanes = {
            lane.value: self.sheet.lists(found.filter(pc.equal(found["lane"], lane.value)), self.places)
            for lane in Lane
        }
        return {**lanes, "both": joined(lanes[Lane.BUY_AGAIN.value], lanes[Lane.DISCOVER.value])}


def joined(first: Codes, then: Codes) -> Codes:
    """``first``, and where it is short what follows from ``then`` that is not in it yet.

    Example:
        >>> joined(np.array([[7, -1, -1]]), np.array([[7, 4, 5]])).tolist()
        [[7, 4, 5]]
    """
    places = first.shape[1]
    both = np.hstack([first, then])
    again = np.zeros_like(both, bool)
    again[:, places:] = (then[:, :, None] == first[:, None, :]).any(axis=2)
    gone = (both < 0) | again
    order = np.argsort(gone, axis=1, kind="stable")[:, :places]
    return np.where(np.take_along_axis(gone, order, axis=1), -1, np.take_along_axis(both, order, axis=1))


class Meter:
    """Seconds by phase, told from what the stage says it does."""

    def __init__(self, progress: Progress) -> None:
        self.seconds: dict[str, float] = {"prepare": 0.0, "fit": 0.0, "score": 0.0}
        self.cpu = dict(self.seconds)
        self._progress = progress
        self._phase = "prepare"
        self._since = time.perf_counter(), time.process_time()

    def __call__(self, step: Step) -> None:
        phase = next((name for name in ("fit", "score") if step.key.startswith(f"recommend.{name}")), self._phase)
        if phase != self._phase:
            self._turn(phase)
        self._progress(step)

    def enough(self) -> None:
        """The stage is over."""
        self._turn("prepare")

    def _turn(self, phase: str) -> None:
        now = time.perf_counter(), time.process_time()
        self.seconds[self._phase] += now[0] - self._since[0]
        self.cpu[self._phase] += now[1] - self._since[1]
        self._since, self._phase = now, phase


def _ungauged(name: str) -> AbstractContextManager[Any]:
    return nullcontext()


def _places(values: pa.Array, among: pa.Array) -> Codes:
    found: Codes = pc.index_in(values, among).fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return found


def _own(table: pa.Table, people: pa.Array, categories: pa.Array) -> Own:
    row = _places(table["person"].combine_chunks(), people)
    items = table["items"].to_numpy().astype(np.float64)
    total = np.bincount(row, weights=items, minlength=len(people))
    return Own(row, _places(table["category"].combine_chunks(), categories), items / total[row])

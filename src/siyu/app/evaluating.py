"""Evaluating: models on the project's own past, or on a public benchmark, by a judge that they cannot look over."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

from siyu.app.benchmarks import BENCHMARKS
from siyu.app.evaluation_page import save_page
from siyu.app.measuring import measured
from siyu.app.shop import Shop
from siyu.app.showing import shown
from siyu.domain.errors import SettingsError
from siyu.domain.progress import Progress, silent
from siyu.engine.resolved import events
from siyu.recommendations.evaluation.entrants import DEFAULT, Entrant, entrant
from siyu.recommendations.evaluation.exam import Part
from siyu.recommendations.evaluation.judging import Asking, Evaluation, judge
from siyu.recommendations.evaluation.sitting import TASKS
from siyu.recommendations.evaluation.splitting import LeaveOneOut, Shown, Split, TimeSplit
from siyu.recommendations.settings import RecommendationSettings

MODELS = ("popularity", "personal_frequency", DEFAULT)
"""Compared where none is named: the plainest model of each lane, and what the shop gets."""


class Splitting(StrEnum):
    """How the data are split."""

    TIME = "time"
    LEAVE_ONE_OUT = "leave-one-out"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be evaluated.

    Attributes:
        models: as :func:`siyu.recommendations.evaluation.entrants.entrant` reads them; the first is compared against.
        split: ``None`` for the benchmark's own, or by time.
        at, until: of a time split; without ``at`` the last fifth of the events is the test.
        refit, ask_after: of leave one out, see :class:`.LeaveOneOut`.
        places: how many places of a list count; 0 for 20, or what the benchmark's published figures use.
        tasks: some of ``discover``, ``buy_again``, ``both``; all where empty.
        kind: the kind of event that is to be named; empty for purchases, or the benchmark's own.
        budget: seconds to choose settings in, for each model; ``None`` to take them as given.
    """

    models: Sequence[str] = ()
    split: Splitting | None = None
    at: datetime | None = None
    until: datetime | None = None
    refit: bool = False
    ask_after: bool = False
    places: int = 0
    tasks: Sequence[str] = ()
    part: Part = Part.TEST
    kind: str = ""
    budget: float | None = None
    resamples: int = 1000


@dataclass(frozen=True, slots=True)
class EvaluationMade:
    """What was found, and where the page with it lies."""

    evaluation: Evaluation
    page: Path


def evaluate_project(
    shop: Shop, wanted: Wanted, *, page: Path | None = None, progress: Progress = silent
) -> EvaluationMade:
    """Evaluate on the project's own events. It only reads them: no dataset of the project is written.

    Raises:
        MissingDataError: nothing was imported yet.
        SettingsError: there is no such model, option or task.
        InputError: the split leaves nothing on one of its sides.
    """
    places = wanted.places or 20
    entrants = _entrants(wanted, places, shop.settings.recommendations, "project")
    data = shown(
        shop, name=shop.settings.project.name, kind=wanted.kind or "purchase",
        interests=any(one.reads_interests for one in entrants),
    )  # fmt: skip
    split = _split(wanted, data)
    found = _judged(data, split, entrants, wanted, places, progress)
    target = page or shop.paths.reports / "evaluation.html"
    return EvaluationMade(found, save_page(found, target, language=shop.settings.report.language))


def evaluate_benchmark(
    name: str,
    data: Path,
    wanted: Wanted,
    *,
    page: Path | None = None,
    work: Path | None = None,
    language: str = "en",
    progress: Progress = silent,
) -> EvaluationMade:
    """Evaluate on a public data set below ``data``, which is read where it lies.

    Args:
        work: a folder in which what had to be imported is kept for the next time; a temporary one where left out.

    Raises:
        SettingsError: there is no such benchmark, model, option or task.
        MissingDataError: the data are not there.
    """
    benchmark = BENCHMARKS.load(name)
    places = wanted.places or benchmark.places
    entrants = _entrants(wanted, places, RecommendationSettings(), "defaults")
    with _folder(work) as folder:
        opened = benchmark.open(data, folder / name, at=wanted.at, progress=progress)
        shown = opened.shown
        if not any(one.reads_interests for one in entrants):
            shown = replace(shown, prepare=lambda view, now: None)
        if wanted.kind:
            shown = replace(shown, kind=wanted.kind)
        split = opened.split
        if wanted.split is not None or wanted.until is not None:
            split = _split(replace(wanted, at=wanted.at or benchmark.at), shown)
        elif isinstance(split, LeaveOneOut):
            split = LeaveOneOut(refit=wanted.refit, ask_after=wanted.ask_after)
        found = _judged(shown, split, entrants, wanted, places, progress)
    return EvaluationMade(found, save_page(found, page or Path(f"evaluation-{name}.html"), language=language))


def data_folder(given: Path | None, environment: Mapping[str, str] = os.environ) -> Path:
    """Where benchmarks lie: ``--data``, else ``SIYU_DATA``.

    Raises:
        SettingsError: neither is given.
    """
    place = given or (Path(environment["SIYU_DATA"]) if environment.get("SIYU_DATA") else None)
    if place is None:
        raise SettingsError(
            "Benchmarks are not part of Siyu.",
            why="The folder that holds the data sets is not known.",
            next_step="Name it with --data FOLDER, or set SIYU_DATA.",
        )
    return place


def splitting(text: str) -> Splitting | None:
    """A split by its name; ``None`` for none.

    Raises:
        SettingsError: there is no such split.
    """
    if not text:
        return None
    try:
        return Splitting(text)
    except ValueError as error:
        known = ", ".join(Splitting)
        raise SettingsError(
            f"There is no split {text!r}.", why=f"Known: {known}.", next_step="Use one of these."
        ) from error


def seconds(text: str) -> float:
    """A budget as people write it.

    Example:
        >>> seconds("60s"), seconds("2m"), seconds("1.5h"), seconds("90")
        (60.0, 120.0, 5400.0, 90.0)

    Raises:
        SettingsError: it is no length of time.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text.strip())
    if not found:
        raise SettingsError(f"{text!r} is no length of time.", next_step="Write 60s, 2m or 1h.")
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]


def _judged(
    data: Shown, split: Split, entrants: Sequence[Entrant], wanted: Wanted, places: int, progress: Progress
) -> Evaluation:
    unknown = sorted(set(wanted.tasks) - set(TASKS))
    if unknown:
        raise SettingsError(
            f"There is no lane {', '.join(unknown)}.", why=f"Known: {', '.join(TASKS)}.", next_step="Use one of these."
        )
    asking = Asking(
        places=places, tasks=tuple(task for task in TASKS if task in (wanted.tasks or TASKS)), budget=wanted.budget,
        part=wanted.part, resamples=wanted.resamples,
    )  # fmt: skip
    return judge(data, split, entrants, asking=asking, gauge=measured, progress=progress)


def _entrants(wanted: Wanted, places: int, base: RecommendationSettings, origin: str) -> tuple[Entrant, ...]:
    named = dict.fromkeys(wanted.models or MODELS)  # each once
    return tuple(entrant(text, top=places, base=base, base_origin=origin) for text in named)


def _split(wanted: Wanted, data: Shown) -> Split:
    if wanted.split is Splitting.LEAVE_ONE_OUT:
        return LeaveOneOut(refit=wanted.refit, ask_after=wanted.ask_after)
    return TimeSplit(wanted.at or _last_fifth(data), wanted.until)


def _last_fifth(data: Shown) -> datetime:
    """The start of the day from which on lies the last fifth of the time that events cover."""
    events(data.engine)
    first, last = next(
        row for batch in data.engine.batches("SELECT min(ts) AS first, max(ts) AS last FROM events")
        for row in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True)
    )  # fmt: skip
    from siyu.app.moments import moment

    if first is None:
        return moment("1970-01-02")
    cut = last - (last - first) / 5
    day = cut.replace(hour=0, minute=0, second=0, microsecond=0)
    return moment((day if day > first else cut).isoformat())


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given.resolve()
        return
    with TemporaryDirectory(prefix="siyu-benchmark-") as made:
        yield Path(made).resolve()

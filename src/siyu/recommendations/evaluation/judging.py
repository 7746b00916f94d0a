"""The judge: several models on one exam, every measure with its interval, every model against the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np

from siyu.domain.errors import InputError
from siyu.domain.kinds import Lane
from siyu.domain.progress import Progress, Step, silent
from siyu.recommendations.evaluation.accuracy import accuracy
from siyu.recommendations.evaluation.breadth import breadth, by_list
from siyu.recommendations.evaluation.choosing import Chosen, choose
from siyu.recommendations.evaluation.entrants import Entrant
from siyu.recommendations.evaluation.exam import Exam, Part
from siyu.recommendations.evaluation.intervals import Resampled, resampled
from siyu.recommendations.evaluation.sitting import TASKS, Cost, Desk, Gauge, Sheet
from siyu.recommendations.evaluation.splitting import Shown, Split
from siyu.recommendations.evaluation.truth import Codes, Truth
from siyu.recommendations.hybrid.choice import Choice, Source
from siyu.stats.estimate import Estimate, Reading

ACCURACY: Final = ("recall", "ndcg", "hit", "mrr", "map", "precision")
WHOLE: Final = ("coverage", "gini")
"""Measures of all lists together: no sum over people, so no interval."""


@dataclass(frozen=True, slots=True)
class Asking:
    """How to examine.

    Attributes:
        places: how many places of each list count.
        tasks: of :data:`.sitting.TASKS`; a model takes part in those its lanes serve.
        resamples: of the bootstrap; ``level``: of its intervals; ``seed``: of its draws.
        budget: seconds to choose the settings of each model in, on the validation part; ``None`` to take them as given.
    """

    places: int = 20
    tasks: tuple[str, ...] = TASKS
    resamples: int = 1000
    level: float = 0.95
    seed: int = 20_261
    budget: float | None = None
    part: Part = Part.TEST


@dataclass(frozen=True, slots=True)
class Row:
    """One model on one task: every measure, and accuracy less that of the first model (``against``)."""

    model: str
    measures: Mapping[str, Mapping[str, Any]]
    against: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    served: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """One task: people asked, items wanted of them, the models that took part (the first is compared against)."""

    name: str
    people: int
    wanted: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What one model is made of and what it cost; ``chosen`` where its settings were chosen on a validation part."""

    model: str
    origin: str
    weights: Mapping[str, float]
    options: Mapping[str, Mapping[str, Any]]
    cost: Cost
    chosen: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that was measured."""

    of: str
    split: Mapping[str, Any]
    counts: Mapping[str, int]
    places: int
    level: float
    resamples: int
    kind: str
    tasks: tuple[Task, ...]
    models: tuple[Taken, ...]
    notes: tuple[str, ...] = ()


def judge(
    shown: Shown,
    split: Split,
    entrants: Sequence[Entrant],
    *,
    asking: Asking,
    gauge: Gauge | None = None,
    progress: Progress = silent,
) -> Evaluation:
    """Examine ``entrants`` on one part of the data.

    Raises:
        InputError: the split leaves nothing to learn from, or nobody to ask for.
    """
    chosen: dict[str, Chosen] = {}
    with TemporaryDirectory(prefix="siyu-exam-") as folder:
        if asking.budget is not None:
            progress(Step("evaluate.validation"))
            trial = split.exam(shown, Part.VALIDATION, Path(folder).resolve() / "validation")
            for one in entrants:
                chosen[one.label] = choose(
                    trial, one, places=asking.places, budget=asking.budget, progress=progress,
                    tasks=tuple(task for task in asking.tasks if task != "both"),
                )  # fmt: skip
        progress(Step("evaluate.prepare"))
        exam = split.exam(shown, asking.part, Path(folder).resolve() / "exam")
        final = [chosen[one.label].entrant if one.label in chosen else one for one in entrants]
        lists, costs, used = _sat(exam, final, asking, gauge, progress)
        tasks = _tasks(exam, final, lists, asking)
    return Evaluation(
        of=shown.name, split=exam.split, counts=exam.counts, places=asking.places, level=asking.level,
        resamples=asking.resamples, kind=exam.kind, tasks=tasks, notes=exam.notes,
        models=tuple(_taken(one, costs[one.label], chosen.get(one.label), used[one.label]) for one in final),
    )  # fmt: skip


Lists = dict[str, dict[str, Codes]]
"""Of each model, by task."""


def _sat(
    exam: Exam, entrants: Sequence[Entrant], asking: Asking, gauge: Gauge | None, progress: Progress
) -> tuple[Lists, dict[str, Cost], dict[str, Choice | None]]:
    """Every model in a view of its own: none finds what another left."""
    sheet = Sheet.of(exam)
    lists: Lists = {}
    costs: dict[str, Cost] = {}
    used: dict[str, Choice | None] = {}
    for done, one in enumerate(entrants):
        progress(Step(f"evaluate.{one.label}", done, len(entrants)))
        with Desk(exam, sheet, asking.places, gauge, progress) as desk:
            lists[one.label], costs[one.label] = desk.sit(one.settings, one.label)
            used[one.label] = desk.used
    return lists, costs, used


def _tasks(exam: Exam, entrants: Sequence[Entrant], lists: Lists, asking: Asking) -> tuple[Task, ...]:
    sheet, found, asked = Sheet.of(exam), list[Task](), list[str]()
    for name in asking.tasks:
        truth = sheet.truth(name)
        asked += [name] if truth.sizes.any() else []
        mine = {one.label: lists[one.label][name] for one in entrants if name in _served(one)}
        if mine and truth.sizes.any() and any((ranked >= 0).any() for ranked in mine.values()):
            rows = _rows(sheet, truth, mine, asking)
            found.append(Task(name, int((truth.sizes > 0).sum()), int(truth.sizes.sum()), rows))
    if not found:
        raise InputError(
            "There is nothing to compare.",
            why=_nothing(asked, entrants, exam),
            next_step="Name another model, another --lane, or a split (--at) that leaves more on both sides.",
        )
    return tuple(found)


def _nothing(asked: Sequence[str], entrants: Sequence[Entrant], exam: Exam) -> str:
    """Why no lane can be judged."""
    if not asked:
        return (
            "Nothing that people did after the split can be named in these lanes: the catalogue knew none of it then, "
            f"or they had bought it before ({exam.counts['absent_items']} such products were left out)."
        )
    if not any(_served(one) & set(asked) for one in entrants):
        return f"No model serves a lane ({', '.join(asked)}) in which somebody is asked for something."
    return f"The models named nothing for anybody in the lanes in which somebody is asked: {', '.join(asked)}."


def _served(entrant: Entrant) -> set[str]:
    """Tasks whose lane the models serve; ``both`` needs both."""
    lanes = {lane.value for lane in entrant.lanes}
    return lanes | ({"both"} if len(lanes) == len(Lane) else set())


def _rows(sheet: Sheet, truth: Truth, lists: Mapping[str, Codes], asking: Asking) -> tuple[Row, ...]:
    """All measures of all models from one set of resamples."""
    asked = truth.sizes > 0
    columns: dict[tuple[str, str], tuple[Any, Any]] = {}
    whole: dict[str, dict[str, float]] = {}
    known, own = len(sheet.buyers), sheet.own.of(asked) if sheet.own is not None else None
    for model, ranked in lists.items():
        for name, values in accuracy(ranked, truth, places=asking.places).items():
            columns[model, name] = values, np.ones_like(values)
        listed = np.where(ranked[asked] < known, ranked[asked], -1)
        whole[model] = breadth(listed, sheet.buyers, people=sheet.known, kinds=sheet.kinds, own=own)
        for name, sums in by_list(listed, sheet.buyers, people=sheet.known, kinds=sheet.kinds, own=own).items():
            columns[model, name] = sums
    place = {key: at for at, key in enumerate(columns)}
    above, below = (np.column_stack([pair[side] for pair in columns.values()]) for side in (0, 1))
    drawn = resampled(above, below, seed=asking.seed, resamples=asking.resamples)
    first = next(iter(lists))
    return tuple(
        Row(
            model,
            {name: _figures(drawn.interval(at, level=asking.level), drawn.value[at])
             for (whose, name), at in place.items() if whose == model}
            | {name: {"value": whole[model][name]} for name in WHOLE if name in whole[model]},
            {} if model == first else _against(drawn, place, (model, first), asking.level),
            int((ranked[asked] >= 0).any(axis=1).sum()),
        )
        for model, ranked in lists.items()
    )  # fmt: skip


def _against(
    drawn: Resampled, place: Mapping[tuple[str, str], int], models: tuple[str, str], level: float
) -> dict[str, dict[str, Any]]:
    found = {}
    for name in (*ACCURACY, "novelty", "popularity", "diversity", "miscalibration"):
        mine, other = place.get((models[0], name)), place.get((models[1], name))
        if mine is not None and other is not None:
            gap = drawn.difference(mine, other, level=level)
            found[name] = _figures(gap, drawn.value[mine] - drawn.value[other])
    return found


def _figures(found: Reading, value: float) -> dict[str, Any]:
    if isinstance(found, Estimate):
        return {"value": found.value, "low": found.low, "high": found.high}
    return {"value": float(value), "lacking": found.why.value}


def _taken(entrant: Entrant, cost: Cost, chosen: Chosen | None, used: Choice | None) -> Taken:
    told, settings, origin = None, entrant.settings, entrant.origin
    if chosen is not None:
        told = {name: getattr(chosen, name) for name in chosen.__slots__ if name != "entrant"}
    elif used is not None and used.source is not Source.NAMED:
        settings = used.settings(settings)
        origin = "chosen" if used.source is Source.CHOSEN else origin
        told = _by_itself(used) if used.source is Source.CHOSEN else None
    weights = {name: weight for name, weight in settings.weights.items() if weight}
    return Taken(entrant.label, origin, weights, settings.options, cost, told)


def _by_itself(used: Choice) -> dict[str, Any]:
    """What the stage chose by itself, on a stretch inside of what the exam shows."""
    lanes = list(used.lanes.values())
    return {
        "split": {"kind": "time", "at": used.cut, "until": used.until, "part": "own"},
        "measure": "ndcg+recall", "tried": sum(one["tried"] for one in lanes), "seconds": used.seconds,
        "budget": None, "complete": not used.cut_short,
        "first": float(np.mean([one["plain"] for one in lanes])),
        "best": float(np.mean([one["measure"] for one in lanes])),
        "changed": {}, "lanes": dict(used.lanes), "learned": dict(used.learned),
    }  # fmt: skip

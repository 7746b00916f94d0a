"""Choosing settings on a validation part within a time budget: one step at a time, keeping what is better.

The steps are told from the settings themselves: weights of models that share a lane are halved, doubled or dropped;
numbers among a model's options are halved or doubled, alternatives tried. A step that helped is taken again. It helped
where the same people's lists are better by more than the standard error of the difference: of many steps that change
nothing, some look better by luck.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from siyu.domain.errors import SettingsError
from siyu.domain.progress import Progress, Step, silent
from siyu.recommendations.evaluation.accuracy import accuracy
from siyu.recommendations.evaluation.climbing import Rating, climb
from siyu.recommendations.evaluation.entrants import Entrant
from siyu.recommendations.evaluation.exam import Exam
from siyu.recommendations.evaluation.sitting import Desk, Sheet
from siyu.recommendations.lineup import chosen_models
from siyu.recommendations.settings import RecommendationSettings
from siyu.recommendations.table import RECOMMENDERS

MEASURE: Final = "ndcg"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What came of choosing.

    Attributes:
        entrant: with the settings that were best.
        split: the part it was chosen on, as the exam tells it.
        tried: settings examined, the first included; ``complete``: no step was left that could have helped.
        first, best: the measure, averaged over tasks, of the first settings and of the best.
        changed: what differs from the first settings, by dotted name.
    """

    entrant: Entrant
    split: dict[str, Any]
    measure: str
    tried: int
    seconds: float
    budget: float
    complete: bool
    first: float
    best: float
    changed: dict[str, Any]


def choose(
    exam: Exam,
    entrant: Entrant,
    *,
    places: int,
    budget: float,
    tasks: tuple[str, ...] = ("discover", "buy_again"),
    timer: Callable[[], float] = time.perf_counter,
    progress: Progress = silent,
) -> Chosen:
    """The best settings of ``entrant`` that were found on ``exam`` within ``budget`` seconds.

    The first settings are always examined, whatever they take; every other trial begins within the budget.
    """
    begun = timer()
    sheet = Sheet.of(exam)
    judged = tuple(task for task in tasks if task in {lane.value for lane in entrant.lanes})
    truths = {task: sheet.truth(task) for task in judged or tuple(lane.value for lane in entrant.lanes)}
    tried: dict[str, Rating] = {}
    with Desk(exam, sheet, places) as desk:

        def rate(settings: RecommendationSettings) -> Rating:
            key = settings.model_dump_json()
            if key not in tried:
                lists, _ = desk.sit(settings, entrant.label)
                found = [accuracy(lists[task], truth, places=places)[MEASURE] for task, truth in truths.items()]
                tried[key] = Rating([values for values in found if values.size])
                progress(Step("evaluate.choose", len(tried), 0))
            return tried[key]

        first = rate(entrant.settings)
        begin = entrant.settings
        if not begin.weights and desk.used is not None:  # the stage has chosen models: these steps go on from there
            begin = desk.used.settings(begin)
            first = rate(begin)
        best, last, complete = climb(begin, first, rate=rate, steps=steps, more=lambda: timer() - begun < budget)
    return Chosen(
        Entrant(entrant.label, best, "chosen"), dict(exam.split), MEASURE, len(tried), timer() - begun, budget,
        complete, first.value, last.value, _changed(begin, best),
    )  # fmt: skip


Change = Callable[[RecommendationSettings], RecommendationSettings | None]


def steps(settings: RecommendationSettings) -> Iterator[Change]:
    """Every single step away from ``settings``: cheap ones (weights: nothing is learnt again) first."""
    models = chosen_models(settings)
    lanes = [model.lane for model in models.values()]
    for name, model in models.items():
        if lanes.count(model.lane) > 1:
            for factor in (0.5, 2.0, 0.0):
                yield _weighted(name, factor)
    for name in models:
        for option, field in RECOMMENDERS.load(name).Options.model_fields.items():
            for other in _others(field):
                yield _optioned(name, option, other)


def _weighted(name: str, factor: float) -> Change:
    def change(settings: RecommendationSettings) -> RecommendationSettings | None:
        weight = settings.weights.get(name, 0.0)
        if not weight:
            return None
        weights = {**settings.weights, name: round(weight * factor, 6)}
        options = {key: value for key, value in settings.options.items() if weights.get(key, 0) or key != name}
        return _validated(settings, weights=weights, options=options)

    return change


def _optioned(name: str, option: str, other: Callable[[Any], Any]) -> Change:
    def change(settings: RecommendationSettings) -> RecommendationSettings | None:
        if not settings.weights.get(name):
            return None
        kind = RECOMMENDERS.load(name).Options
        mine = settings.options.get(name, {})
        now = getattr(kind.model_validate(mine), option)
        then = other(now)
        if then is None or then == now:
            return None
        return _validated(settings, options={**settings.options, name: {**mine, option: then}})

    return change


def _validated(settings: RecommendationSettings, **changed: Any) -> RecommendationSettings | None:
    try:
        made = RecommendationSettings.model_validate({**settings.model_dump(), **changed})
        return made if chosen_models(made) else None
    except (ValidationError, SettingsError):  # beyond a bound
        return None


def _others(field: FieldInfo) -> list[Callable[[Any], Any]]:
    """Ways to another value of an option."""
    kind = field.annotation
    if kind is bool:
        return [lambda now: not now]
    if get_origin(kind) is Literal:
        return [lambda now, other=other: other for other in get_args(kind)]  # type: ignore[misc]
    if kind is int:
        return [lambda now: now // 2, lambda now: now * 2 or 1]
    if kind is float:
        return [lambda now: now / 2 or None, lambda now: now * 2 or 0.5]
    return []


def _changed(before: RecommendationSettings, after: RecommendationSettings) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, weight in after.weights.items():
        if weight != before.weights.get(name):
            found[f"weights.{name}"] = weight
    for name, options in after.options.items():
        for option, value in options.items():
            if value != before.options.get(name, {}).get(option):
                found[f"options.{name}.{option}"] = value
    return found

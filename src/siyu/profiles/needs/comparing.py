"""Learners compared on held-out time, and the one that is served.

Each learns before a moment, is calibrated and chosen at a later one, and is reported at a later one still. Among those
that resampling cannot tell from the best by AUC, the plainest is taken. What is served learns again, one window on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from siyu.domain.errors import SettingsError
from siyu.domain.progress import Progress, Step
from siyu.profiles.needs.calibration import Curve, calibrate, crossed
from siyu.profiles.needs.cuts import Plan
from siyu.profiles.needs.features import NAMES, Floats, Scale
from siyu.profiles.needs.findings import Finding
from siyu.profiles.needs.metrics import Figure, Judge, gains, intervals, judged, reliability, resamples
from siyu.profiles.needs.port import Learner, Learnt, Lesson
from siyu.profiles.needs.seen import Cut
from siyu.profiles.needs.settings import NeedsSettings
from siyu.profiles.needs.table import LEARNERS
from siyu.profiles.needs.targets import Rows, Target, buying_at, lacking
from siyu.profiles.value import Buying

Look = Callable[[datetime], Cut]
_IMPORTANCE_PEOPLE = 5_000
_APART = 3
"""Where history is short, every third person is kept apart for choosing."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One learner's figures.

    Attributes:
        choosing: AUC, Brier score and lift where the learner was chosen; ``reporting``: at the later moment.
        chosen: it is the one served; ``equal``: resampling cannot tell it from the best.
        cpu_seconds: of learning.
    """

    learner: str
    baseline: bool
    chosen: bool
    equal: bool
    choosing: dict[str, Figure]
    reporting: dict[str, Figure]
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """All learners on one target.

    Attributes:
        people: rows learnt from, chosen on and reported on; ``happened``: share of these of whom it was true.
        curve: kind of calibration of the chosen; ``reliability`` and ``gains``: its charts, ``baselines``: gains of the
            baselines.
        importance: AUC that is lost when a feature is shuffled among people, by feature, largest first.
    """

    target: str
    plan: Plan
    people: dict[str, int]
    happened: dict[str, float]
    learners: tuple[Compared, ...]
    chosen: str
    curve: str
    reliability: list[dict[str, float]]
    gains: list[dict[str, float]]
    baselines: dict[str, list[dict[str, float]]]
    importance: list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Served:
    """A learner as it is served: all that turns what is known of a person into a chance."""

    target: Target
    learner: str
    learnt: Learnt
    scale: Scale
    curve: Curve
    buying: Buying | None


@dataclass(frozen=True, slots=True)
class _Tried:
    """A learner after learning."""

    name: str
    learner: Learner
    learnt: Learnt
    curve: Curve
    seconds: float
    choosing: Judge
    reporting: Judge
    chances: Floats


def learners(settings: NeedsSettings) -> dict[str, Learner]:
    """Those to compare, with their options, plainest first.

    Raises:
        SettingsError: a learner or an option is unknown.
    """
    names = settings.learners or tuple(LEARNERS)
    stray = sorted(set(settings.options) - set(names))
    if stray:
        raise SettingsError(
            f"There are options for {', '.join(stray)}, but no such learner is compared.",
            why="Options are given by the name of a learner.",
            next_step="Name it under profiles.needs.learners, or drop its options.",
        )
    made = {name: _made(name, settings) for name in names}
    return dict(sorted(made.items(), key=lambda pair: (pair[1].plainness, pair[0])))


def _made(name: str, settings: NeedsSettings) -> Learner:
    kind = LEARNERS.load(name)
    try:
        return kind(kind.Options.model_validate(settings.options.get(name, {})))
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(
            f"An option of the learner {name!r} is not usable.",
            why=f"{'.'.join(map(str, first['loc']))}: {first['msg']}.",
            next_step=f"Mend it under profiles.needs.options.{name}.",
        ) from error


def compare(
    target: Target, plan: Plan, look: Look, settings: NeedsSettings, progress: Progress
) -> tuple[Comparison, Served] | Finding:
    """Compare all learners, and learn what is served; or say why that cannot be."""
    train, choose, buying = _lessons(target, plan, look)
    report = Rows.at(look(plan.report), target, buying)
    ever = any(len(rows) for rows in (train, choose, report))
    for rows in (train, choose, report):
        lack = lacking(target, rows, settings, ever=ever)
        if lack:
            return lack
    scale = Scale.fitted(train.raw)
    lesson = Lesson(scale(train.raw), train.happened, settings.seed)
    made = learners(settings)
    tried = []
    for done, (name, learner) in enumerate(made.items()):
        progress(Step(f"needs.{target.name}.{name}", done, len(made) + 1))
        tried.append(_try(name, learner, lesson, (scale, choose, report), settings))
    compared, best = _figures(tried, (len(choose), len(report)), settings)
    progress(Step(f"needs.{target.name}.{best.name}", len(made), len(made) + 1))
    served = _serve(target, plan.later(settings.train_cuts), look, settings, best)
    baselines = {one.name: gains(one.chances, report.happened) for one in tried if one.learner.baseline}
    return Comparison(
        target=target.name,
        plan=plan,
        people={"train": len(train), "choose": len(choose), "report": len(report)},
        happened={
            name: float(rows.happened.mean())
            for name, rows in (("train", train), ("choose", choose), ("report", report))
        },
        learners=compared,
        chosen=best.name,
        curve=best.curve.kind,
        reliability=reliability(best.chances, report.happened),
        gains=gains(best.chances, report.happened),
        baselines=baselines,
        importance=_importance(best, scale(report.raw), report.happened, settings.seed),
    ), served


def _lessons(target: Target, plan: Plan, look: Look) -> tuple[Rows, Rows, Buying | None]:
    """Rows to learn from, and to choose on; BG/NBD by what was known at the last moment learnt from."""
    buying = buying_at(look(plan.train[0]))
    train = Rows.joined([Rows.at(look(at), target, buying) for at in plan.train])
    if not plan.split:
        return train, Rows.at(look(plan.choose), target, buying), buying
    apart = np.arange(len(train)) % _APART == 0
    return train.only(~apart), train.only(apart), buying


def _try(
    name: str, learner: Learner, lesson: Lesson, rest: tuple[Scale, Rows, Rows], settings: NeedsSettings
) -> _Tried:
    scale, choose, report = rest
    start = time.process_time()
    learnt = learner.learn(lesson)
    seconds = time.process_time() - start
    scores = learnt.scores(scale(choose.raw))
    curve = calibrate(scores, choose.happened, settings.calibration)
    fair = crossed(scores, choose.happened, curve.kind)
    chances = curve(learnt.scores(scale(report.raw)))
    ranked = Judge(scores, choose.happened)  # chances of two halves do not rank as one
    return _Tried(name, learner, learnt, curve, seconds, _Choosing(ranked, Judge(fair, choose.happened)),
                  Judge(chances, report.happened), chances)  # fmt: skip


class _Choosing(Judge):
    """AUC and lift by scores, the Brier score by chances of people whom the curve had not seen."""

    def __init__(self, ranked: Judge, fair: Judge) -> None:
        self._ranked, self._fair = ranked, fair

    def each(self, weights: npt.NDArray[np.floating[Any]]) -> Floats:
        """AUC and lift of the one, the Brier score of the other."""
        found = self._ranked.each(weights)
        found[:, 1] = self._fair.each(weights)[:, 1]
        return found


def _figures(
    tried: list[_Tried], people: tuple[int, int], settings: NeedsSettings
) -> tuple[tuple[Compared, ...], _Tried]:
    drawn = resamples(people[0], settings.resamples, settings.seed)
    choosing = {one.name: judged(one.choosing, drawn) for one in tried}
    drawn = resamples(people[1], settings.resamples, settings.seed + 1)
    reporting = {one.name: judged(one.reporting, drawn) for one in tried}
    best = max(tried, key=lambda one: (one.choosing(np.ones(people[0]))[0], -one.learner.plainness))
    tail = (1 - settings.level) / 2
    equal = {
        one.name: one is best or float(np.nanquantile((choosing[best.name] - choosing[one.name])[:, 0], tail)) <= 0
        for one in tried
    }
    chosen = next(one for one in tried if equal[one.name])  # they come plainest first
    compared = tuple(
        Compared(
            learner=one.name,
            baseline=one.learner.baseline,
            chosen=one is chosen,
            equal=equal[one.name],
            choosing=intervals(one.choosing, people[0], choosing[one.name], settings.level),
            reporting=intervals(one.reporting, people[1], reporting[one.name], settings.level),
            cpu_seconds=one.seconds,
        )
        for one in tried
    )
    return compared, chosen


def _serve(target: Target, plan: Plan, look: Look, settings: NeedsSettings, best: _Tried) -> Served:
    """The chosen learner, taught again with the newest outcomes."""
    train, choose, buying = _lessons(target, plan, look)
    scale = Scale.fitted(train.raw)
    learnt = best.learner.learn(Lesson(scale(train.raw), train.happened, settings.seed))
    curve = calibrate(learnt.scores(scale(choose.raw)), choose.happened, best.curve.kind)
    return Served(target, best.name, learnt, scale, curve, buying)


def _importance(best: _Tried, rows: Floats, happened: Floats, seed: int) -> list[tuple[str, float]]:
    """Breiman's permutation importance, where it was reported."""
    draw = np.random.default_rng(seed)
    some = draw.permutation(len(rows))[:_IMPORTANCE_PEOPLE]
    rows, happened = rows[some].copy(), happened[some]
    ones = np.ones(len(rows))
    whole = Judge(best.learnt.scores(rows), happened)(ones)[0]
    found = []
    for place, name in enumerate(NAMES):
        own = rows[:, place].copy()
        if not np.ptp(own):
            continue
        rows[:, place] = draw.permutation(own)
        found.append((name, whole - Judge(best.learnt.scores(rows), happened)(ones)[0]))
        rows[:, place] = own
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))

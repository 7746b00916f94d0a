"""The stage: events and products in, ranked products with reasons out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

import pyarrow as pa

from siyu.domain.clock import Clock
from siyu.domain.kinds import Lane
from siyu.domain.progress import Progress, Step, silent
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.engine.schemas import RECOMMENDATIONS
from siyu.recommendations import schedule, tables
from siyu.recommendations.history import blocks, write_history
from siyu.recommendations.hybrid.choice import Choice, stale, standing
from siyu.recommendations.hybrid.training import in_use, keep_renown
from siyu.recommendations.items import read_items
from siyu.recommendations.likeness import described
from siyu.recommendations.lineup import chosen_models
from siyu.recommendations.people import signals
from siyu.recommendations.port import Recommender, Watched
from siyu.recommendations.report import RecommendationReport, summed
from siyu.recommendations.schedule import Marks, Plan, Why
from siyu.recommendations.scoring import LaneScoring, Scoring, Voice
from siyu.recommendations.settings import RecommendationSettings

Models = Mapping[str, Recommender]


def recommend(
    engine: Engine,
    settings: RecommendationSettings,
    *,
    clock: Clock,
    progress: Progress = silent,
    goal: str = "both",
    whom: pa.Table | None = None,
) -> RecommendationReport:
    """Write dataset ``recommendations``: the best products of each lane for everyone known from events.

    Needs the datasets ``events`` and ``products``; reads ``interests`` and ``exclusions`` (person, item) where they
    exist. Events after ``clock.now()`` are not looked at. The old dataset stays in place until the new one is whole.
    Between the days on which models learn anew only people with news are scored; see :mod:`.schedule`.

    Args:
        goal: ``discover``, ``buy_again`` or ``both``.
        whom: a column ``person``: only these are served; models learn from everyone all the same.

    Raises:
        MissingDataError: there are no events or no products yet.
        SettingsError: the goal, a model or an option is unknown.
    """
    now = clock.now()
    chosen_models(settings, goal)  # refuses what is named and unknown before anything is read
    try:
        progress(Step("recommend.prepare"))
        missing = tables.open_inputs(engine)
        force = forces(engine, settings, goal, now, progress)
        plan, settings = force.plan, force.settings
        tables.write_items(engine, settings, now, fresh=plan.refit)
        touched = None if plan.everyone else schedule.write_touched(engine, now)
        write_history(engine, now, touched=not plan.everyone, rows=settings.block)
        if plan.refit:
            _fit(engine, force, progress)
        if whom is not None:
            engine.table("rec_touched", whom)
            write_history(engine, now, touched=True, rows=settings.block)
        counts = _score(engine, force, progress)
        return summed(engine, force, counts, missing=missing, touched=touched)
    finally:
        tables.drop_scratch(engine)


@dataclass(frozen=True)
class Force:
    """What a run goes by: models and settings in force, where they come from, and what it does."""

    choice: Choice
    settings: RecommendationSettings
    models: Models
    plan: Plan
    here: Marks

    @property
    def learned(self) -> bool:
        """Whether a lane's list is put in order by what was learnt over its models."""
        return any(one.get("used") for one in self.choice.learned.values())


def forces(
    engine: Engine, given: RecommendationSettings, goal: str, now: datetime, progress: Progress = silent
) -> Force:
    """What is in force at ``now``. Where models learn anew and the choice of them is stale, they are chosen anew."""
    choice = standing(engine, given, goal)
    force = _force(engine, given, goal, now, choice)
    plan = schedule.plan(engine, given, force.here)
    if plan.refit and stale(engine, choice, given, goal, now):
        from siyu.recommendations.hybrid.choosing import choose  # its exams are made of this stage's own parts

        force = _force(engine, given, goal, now, choose(engine, given, goal, now, progress=progress))
    return replace(force, plan=plan)


def _force(engine: Engine, given: RecommendationSettings, goal: str, now: datetime, choice: Choice) -> Force:
    settings = choice.settings(given)
    models = chosen_models(settings, goal)
    here = schedule.marks(engine, settings, goal, sorted(models), now)
    return Force(choice, settings, models, _UNKNOWN, here)


_UNKNOWN: Final = Plan(True, True, Why.FIRST)


def _learning(progress: Progress, name: str, done: int, total: int) -> None:
    progress(Step(f"recommend.fit.{name}", done, total))


def _fit(engine: Engine, force: Force, progress: Progress) -> None:
    """Let every model learn. The codes of products go first and come back last: they vouch for the rest."""
    models, settings, here = force.models, force.settings, force.here
    engine.drop(tables.CODES)
    for done, (name, model) in enumerate(models.items()):
        progress(Step(f"recommend.fit.{name}", done, len(models)))
        if isinstance(model, Watched):
            model.watch = partial(_learning, progress, name)
        model.fit(engine, lambda: blocks(engine, here.now, settings.signals), here.now)
    if force.learned:
        keep_renown(engine, blocks(engine, here.now, settings.signals), manifest.require(engine.root, "rec_items").rows)
    engine.write("SELECT code, item FROM rec_items", tables.CODES, meta=here.meta())


def _score(engine: Engine, force: Force, progress: Progress) -> Counter[tuple[str, str]]:
    """Publish the recommendations of ``rec_history``; returns candidates by lane and filter."""
    plan, here, settings, models = force.plan, force.here, force.settings, force.models
    total = manifest.require(engine.root, "rec_history").rows
    counts: Counter[tuple[str, str]] = Counter()
    done = 0

    def watch(people: int, found: Mapping[tuple[str, str], int]) -> None:
        nonlocal done
        done += people
        counts.update(found)
        progress(Step("recommend.score", done, total))

    progress(Step("recommend.score", 0, total))
    people = tables.write_values(engine, max((model.interests for model in models.values()), default=0))
    scoring = Scoring(_lanes(engine, force), int(here.now.timestamp()), signals(settings.signals), watch)
    learnt = manifest.require(engine.root, tables.CODES).meta
    meta = {
        **here.meta(),
        "why": plan.why.value,
        "scored": "everyone" if plan.everyone else "touched",
        "learnt": dict(learnt),
        "choice": force.choice.brief(),
    }
    engine.map_arrow(
        people, scoring, RECOMMENDATIONS, "recommendations", rows=settings.block, meta=meta,
        supersede=None if plan.everyone else "SELECT person FROM rec_touched",
    )  # fmt: skip
    return counts


def _lanes(engine: Engine, force: Force) -> tuple[LaneScoring, ...]:
    """What was learnt, by lane, ready to travel."""
    settings, models = force.settings, force.models
    items = described(engine, read_items(engine), settings)
    mine = {lane: [name for name, model in models.items() if model.lane is lane] for lane in Lane}
    trees = in_use(engine, mine, items.size) if force.learned else {}
    found = []
    for lane, names in mine.items():
        voices = (
            Voice.of(name, settings.weights[name], models[name].scorer(engine, force.here.now), items) for name in names
        )
        found.append(LaneScoring(lane, tuple(voices), items, settings, trees.get(lane)))
    return tuple(found)

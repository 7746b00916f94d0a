"""The stage: events and products in, ranked products with reasons out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import pyarrow as pa

from siyu.domain.clock import Clock
from siyu.domain.kinds import Lane
from siyu.domain.progress import Progress, Step, silent
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.engine.schemas import RECOMMENDATIONS
from siyu.recommendations import schedule, tables
from siyu.recommendations.history import blocks, write_history
from siyu.recommendations.items import read_items
from siyu.recommendations.likeness import described
from siyu.recommendations.lineup import chosen_models
from siyu.recommendations.people import signals
from siyu.recommendations.port import Recommender
from siyu.recommendations.report import RecommendationReport, summed
from siyu.recommendations.schedule import Marks, Plan
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
    models = chosen_models(settings, goal)
    try:
        progress(Step("recommend.prepare"))
        missing = tables.open_inputs(engine)
        here = schedule.marks(engine, settings, goal, sorted(models), now)
        plan = schedule.plan(engine, settings, here)
        tables.write_items(engine, settings, now, fresh=plan.refit)
        touched = None if plan.everyone else schedule.write_touched(engine, now)
        write_history(engine, now, touched=not plan.everyone, rows=settings.block)
        if plan.refit:
            _fit(engine, models, settings, here, progress)
        if whom is not None:
            engine.table("rec_touched", whom)
            write_history(engine, now, touched=True, rows=settings.block)
        counts = _score(engine, models, settings, (plan, here), progress)
        return summed(engine, plan, counts, missing=missing, touched=touched)
    finally:
        tables.drop_scratch(engine)


def _fit(engine: Engine, models: Models, settings: RecommendationSettings, here: Marks, progress: Progress) -> None:
    """Let every model learn. The codes of products go first and come back last: they vouch for the rest."""
    engine.drop(tables.CODES)
    for done, (name, model) in enumerate(models.items()):
        progress(Step(f"recommend.fit.{name}", done, len(models)))
        model.fit(engine, lambda: blocks(engine, here.now, settings.signals), here.now)
    engine.write("SELECT code, item FROM rec_items", tables.CODES, meta=here.meta())


def _score(
    engine: Engine, models: Models, settings: RecommendationSettings, how: tuple[Plan, Marks], progress: Progress
) -> Counter[tuple[str, str]]:
    """Publish the recommendations of ``rec_history``; returns candidates by lane and filter."""
    plan, here = how
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
    scoring = Scoring(
        _lanes(engine, models, settings, here.now), int(here.now.timestamp()), signals(settings.signals), watch
    )
    learnt = manifest.require(engine.root, tables.CODES).meta
    meta = {
        **here.meta(),
        "why": plan.why.value,
        "scored": "everyone" if plan.everyone else "touched",
        "learnt": dict(learnt),
    }
    engine.map_arrow(
        people, scoring, RECOMMENDATIONS, "recommendations", rows=settings.block, meta=meta,
        supersede=None if plan.everyone else "SELECT person FROM rec_touched",
    )  # fmt: skip
    return counts


def _lanes(engine: Engine, models: Models, settings: RecommendationSettings, now: datetime) -> tuple[LaneScoring, ...]:
    """What was learnt, by lane, ready to travel."""
    items = described(engine, read_items(engine), settings)
    found = []
    for lane in Lane:
        mine = {name: model for name, model in models.items() if model.lane is lane}
        voices = (
            Voice.of(name, settings.weights[name], model.scorer(engine, now), items) for name, model in mine.items()
        )
        found.append(LaneScoring(lane, tuple(voices), items, settings))
    return tuple(found)

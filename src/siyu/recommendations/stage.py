"""The stage: events and products in, ranked products with reasons out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from pydantic import ValidationError

from siyu.domain.clock import Clock
from siyu.domain.errors import SettingsError
from siyu.domain.kinds import Lane
from siyu.domain.progress import Progress, Step, silent
from siyu.engine.port import Engine
from siyu.engine.schemas import RECOMMENDATIONS
from siyu.recommendations import scoring, tables
from siyu.recommendations.port import Block, Recommender
from siyu.recommendations.reasons import ordered
from siyu.recommendations.report import RecommendationReport
from siyu.recommendations.settings import RecommendationSettings
from siyu.recommendations.table import RECOMMENDERS

_LANES = {"discover": (Lane.DISCOVER,), "buy_again": (Lane.BUY_AGAIN,), "both": tuple(Lane)}


def recommend(
    engine: Engine,
    settings: RecommendationSettings,
    *,
    clock: Clock,
    progress: Progress = silent,
    goal: str = "both",
) -> RecommendationReport:
    """Write dataset ``recommendations``: the best products of each lane for everyone known from events.

    Needs the datasets ``events`` and ``products``; reads ``interests`` and ``exclusions`` (person, item) where they
    exist. Events after ``clock.now()`` are not looked at. The old dataset stays in place until the new one is whole.

    Args:
        goal: ``discover``, ``buy_again`` or ``both``.

    Raises:
        MissingDataError: there are no events or no products yet.
        SettingsError: the goal, a model or an option is unknown.
    """
    now = clock.now()
    models = chosen_models(settings, goal)
    try:
        progress(Step("recommend.prepare"))
        missing = tables.prepare(engine, settings, now)
        for done, (name, model) in enumerate(models.items()):
            progress(Step(f"recommend.fit.{name}", done, len(models)))
            model.fit(engine, now)
        counts = _score(engine, models, settings, now, progress)
        progress(Step("recommend.publish"))
        engine.table("rec_reasons", "rec_reasons")
        engine.write("SELECT * FROM rec_reasons", "recommendations", meta={"as_of": now.isoformat(), "goal": goal})
        return _report(engine, counts, missing)
    finally:
        tables.empty(engine)


def _score(
    engine: Engine, models: scoring.Models, settings: RecommendationSettings, now: datetime, progress: Progress
) -> Counter[tuple[str, str]]:
    """Write ``rec_reasons`` block by block; returns candidates by lane and filter."""
    counts: Counter[tuple[str, str]] = Counter()
    for block, done, total in _blocks(engine, settings.block):
        progress(Step("recommend.score", done, total))
        scoring.score(engine, models, block, settings, now)
        counts.update(scoring.verdicts(engine))
        sql = scoring.explanation(models, block, settings, now)
        engine.map_arrow(sql, ordered, RECOMMENDATIONS, "rec_reasons", append=done > 0)
    return counts


def chosen_models(settings: RecommendationSettings, goal: str = "both") -> dict[str, Recommender]:
    """The models with a weight that serve ``goal``, made with their own options, by name.

    Raises:
        SettingsError: the goal, a model or an option is unknown.
    """
    if goal not in _LANES:
        raise SettingsError(
            f"Goal {goal!r} is unknown.", why=f"Known: {', '.join(_LANES)}.", next_step="Use one of them."
        )
    unused = sorted(set(settings.options) - set(settings.weights))
    if unused:
        raise SettingsError(
            f"There are options for {', '.join(unused)}, but no weight.",
            why="A model without a weight is not used.",
            next_step="Give it a weight under recommendations.weights, or drop its options.",
        )
    made = {name: _made(name, settings) for name, weight in sorted(settings.weights.items()) if weight > 0}
    return {name: model for name, model in made.items() if model.lane in _LANES[goal]}


def _made(name: str, settings: RecommendationSettings) -> Recommender:
    kind = RECOMMENDERS.load(name)
    try:
        options = kind.Options.model_validate(settings.options.get(name, {}))
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(
            f"An option of the recommender {name!r} is not usable.",
            why=f"{'.'.join(map(str, first['loc']))}: {first['msg']}",
            next_step=f"Mend it under recommendations.options.{name}.",
        ) from error
    return kind(options)


def _blocks(engine: Engine, size: int) -> Iterator[tuple[Block, int, int]]:
    """Blocks of people with how many were done before; one empty block where there is nobody."""
    total = int(tables.rows(engine, "SELECT count(*) AS people FROM rec_people")[0]["people"])
    for done in range(0, max(total, 1), size):
        yield Block(done + 1, min(done + size, total)), done, total


def _report(engine: Engine, counts: Counter[tuple[str, str]], missing: tuple[str, ...]) -> RecommendationReport:
    lanes = tables.rows(
        engine,
        "SELECT lane, CAST(count(*) AS BIGINT) AS n, CAST(count(DISTINCT person) AS BIGINT) AS people, "
        "CAST(count(DISTINCT item) AS BIGINT) AS items FROM rec_reasons GROUP BY lane ORDER BY lane",
    )
    led = tables.rows(engine, "SELECT model, CAST(count(*) AS BIGINT) AS n FROM rec_reasons GROUP BY model ORDER BY 1")
    barred = tables.rows(
        engine,
        "SELECT veto, CAST(count(*) AS BIGINT) AS n FROM rec_items WHERE veto IS NOT NULL GROUP BY veto ORDER BY 1",
    )
    sizes = tables.rows(
        engine, "SELECT (SELECT count(*) FROM rec_people) AS people, (SELECT count(*) FROM rec_items) AS items"
    )[0]
    seen = sorted({lane for lane, _ in counts})
    return RecommendationReport(
        people=sizes["people"],
        items=sizes["items"],
        served={row["lane"]: row["people"] for row in lanes},
        offered={row["lane"]: row["items"] for row in lanes},
        rows={row["lane"]: row["n"] for row in lanes},
        candidates={lane: sum(n for (its, _), n in counts.items() if its == lane) for lane in seen},
        removed={lane: {veto: n for (its, veto), n in sorted(counts.items()) if its == lane and veto} for lane in seen},
        barred_items={row["veto"]: row["n"] for row in barred},
        led={row["model"]: row["n"] for row in led},
        missing=missing,
    )

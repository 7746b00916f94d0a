"""Candidates of a block of people: every model's scores, filters, blend, diversity and reasons, as queries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from siyu.engine.port import Engine
from siyu.engine.sql import fill, literal, load, query
from siyu.recommendations import filters
from siyu.recommendations.port import EVIDENCE, Block, Recommender
from siyu.recommendations.settings import RecommendationSettings
from siyu.recommendations.tables import PACKAGE, keep, rows

Models = Mapping[str, Recommender]


def score(engine: Engine, models: Models, block: Block, settings: RecommendationSettings, now: datetime) -> None:
    """Publish ``rec_judged`` (each model's candidates and what bars them) and ``rec_ranked`` (the best, in order)."""
    scores = f"SELECT lane, model, person, item, sum(part) AS score FROM ({_evidence(models, block, now)}) evidence "
    keep(engine, "rec_scores", scores + "GROUP BY lane, model, person, item")
    judged = load(PACKAGE, "judged").replace("$filters", filters.pair_case())
    keep(engine, "rec_judged", fill(judged, **filters.parameters(settings.filters)))
    keep(engine, "rec_ranked", query(
        PACKAGE, "ranked",
        candidates=max(settings.candidates, settings.top), per_category=settings.per_category, top=settings.top,
    ))  # fmt: skip


def explain(engine: Engine, models: Models, block: Block, settings: RecommendationSettings, now: datetime) -> str:
    """The query of the ranked products with their strongest reasons (unordered lists)."""
    keep(engine, "rec_maxima", query(PACKAGE, "maxima"))
    text = load(PACKAGE, "reasons").replace("$evidence", _evidence(models, block, now))
    return fill(text, reasons=settings.reasons)


def removed(engine: Engine) -> dict[str, dict[str, int]]:
    """Candidates of the block by lane and by the filter that bars them; ``""`` stands for those that none does."""
    counted: dict[str, dict[str, int]] = {}
    for row in rows(engine, query(PACKAGE, "removed")):
        counted.setdefault(row["lane"], {})[row["veto"] or ""] = row["candidates"]
    return counted


def _evidence(models: Models, block: Block, now: datetime) -> str:
    columns = ", ".join(EVIDENCE)
    return " UNION ALL ".join(
        f"SELECT {literal(model.lane.value)} AS lane, {literal(name)} AS model, {columns} "
        f"FROM ({model.evidence(block, now)}) {name}"
        for name, model in models.items()
    )

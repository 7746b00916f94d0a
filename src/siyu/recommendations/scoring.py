"""Candidates of a block of people: every model's scores, filters, blend, diversity and reasons, as queries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from siyu.engine.port import Engine, Sql
from siyu.engine.sql import fill, literal, load, query
from siyu.recommendations import filters
from siyu.recommendations.port import EVIDENCE, Block, Recommender
from siyu.recommendations.settings import RecommendationSettings
from siyu.recommendations.tables import PACKAGE, keep, rows

Models = Mapping[str, Recommender]


def score(engine: Engine, models: Models, block: Block, settings: RecommendationSettings, now: datetime) -> None:
    """Publish ``rec_judged`` (each model's candidates and what bars them) and ``rec_ranked`` (the best, in order)."""
    sums = (
        f"SELECT {_names(name, model)}, person, item, sum(part) AS score "
        f"FROM ({model.evidence(block, now)}) evidence GROUP BY person, item"
        for name, model in models.items()
    )
    engine.table("rec_scores", Sql(" UNION ALL ".join(sums)))
    judged = load(PACKAGE, "judged").replace("$filters", filters.pair_case())
    keep(engine, "rec_judged", fill(judged, **filters.parameters(settings.filters)))
    keep(engine, "rec_maxima", query(PACKAGE, "maxima"))
    keep(engine, "rec_ranked", query(
        PACKAGE, "ranked",
        candidates=max(settings.candidates, settings.top), per_category=settings.per_category, top=settings.top,
    ))  # fmt: skip


def explanation(models: Models, block: Block, settings: RecommendationSettings, now: datetime) -> str:
    """The query of the ranked products with their strongest reasons (unordered lists)."""
    columns = ", ".join(f"e.{name}" for name in EVIDENCE)
    evidence = " UNION ALL ".join(
        f"SELECT {_names(name, model)}, {columns} FROM ({model.evidence(block, now)}) e WHERE EXISTS ("
        f"SELECT 1 FROM rec_ranked r WHERE r.person = e.person AND r.item = e.item AND r.lane = {literal(model.lane)})"
        for name, model in models.items()
    )
    return fill(load(PACKAGE, "reasons").replace("$evidence", evidence), reasons=settings.reasons)


def verdicts(engine: Engine) -> dict[tuple[str, str], int]:
    """Candidates of the block by lane and by the filter that bars them; ``""`` stands for those that none does."""
    counted = rows(engine, query(PACKAGE, "verdicts"))
    return {(row["lane"], row["veto"] or ""): row["candidates"] for row in counted}


def _names(name: str, model: Recommender) -> str:
    return f"{literal(model.lane)} AS lane, {literal(name)} AS model"

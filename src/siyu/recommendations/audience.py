"""The audience of a product: everyone scored for this one product, by what models have learnt, with reasons.

The same models, filters, blend and evidence as :func:`.stage.recommend`, asked from the other side: a person's score
for the product is the one it has in ``recommendations``, whether or not their list has room for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from siyu.domain.clock import Clock
from siyu.domain.errors import InputError, MissingDataError
from siyu.domain.kinds import Lane
from siyu.domain.progress import Progress, Step, silent
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.engine.schemas import RECOMMENDATIONS
from siyu.engine.sql import fill
from siyu.recommendations import schedule, tables
from siyu.recommendations.history import write_history
from siyu.recommendations.hybrid.choice import Choice, standing
from siyu.recommendations.hybrid.training import in_use
from siyu.recommendations.items import Items, read_items
from siyu.recommendations.lineup import chosen_models
from siyu.recommendations.people import Act, block, signals
from siyu.recommendations.port import Reaching, Recommender
from siyu.recommendations.schedule import Plan, Why
from siyu.recommendations.scoring import Voice
from siyu.recommendations.seeking import LaneAudience, Seeker, Towards
from siyu.recommendations.settings import RecommendationSettings

_UNLEARNT = frozenset({Why.FIRST, Why.SETTINGS, Why.BACKWARDS})
"""Why what was learnt cannot be asked: there is nothing, it is of other settings, or it knows of later events."""


@dataclass(frozen=True, slots=True)
class Audience:
    """The audience of ``item``.

    Attributes:
        barred: the filter that bars the product for everyone, if one does: then nobody should hear of it.
        known: people known from events. ``buyers``: those of them who have bought it, net of returns.
        learnt: the moment as of which models learnt, as ISO text.
    """

    item: str
    title: str
    barred: str
    known: int
    buyers: int
    learnt: str
    lanes: tuple[LaneAudience, ...]


def audience(
    engine: Engine,
    settings: RecommendationSettings,
    item: str,
    *,
    clock: Clock,
    goal: str = "both",
    lanes: Iterable[Lane] = Lane,
    top: int = 20,
    anyway: bool = False,
    progress: Progress = silent,
) -> Audience:
    """Who should hear of ``item``, a product's id, by what the last run of recommendations learnt.

    Reads everyone's latest events; nothing is learnt anew. A product that nobody has bought finds its people by
    interests, looks and content.

    Args:
        goal: as the recommendations were made for. ``lanes``: those asked for.
        top: how many people are told of with reasons.
        anyway: as if no filter of products barred it (who would hear of it once it is in stock again?).

    Raises:
        MissingDataError: there are no events or products, no such product, or models have learnt nothing that fits.
        InputError: the product is not in force yet.
    """
    now = clock.now()
    try:
        progress(Step("audience.prepare"))
        tables.open_inputs(engine)
        choice = standing(engine, settings, goal)
        settings, given = choice.settings(settings), settings
        models = chosen_models(settings, goal)
        here = schedule.marks(engine, settings, goal, sorted(models), now)
        learnt = _learnt(engine, schedule.plan(engine, given, here))
        tables.write_items(engine, settings, now, fresh=False)
        found = _product(engine, item)
        barred = found["veto"] or ""
        items = _freed(read_items(engine), found["code"]) if anyway else read_items(engine)
        asked = [lane for lane in Lane if lane in set(lanes)]
        if barred and not anyway:
            nobody = pa.array([], pa.string())
            empty = tuple(LaneAudience(lane, RECOMMENDATIONS.empty_table(), nobody) for lane in asked)
            return Audience(item, found["title"] or "", barred, 0, 0, learnt, empty)
        write_history(engine, now, touched=False, rows=settings.block)
        people = tables.write_values(engine, max((model.interests for model in models.values()), default=0))
        seekers = [
            Seeker(lane, items, found["code"], top)
            for lane in _towards(engine, models, settings, (items, found["code"], choice), now)
            if lane.lane in asked and lane.voices
        ]
        known, buyers = _sought(engine, people, seekers, settings, now, progress)
        listed = _listed(engine, item)
        done = tuple(seeker.audience(listed.get(seeker.lane.lane.value, 0)) for seeker in seekers)
        return Audience(item, found["title"] or "", barred, known, buyers, learnt, done)
    finally:
        tables.drop_scratch(engine)


def _learnt(engine: Engine, plan: Plan) -> str:
    """The moment as of which models learnt."""
    if plan.refit and plan.why in _UNLEARNT:
        raise MissingDataError(
            "What models have learnt does not fit this question.",
            why={
                Why.FIRST: "Nothing was learnt yet.",
                Why.SETTINGS: "Models or their options have changed since.",
                Why.BACKWARDS: "It was learnt as of a later moment.",
            }[plan.why],
            next_step="Run `siyu recommend`, then ask again.",
        )
    return str(manifest.require(engine.root, tables.CODES).meta["as_of"])


def _product(engine: Engine, item: str) -> dict[str, Any]:
    """Code, title and veto of a product that can be asked about."""
    found = tables.rows(engine, fill("SELECT code, title, veto FROM rec_items WHERE item = $item", item=item))
    if not found or found[0]["veto"] == "no-catalogue-entry":
        raise MissingDataError(
            f"There is no product {item!r} in the catalogue.",
            why="Events speak of it, the catalogue does not." if found else "No catalogue and no event speaks of it.",
            next_step="Give a product's id as the catalogue spells it, or import the catalogue that holds it.",
            item=item,
        )
    if found[0]["veto"] == "not-in-force":
        raise InputError(
            f"The product {item!r} is not in force yet.",
            why="The catalogue first shows it after this moment.",
            next_step="Ask as of a later moment with --as-of.",
            item=item,
        )
    return found[0]


def _freed(items: Items, code: int) -> Items:
    free = items.free.copy()
    free[code] = True
    return replace(items, free=free)


def _towards(
    engine: Engine,
    models: Mapping[str, Recommender],
    settings: RecommendationSettings,
    what: tuple[Items, int, Choice],
    now: datetime,
) -> list[Towards]:
    """What was learnt, by lane, with links that reach the product wherever they can."""
    items, code, choice = what
    mine = {lane: [name for name, model in models.items() if model.lane is lane] for lane in Lane}
    trees = in_use(engine, mine, items.size) if any(one.get("used") for one in choice.learned.values()) else {}
    found = []
    for lane, names in mine.items():
        voices = []
        for name in names:
            model = models[name]
            scorer = model.reaching(engine, now, code) if isinstance(model, Reaching) else model.scorer(engine, now)
            voices.append(Voice.of(name, settings.weights[name], scorer, items))
        found.append(Towards(lane, tuple(voices), items, settings, trees.get(lane), wanted=code))
    return found


def _sought(
    engine: Engine,
    people: str,
    seekers: Sequence[Seeker],
    settings: RecommendationSettings,
    now: datetime,
    progress: Progress,
) -> tuple[int, int]:
    """Let every seeker see everyone; how many there are, and how many of them have bought the product."""
    total = manifest.require(engine.root, "rec_history").rows
    moment, signal = int(now.timestamp()), signals(settings.signals)
    known = buyers = 0
    for batch in engine.batches(people, rows=settings.block):
        these = block(batch, moment, signal)
        for seeker in seekers:
            for chosen in seeker.rounds(these):
                seeker.take(block(batch.take(pa.array(chosen)), moment, signal))
        known += these.size
        if seekers:
            own = (these.item == seekers[0].code) & (these.kind == Act.PURCHASE)
            buyers += len(np.unique(these.row[own]))
        progress(Step("audience.score", known, total))
    return known, buyers


def _listed(engine: Engine, item: str) -> dict[str, int]:
    """People who have the product on their list, by lane."""
    if manifest.find(engine.root, "recommendations") is None:
        return {}
    engine.table("recommendations", "recommendations")
    sql = "SELECT lane, CAST(count(*) AS BIGINT) AS people FROM recommendations WHERE item = $item GROUP BY lane"
    return {row["lane"]: row["people"] for row in tables.rows(engine, fill(sql, item=item))}

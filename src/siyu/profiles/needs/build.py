"""The stage part: events and products in; needs and affinities out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
from threadpoolctl import threadpool_limits

from siyu.domain.clock import Clock
from siyu.domain.progress import Progress, Step, silent
from siyu.engine import identity, manifest, schemas
from siyu.engine.port import Engine
from siyu.engine.resolved import ALIASES
from siyu.engine.sql import query
from siyu.profiles.inputs import number
from siyu.profiles.mark import files_digest, rewritten
from siyu.profiles.needs import affinity, artefacts
from siyu.profiles.needs.artefacts import Model
from siyu.profiles.needs.learning import learn
from siyu.profiles.needs.report import NeedsReport
from siyu.profiles.needs.scoring import Scoring
from siyu.profiles.needs.seen import OF_TOUCHED, PACKAGE, SCRATCH, features_sql, open_events, see, until
from siyu.profiles.needs.settings import NeedsSettings

NEEDS, AFFINITY = "needs", "needs_affinity"
_AT_ONCE, _AFFINITY_AT_ONCE = 32_768, 8_192
_NO_ALIASES = pa.schema([("alias", pa.string()), ("person", pa.string())])


def build_needs(
    engine: Engine,
    settings: NeedsSettings,
    *,
    refit_days: float,
    clock: Clock,
    progress: Progress = silent,
    anew: bool = False,
) -> NeedsReport:
    """Write datasets ``needs`` and ``needs_affinity``; see ``docs/explanation/needs.md``.

    Learners are compared and learn anew every ``refit_days``; in between, only people with news are scored, by what was
    learnt. Events later than the clock are not looked at.

    Args:
        anew: learn now, whatever the schedule says.

    Raises:
        MissingDataError: no events were imported yet.
        SettingsError: a learner or an option is unknown.
    """
    if not settings.on:
        return NeedsReport("off")
    events = manifest.require(engine.root, "events")
    now = clock.now()
    try:
        _open(engine, now)
        model = artefacts.load(engine, settings)
        cause = "asked" if anew else _cause(model, settings, refit_days, now)
        if model is None or cause:
            with threadpool_limits(1):  # of many small sums, threads mostly wait for each other
                model = learn(engine, settings, now, progress)
            artefacts.save(engine, model)
        scored = manifest.find(engine.root, NEEDS)
        everyone = bool(cause) or scored is None or _rescore(engine, scored.meta, model, now)
        before = {} if scored is None else scored.meta
        marks = {"as_of": now.isoformat(), "events": events.version, "moved": identity.moved(engine)}
        marks["files"] = files_digest(engine, events.version)
        people = _score(engine, settings, model, (now, everyone, before, marks), progress)
        mode = "learnt" if cause else "everyone" if everyone else "touched"
        return _report(model, settings, (mode, cause, people))
    finally:
        for dataset in SCRATCH:
            engine.drop(dataset)


def _open(engine: Engine, now: datetime) -> None:
    open_events(engine, now)
    if manifest.find(engine.root, "products") is None:
        engine.table("needs_products", schemas.PRODUCTS.empty_table())
    else:
        engine.table("needs_products", "products")


def _cause(model: Model | None, settings: NeedsSettings, refit_days: float, now: datetime) -> str:
    """Why to learn anew; empty where what was learnt still holds."""
    if model is None:
        return "first-run"
    if model.origin["settings_digest"] != artefacts.settings_digest(settings):
        return "settings-changed"
    if now < model.made_at:
        return "clock-moved-back"
    return "refit-due" if now - model.made_at >= timedelta(days=refit_days) else ""


def _rescore(engine: Engine, scored: Mapping[str, Any], model: Model, now: datetime) -> bool:
    """Whether everybody must be scored although nothing was learnt."""
    return (
        scored.get("model") != model.version
        or scored.get("moved") != identity.moved(engine)
        or now < datetime.fromisoformat(str(scored["as_of"]))
        or rewritten(engine, int(scored["events"]), str(scored.get("files")))  # who was erased is left out
    )


def _score(
    engine: Engine,
    settings: NeedsSettings,
    model: Model,
    how: tuple[datetime, bool, Mapping[str, Any], Mapping[str, Any]],
    progress: Progress,
) -> int:
    """Publish chances of everyone or of people with news; returns how many people that were."""
    now, everyone, before, marks = how
    meta = {**marks, "model": model.version}
    source = "needs_known" if everyone else _touched(engine, before, now)
    superseded = None if everyone else "SELECT person FROM needs_touched"
    cut = until(now)
    see(engine, source, cut)
    scoring = Scoring(
        model.served, model.worth, settings.value_days, model.made_at if everyone else now, model.version,
        settings.drivers,
    )  # fmt: skip
    total = number(engine, "SELECT count(*) FROM needs_touched") if not everyone else int(model.origin["people"])
    progress(Step("needs.score", 0, total))
    if everyone or total:
        known = features_sql(cut)
        engine.map_arrow(known, scoring, schemas.NEEDS, NEEDS, supersede=superseded, meta=meta, rows=_AT_ONCE)
    else:
        engine.write(f"SELECT * FROM {NEEDS} WHERE FALSE", NEEDS, append=True, meta=meta)
    progress(Step("needs.affinity", total, total))
    if everyone or total:
        _score_affinity(engine, settings, model, (cut, superseded))
    return total


def _score_affinity(engine: Engine, settings: NeedsSettings, model: Model, how: tuple[datetime, str | None]) -> None:
    cut, superseded = how
    if model.affinity is None:
        empty = schemas.NEEDS_AFFINITY.empty_table()
        engine.write(pa.RecordBatchReader.from_batches(empty.schema, empty.to_batches()), AFFINITY)
        return
    affinity.number(engine, model.affinity.categories, settings.category_levels)
    likely = affinity.Likely(model.affinity, settings.affinities)
    engine.map_arrow(
        affinity.tastes_sql(cut), likely, schemas.NEEDS_AFFINITY, AFFINITY, supersede=superseded, rows=_AFFINITY_AT_ONCE
    )


def _touched(engine: Engine, before: Mapping[str, Any], now: datetime) -> str:
    """Make ``needs_touched`` and the events of these people readable; returns the name of the latter."""
    engine.table("needs_new", "events", after=int(before["events"]))
    if manifest.find(engine.root, ALIASES) is None:
        engine.table("needs_aliases", _NO_ALIASES.empty_table())
    else:
        engine.table("needs_aliases", ALIASES)
    engine.table(NEEDS, NEEDS)
    last = datetime.fromisoformat(str(before["as_of"]))
    engine.write(query(PACKAGE, "touched", now=now, before=last), "needs_touched", scratch=True)
    engine.table("needs_touched", "needs_touched")
    engine.write(query(PACKAGE, "of_touched"), OF_TOUCHED, scratch=True)  # read often: once from all events is enough
    engine.table(OF_TOUCHED, OF_TOUCHED)
    return OF_TOUCHED


def _report(model: Model, settings: NeedsSettings, run: tuple[str, str, int]) -> NeedsReport:
    mode, cause, people = run
    told = model.telling()
    days = {one.target.name: one.target.window for one in model.served}
    if model.worth:
        days["value"] = settings.value_days
    if model.affinity:
        days["affinity"] = settings.horizon_days
    return NeedsReport(
        mode=mode,
        cause=cause,
        model=model.version,
        learnt_at=model.made_at,
        people=people,
        learnt_from={name: int(model.origin[name]) for name in ("people", "drawn")},
        horizons=days,
        comparisons=told["comparisons"],
        value=told["value"],
        affinity=told["affinity"],
        findings=model.findings,
    )

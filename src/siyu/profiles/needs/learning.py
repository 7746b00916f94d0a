"""Learning everything anew, from a sample of people and several moments of the past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from siyu.domain.progress import Progress, Step
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.profiles.needs import affinity, artefacts, worth
from siyu.profiles.needs.artefacts import Model
from siyu.profiles.needs.comparing import compare
from siyu.profiles.needs.cuts import Plan, churn_window, plan
from siyu.profiles.needs.findings import Finding
from siyu.profiles.needs.seen import SAMPLE, Cut, draw, look_back, span, until
from siyu.profiles.needs.settings import NeedsSettings
from siyu.profiles.needs.targets import BUY, CHURN, Target

_HISTORY = 4
"""Windows of history that a chance needs to be learnt from, chosen and reported on apart."""


class _Past:
    """Moments of the past, each looked at once."""

    def __init__(self, engine: Engine, days: float) -> None:
        self._engine, self._days = engine, days
        self._seen: dict[datetime, Cut] = {}

    def __call__(self, at: datetime) -> Cut:
        if at not in self._seen:
            self._seen[at] = look_back(self._engine, SAMPLE, at, self._days)
        return self._seen[at]


def learn(engine: Engine, settings: NeedsSettings, now: datetime, progress: Progress) -> Model:
    """Everything that can be learnt as of ``now``; what cannot is a finding. Needs ``needs_known``."""
    progress(Step("needs.sample"))
    people, drawn = draw(engine, settings.sample, settings.seed)
    known = span(engine)
    origin = _origin(engine, settings, people, drawn)
    version = f"{now:%Y%m%dT%H%M%S}-{origin['data'][:8]}"
    model = Model(now, version, origin)
    if known is None:
        return replace(model, findings=tuple(Finding(what, "no-buyers") for what in ("buy", "churn", "value")))
    first, end = known[0], min(known[1], now.replace(tzinfo=None))
    for target, found in _targets(first, end, settings):
        model = _with_target(model, target, found, (engine, settings, progress))
    model = _with_worth(engine, settings, model, (first, end, now))
    return _with_affinity(engine, settings, model, plan(first, end, settings.horizon_days, settings.train_cuts))


def _origin(engine: Engine, settings: NeedsSettings, people: int, drawn: int) -> dict[str, Any]:
    events = manifest.require(engine.root, "events")
    return {
        "data": artefacts.data_digest(engine),
        "events": events.rows,
        "people": people,
        "drawn": drawn,
        "settings": settings.model_dump(mode="json"),
        "settings_digest": artefacts.settings_digest(settings),
        "moments": {},
    }


def _targets(first: datetime, end: datetime, settings: NeedsSettings) -> list[tuple[Target, Plan | None]]:
    churn = churn_window(first, end, settings.churn_days)
    windows = ((BUY, settings.horizon_days), (CHURN, churn))
    return [
        (Target(name, window, settings.churn_gaps), plan(first, end, window, settings.train_cuts) if window else None)
        for name, window in windows
    ]


def _with_target(
    model: Model, target: Target, found: Plan | None, tools: tuple[Engine, NeedsSettings, Progress]
) -> Model:
    engine, settings, progress = tools
    wanted = settings.churn_days if target.name == CHURN else settings.horizon_days
    if found is None:
        return _noted(model, Finding(target.name, "history-short", {"days": wanted, "windows": _HISTORY}))
    made = compare(target, found, _Past(engine, float(target.window)), settings, progress)
    if isinstance(made, Finding):
        return _noted(model, made)
    comparison, served = made
    if target.window < wanted:
        model = _noted(model, Finding(target.name, "horizon-shortened", {"days": target.window, "wanted": wanted}))
    if found.split:
        model = _noted(model, Finding(target.name, "split-people", {"days": target.window}))
    moments: Mapping[str, Any] = {
        **model.origin["moments"],
        target.name: {"served": found.later(settings.train_cuts), "rows": comparison.people},
    }
    return replace(
        model,
        served=(*model.served, served),
        comparisons=(*model.comparisons, comparison),
        origin={**model.origin, "moments": moments},
    )


def _with_worth(
    engine: Engine, settings: NeedsSettings, model: Model, when: tuple[datetime, datetime, datetime]
) -> Model:
    first, end, now = when
    made = worth.fit(look_back(engine, SAMPLE, until(now).replace(tzinfo=None), 1).known)
    if isinstance(made, Finding):
        return _noted(model, made)
    measured = worth.measure(first, end, settings.value_days, lambda at, days: look_back(engine, SAMPLE, at, days))
    if measured is None:
        model = _noted(model, Finding("value", "history-short", {"days": settings.value_days, "windows": 2}))
    return replace(model, worth=made, measured=measured)


def _with_affinity(engine: Engine, settings: NeedsSettings, model: Model, found: Plan | None) -> Model:
    if found is None:
        return _noted(model, Finding("affinity", "history-short", {"days": settings.horizon_days, "windows": _HISTORY}))
    made = affinity.learn(engine, found, settings)
    if isinstance(made, Finding):
        return _noted(model, made)
    return replace(model, affinity=made[0], affinity_measured=made[1])


def _noted(model: Model, finding: Finding) -> Model:
    return replace(model, findings=(*model.findings, finding))

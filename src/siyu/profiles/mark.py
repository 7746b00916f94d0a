"""What the last run went by: whether this one may go on from there, and what holds until the next refit.

The mark is taken away before a run changes anything and set when all is published. A run that finds none makes
everything again: one that was cut off leaves nothing to trust.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from siyu.engine import manifest, money
from siyu.engine.port import Engine
from siyu.engine.sql import literal
from siyu.profiles.settings import ProfileSettings

DATASET = "profile_mark"
_FORMAT = 3
REREAD = frozenset({"first-run", "interrupted", "events-rewritten", "rates-rewritten"})
"""Causes for which events are read again; for the others, histories are as good as they were."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The end of a run.

    Attributes:
        now: the moment it was for, and ``refit`` that of the last refit.
        settings: digest of the settings that interests depend on.
        version: of dataset events, and ``files`` a digest of what it was made of.
        rates: the currency of money, its last rate's day, and a digest of the rates up to it.
        pending: events later than the clock.
        said: digest of what items and words stand for.
        segments: the frozen model of segments, and the settings it was made with.
    """

    now: datetime
    refit: datetime
    settings: str
    version: int
    files: str
    rates: tuple[str, str, str]
    pending: int
    said: str
    segments: Mapping[str, object] = field(default_factory=dict)


def load(engine: Engine) -> tuple[Mark | None, str]:
    """The mark of the last run, and why there is none."""
    found = manifest.find(engine.root, DATASET)
    if found is None:
        return None, "first-run"
    if found.meta.get("format") != _FORMAT:
        return None, "interrupted"
    raw = json.loads(str(found.meta["mark"]))
    moments = {name: datetime.fromisoformat(raw[name]) for name in ("now", "refit")}
    return Mark(**{**raw, **moments, "rates": tuple(raw["rates"])}), ""


def take_away(engine: Engine) -> None:
    """Until :func:`leave`, no run may go on from here."""
    engine.write("SELECT 1 AS open", DATASET, meta={"format": 0})


def leave(engine: Engine, mark: Mark) -> None:
    """Everything is published."""
    raw = asdict(mark) | {"now": mark.now.isoformat(), "refit": mark.refit.isoformat()}
    engine.write("SELECT 1 AS open", DATASET, meta={"format": _FORMAT, "mark": json.dumps(raw)})


def spoiled(engine: Engine, mark: Mark, settings: ProfileSettings, now: datetime) -> str:
    """Why everybody's profile must be made again; empty where only those touched must."""
    if rewritten(engine, mark.version, mark.files):
        return "events-rewritten"
    if rates(engine, until=mark.rates[1]) != mark.rates:
        return "rates-rewritten"
    if settings_digest(settings) != mark.settings:
        return "settings-changed"
    if now < mark.now:
        return "clock-moved-back"
    if now - mark.refit >= timedelta(days=settings.refit_days):
        return "refit-due"
    return ""


def settings_digest(settings: ProfileSettings) -> str:
    """Changes with the settings that interests depend on."""
    return hashlib.sha256(settings.interests.model_dump_json().encode()).hexdigest()


def rewritten(engine: Engine, version: int, files: str) -> bool:
    """Whether events that were there at ``version``, when ``files`` was their digest, are not what they were."""
    return files_digest(engine, version) != files or _hidden_since(engine, version)


def files_digest(engine: Engine, version: int) -> str:
    """Erasure and re-imports rewrite files; then what was made of them no longer stands for the events."""
    found = manifest.require(engine.root, "events")
    text = "\n".join(sorted(f"{file.path} {file.rows}" for file in found.files if file.version <= version))
    return hashlib.sha256(text.encode()).hexdigest()


def rates(engine: Engine, until: str = "") -> tuple[str, str, str]:
    """What prices were converted by: the project's currency, a day, and a digest of the rates up to it.

    Args:
        until: the day; without one, that of the last rate.
    """
    found = manifest.find(engine.root, money.RATES)
    if found is None:
        return "", "", ""
    last = until or str(found.meta["last"])
    if not found.rows or not last:
        return str(found.meta["currency"]), last, ""
    engine.table("profile_rates", money.RATES)
    asked = f"SELECT currency, day, rate FROM profile_rates WHERE day <= CAST({literal(last)} AS DATE)"
    text = hashlib.sha256()
    for batch in engine.batches(f"{asked} ORDER BY currency, day"):
        for row in batch.to_pylist():
            text.update(repr(row).encode())
    return str(found.meta["currency"]), last, text.hexdigest()


def _hidden_since(engine: Engine, version: int) -> bool:
    return any(keys.version > version for keys in manifest.require(engine.root, "events").hides)

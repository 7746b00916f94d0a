"""The state behind interests: decayed sums that can be added to, so that a run reads only new events.

An event of weight ``w`` at ``t`` adds ``w * 2 ** ((t - epoch) / half_life)`` to its person's sum for the item (or for
the words of a search). Such sums are independent of *now*: a later now scales all of a person's sums alike, and shares
do not change. So the sums of old and of new events are simply added. Products, aliases and word forms enter only when
interests are made from the state; a new catalogue never spoils it.

Three things are not additive and are handled apart:

- a return nets the quantity of its purchase before the weight is taken, so people who ever returned something and
  have new events are weighed again from all their events;
- events later than the clock are left out and counted; they are read when the clock has passed them;
- a state is dropped when the settings, the event files it was made from, or the clock's direction changed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from siyu.domain import columns as c
from siyu.engine import manifest
from siyu.engine.port import Engine, Sql
from siyu.engine.sql import literal, query
from siyu.profiles import valence
from siyu.profiles.inputs import PACKAGE, clear, number
from siyu.profiles.settings import InterestSettings

STATE = "profile_state"
_FORMAT = 1
_MOST_HALF_LIVES = 200
"""Sums stay within a double as long as events lie within about 1,000 half-lives of the epoch."""

_SUBJECT = "profile_basis"
_RESTATED = "profile_restated"


@dataclass(frozen=True, slots=True)
class Update:
    """How the state was brought up to date; see :class:`siyu.profiles.report.ProfileReport`."""

    mode: str
    cause: str
    events: int
    pending: int


def update_state(engine: Engine, settings: InterestSettings, now: datetime) -> Update:
    """Bring dataset ``profile_state`` up to ``now``. Needs the views of :func:`siyu.profiles.inputs.register`."""
    key = _settings_key(settings)
    known = manifest.find(engine.root, STATE)
    cause = _unusable(engine, known, key, now)
    if cause or known is None:
        epoch = now
        engine.table(_SUBJECT, Sql(f"SELECT * FROM profile_all WHERE {c.TS} <= {literal(now)}"))
        engine.table("profile_kept", Sql(query(PACKAGE, "empty_state")))
    else:
        epoch = datetime.fromisoformat(str(known.meta["epoch"]))
        _register_fresh(engine, known, now)
    read = number(engine, f"SELECT count(*) FROM {_SUBJECT}")
    pending = number(engine, f"SELECT count(*) FROM profile_all WHERE {c.TS} > {literal(now)}")
    meta = {
        "settings": key,
        "half_life_days": settings.half_life_days,
        "epoch": epoch.isoformat(),
        "now": now.isoformat(),
        "pending": pending,
        **_events_mark(engine),
    }
    if read or cause or known is None:
        valence.register(engine, _SUBJECT)
        _register_contributions(engine, settings, epoch)
        engine.write(query(PACKAGE, "state"), STATE, meta=meta)
        clear(engine, valence.DATASET)
    else:  # nothing new: only the marks move on
        engine.table("profile_kept", STATE)
        engine.write("SELECT * FROM profile_kept", STATE, meta=meta)
    engine.table(STATE, STATE)
    if not cause:
        clear(engine, _RESTATED)
    return Update("full" if cause else "incremental", cause, read, pending)


def _register_fresh(engine: Engine, known: manifest.Manifest, now: datetime) -> None:
    """Views of what a state lacks: its people to weigh again, the events to add, the sums to keep."""
    before = datetime.fromisoformat(str(known.meta["now"]))
    engine.table("profile_new", "events", after=int(str(known.meta["events_version"])))
    late = "late_events" if known.meta["pending"] else "no_late_events"
    moments = {"before": before, "now": now}
    engine.table("profile_delta", Sql(query(PACKAGE, late, **moments)))
    engine.write(query(PACKAGE, "restated", now=now), _RESTATED)
    engine.table(_RESTATED, _RESTATED)
    engine.table(_SUBJECT, Sql(query(PACKAGE, "basis", now=now)))
    engine.table("profile_old_state", STATE)
    engine.table(
        "profile_kept",
        Sql(f"SELECT s.* FROM profile_old_state s ANTI JOIN {_RESTATED} r ON r.{c.PERSON} = s.{c.PERSON}"),
    )


def _register_contributions(engine: Engine, settings: InterestSettings, epoch: datetime) -> None:
    weights = settings.weights.model_dump()
    engine.table(
        "profile_contributions",
        Sql(query(PACKAGE, "contributions", epoch=epoch, half_life=settings.half_life_days * 86_400.0, **weights)),
    )


def _unusable(engine: Engine, known: manifest.Manifest | None, key: str, now: datetime) -> str:
    """Why the state cannot be added to; empty where it can."""
    if known is None or "settings" not in known.meta:
        return "first-run"
    if known.meta["settings"] != key:
        return "settings-changed"
    if _files_digest(engine, int(str(known.meta["events_version"]))) != known.meta["events_files"]:
        return "events-rewritten"
    if now < datetime.fromisoformat(str(known.meta["now"])):
        return "clock-moved-back"
    half_life = timedelta(days=float(str(known.meta["half_life_days"])))
    if now - datetime.fromisoformat(str(known.meta["epoch"])) > _MOST_HALF_LIVES * half_life:
        return "epoch-too-old"
    return ""


def _settings_key(settings: InterestSettings) -> str:
    """What the sums depend on: weights and half-life, not ``top``."""
    text = f"{_FORMAT} {settings.half_life_days} {settings.weights.model_dump_json()}"
    return hashlib.sha256(text.encode()).hexdigest()


def _events_mark(engine: Engine) -> dict[str, object]:
    version = manifest.require(engine.root, "events").version
    return {"events_version": version, "events_files": _files_digest(engine, version)}


def _files_digest(engine: Engine, version: int) -> str:
    """Erasure and re-imports rewrite files; then the sums no longer stand for the events."""
    files = manifest.require(engine.root, "events").files
    text = "\n".join(sorted(f"{file.path} {file.rows}" for file in files if file.version <= version))
    return hashlib.sha256(text.encode()).hexdigest()

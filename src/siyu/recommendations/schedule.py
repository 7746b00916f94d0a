"""What a run must do again: learn anew and score everyone, or score only people with news by what was learnt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

import pyarrow as pa

from siyu.engine import identity, manifest
from siyu.engine.port import Engine
from siyu.engine.resolved import ALIASES
from siyu.engine.sql import query
from siyu.recommendations.history import PACKAGE
from siyu.recommendations.settings import RecommendationSettings
from siyu.recommendations.tables import CODES, keep, rows

FORMAT = 1
"""Of what models leave in datasets; another one is learnt anew."""


class Why(StrEnum):
    """Why models learnt anew, or why everyone was scored; ``NEWS`` where neither was needed."""

    FIRST = "first"  # nothing was learnt before, or a run broke off while learning
    SETTINGS = "settings"  # models, options, filters or the goal changed
    BACKWARDS = "backwards"  # the moment of this run lies before the last one
    AGE = "age"  # what was learnt is older than refit.days
    NEW_EVENTS = "new-events"  # more than refit.share
    NEW_PRODUCTS = "new-products"  # more than refit.share
    ALIASES = "aliases"  # people were told apart again
    NEWS = "news"


@dataclass(frozen=True, slots=True)
class Plan:
    """What this run does. Only ``refit`` learns; without ``everyone`` the people of ``rec_touched`` are scored."""

    refit: bool
    everyone: bool
    why: Why


@dataclass(frozen=True, slots=True)
class Marks:
    """What this run stands on, kept beside what it leaves, for the next run to compare."""

    now: datetime
    fitting: str
    scoring: str
    events: int
    event_rows: int
    products: int
    aliases: int  # how often links between names were taken back or moved

    def meta(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "format": FORMAT, "as_of": self.now.isoformat(), "fitting": self.fitting, "scoring": self.scoring,
            "events": self.events, "event_rows": self.event_rows, "products": self.products, "aliases": self.aliases,
        }  # fmt: skip


def marks(engine: Engine, settings: RecommendationSettings, goal: str, models: list[str], now: datetime) -> Marks:
    """Versions and sizes of what is read, and fingerprints of the settings."""
    events, products = manifest.require(engine.root, "events"), manifest.require(engine.root, "products")
    chosen = settings.model_dump(mode="json", exclude={"block", "refit", "choose"})
    fitting = {"models": models, "options": chosen["options"], "signals": chosen["signals"]}
    return Marks(
        now, _print(fitting), _print({**chosen, "goal": goal}), events.version, events.rows, products.rows,
        identity.moved(engine),
    )  # fmt: skip


def plan(engine: Engine, settings: RecommendationSettings, here: Marks) -> Plan:
    """Compare with what the last run left."""
    learnt = manifest.find(engine.root, CODES)
    why = _refit(learnt.meta if learnt else {}, settings, here)
    if why is not None:
        return Plan(True, True, why)
    scored = manifest.find(engine.root, "recommendations")
    why = _rescore(scored.meta if scored else {}, here)
    return Plan(False, why is not None, why or Why.NEWS)


def write_touched(engine: Engine, now: datetime) -> int:
    """Publish ``rec_touched``: people with news since the last run. Returns how many."""
    last = manifest.require(engine.root, "recommendations").meta
    engine.table("recommendations", "recommendations")
    engine.table("rec_new", "events", after=int(str(last["events"])))
    if manifest.find(engine.root, ALIASES) is not None:
        engine.table("rec_aliases", ALIASES)
    else:
        engine.table("rec_aliases", _NO_ALIASES)
    before = datetime.fromisoformat(str(last["as_of"]))
    keep(engine, "rec_touched", query(PACKAGE, "touched", now=now, before=before), scratch=True)
    return int(rows(engine, "SELECT count(*) AS people FROM rec_touched")[0]["people"])


def _refit(learnt: Mapping[str, Any], settings: RecommendationSettings, here: Marks) -> Why | None:
    if learnt.get("format") != FORMAT:
        return Why.FIRST
    since = here.now - datetime.fromisoformat(learnt["as_of"])
    share = settings.refit.share
    reasons = {
        Why.SETTINGS: learnt["fitting"] != here.fitting,
        Why.BACKWARDS: since < timedelta(0),
        Why.AGE: since >= timedelta(days=settings.refit.days),
        Why.NEW_EVENTS: abs(here.event_rows - learnt["event_rows"]) > share * learnt["event_rows"],
        Why.NEW_PRODUCTS: abs(here.products - learnt["products"]) > share * learnt["products"],
    }
    return next((why for why, holds in reasons.items() if holds), None)


def _rescore(scored: Mapping[str, Any], here: Marks) -> Why | None:
    if scored.get("format") != FORMAT:
        return Why.FIRST
    reasons = {
        Why.SETTINGS: scored["scoring"] != here.scoring,
        Why.BACKWARDS: here.now < datetime.fromisoformat(scored["as_of"]),
        Why.ALIASES: here.aliases != scored["aliases"],
    }
    return next((why for why, holds in reasons.items() if holds), None)


_NO_ALIASES = pa.schema([("alias", pa.string()), ("person", pa.string())]).empty_table()


def _print(value: object) -> str:
    return sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]

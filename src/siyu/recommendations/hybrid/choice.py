"""The choice: which models with which weights and options, how it was made, and its record, dataset ``rec_choice``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

import pyarrow as pa

from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.recommendations.hybrid import ladder
from siyu.recommendations.lineup import lanes_of
from siyu.recommendations.settings import RecommendationSettings

DATASET: Final = "rec_choice"
FORMAT: Final = 1
"""Of the record; another one is chosen anew."""

TRIALS: Final = pa.schema(
    [
        ("lane", pa.string()),
        ("blend", pa.string()),  # the rung's name, or "step" for one the climb came by
        ("weights", pa.string()),  # JSON
        ("options", pa.string()),  # JSON
        ("measure", pa.float64()),
        ("behind", pa.float64()),  # the best less this one
        ("error", pa.float64()),  # standard error of that difference
        ("cost", pa.float64()),  # links walked for a person
        ("chosen", pa.bool_()),
    ]
)
"""Dataset ``rec_choice``: a row for each blend that was tried; what was chosen and why is its meta."""


class Source(StrEnum):
    """Where the models in use come from."""

    NAMED = "named"  # the settings name them
    OFF = "off"  # choosing is switched off: plain defaults
    TOO_LITTLE = "too-little"  # nothing to choose by: plain defaults
    CHOSEN = "chosen"  # on the shop's own past


@dataclass(frozen=True)
class Lanewise:
    """What was chosen for one lane.

    Attributes:
        blend: name of the rung it comes from; ``step``: the climb went on from there.
        people: who was asked. ``measure``: mean of nDCG and recall of the choice; ``plain``: of the plain defaults;
            ``best``: of the best.
        error: standard error of the difference between the choice and the plain defaults.
        tried: blends rated. ``complete``: no step was left; ``cheaper``: one that was better, by less than a standard
            error, costs more.
    """

    blend: str
    people: int
    measure: float
    plain: float
    best: float
    error: float
    tried: int
    complete: bool
    cheaper: bool


@dataclass(frozen=True)
class Choice:
    """What a run goes by.

    Attributes:
        weights, options: by model. ``source``: where they come from; ``why``: a key that says more, or empty.
        made_at: the moment of the choice; ``cut``, ``until``: the stretch it was asked about.
        people, acts: of the sample; ``events``: that there were. ``shape``: of the settings it hangs on.
        lanes: by lane, where something was tried. ``cut_short``: the clock ended it.
        learned: what came of the learned ranker, by lane.
    """

    weights: Mapping[str, float]
    options: Mapping[str, Mapping[str, Any]]
    source: Source
    why: str = ""
    made_at: str = ""
    cut: str = ""
    until: str = ""
    people: int = 0
    acts: int = 0
    shape: str = ""
    events: int = 0
    lanes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    cut_short: bool = False
    seconds: float = 0.0
    learned: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def settings(self, given: RecommendationSettings) -> RecommendationSettings:
        """``given`` with the models of this choice; options that the shop names stay."""
        if self.source is Source.NAMED:
            return given
        options = {
            name: {**self.options.get(name, {}), **given.options.get(name, {})}
            for name in self.weights
            if name in self.options or name in given.options
        }
        return given.model_copy(update={"weights": dict(self.weights), "options": options})

    def brief(self) -> dict[str, Any]:
        """For the meta of what it led to, and for reports."""
        told = {"source": self.source.value, "weights": dict(self.weights), "options": dict(self.options)}
        if self.source is Source.TOO_LITTLE:
            told |= {"why": self.why}
        if self.source is Source.CHOSEN:
            names = ("made_at", "cut", "until", "people", "lanes", "cut_short", "learned")
            told |= {name: getattr(self, name) for name in names}
        return told

    def meta(self) -> dict[str, Any]:
        """As JSON values."""
        return {"format": FORMAT, **asdict(self), "source": self.source.value}


def plain(goal: str, source: Source, **more: Any) -> Choice:
    """The plain defaults of the lanes of a goal."""
    weights = {name: weight for lane in lanes_of(goal) for name, weight in ladder.plain(lane).weights.items()}
    return Choice(weights, {}, source, **more)


def standing(engine: Engine, settings: RecommendationSettings, goal: str) -> Choice:
    """What is in force now: what the settings name, else the record, else the plain defaults."""
    if settings.weights:
        return Choice(settings.weights, settings.options, Source.NAMED)
    if not settings.choose.budget:
        return plain(goal, Source.OFF)
    return recorded(engine) or plain(goal, Source.TOO_LITTLE)


def recorded(engine: Engine) -> Choice | None:
    """The record; ``None`` where there is none, or none that can be read."""
    found = manifest.find(engine.root, DATASET)
    if found is None or found.meta.get("format") != FORMAT:
        return None
    try:
        meta = {name: value for name, value in found.meta.items() if name != "format"}
        choice = Choice(**{**meta, "source": Source(str(meta["source"]))})  # type: ignore[arg-type]
        datetime.fromisoformat(choice.made_at)
        choice.settings(RecommendationSettings())
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return choice


def keep(engine: Engine, choice: Choice, trials: Sequence[Mapping[str, Any]]) -> None:
    """Publish the record."""
    engine.write(pa.Table.from_pylist(list(trials), schema=TRIALS).to_reader(), DATASET, meta=choice.meta())


def stale(engine: Engine, choice: Choice, settings: RecommendationSettings, goal: str, now: datetime) -> bool:
    """Whether it is time to choose anew: too old, of a later moment, of other settings, or of half as many events."""
    if choice.source in (Source.NAMED, Source.OFF):
        return False
    if choice.source is Source.TOO_LITTLE or choice.shape != shape(settings, goal):
        return True
    age = now - datetime.fromisoformat(choice.made_at)
    grown = manifest.require(engine.root, "events").rows > 2 * choice.events
    return grown or not timedelta(0) <= age < timedelta(days=settings.choose.days)


def shape(settings: RecommendationSettings, goal: str) -> str:
    """A fingerprint of the settings that a choice hangs on."""
    kept = settings.model_dump(mode="json", exclude={"weights", "refit", "block", "reasons"})
    kept["choose"].pop("days")
    return sha256(json.dumps([kept, goal], sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]

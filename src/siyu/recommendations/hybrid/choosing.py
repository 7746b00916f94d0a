"""Choosing: the ladder, then a few steps from its best rung; of blends as good within a standard error the cheapest."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np

from siyu.domain.errors import InputError, SettingsError
from siyu.domain.kinds import Lane
from siyu.domain.progress import Progress, Step, silent
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.recommendations.evaluation.climbing import climb
from siyu.recommendations.hybrid import choice as record
from siyu.recommendations.hybrid import ladder, training
from siyu.recommendations.hybrid.bench import Bench, Blend, Heard, Key, listen, scaled
from siyu.recommendations.hybrid.choice import Choice, Lanewise, Source
from siyu.recommendations.hybrid.ladder import LADDER, Rung, Trait
from siyu.recommendations.hybrid.rehearsal import Rehearsal, has_interests, rehearsing
from siyu.recommendations.hybrid.sample import ENOUGH, Sample, before, drawn
from siyu.recommendations.hybrid.training import Trained
from siyu.recommendations.lineup import lanes_of
from siyu.recommendations.settings import RecommendationSettings
from siyu.recommendations.tables import rows

_ADDED: Final = (0.1, 0.4)
"""What a model that is not in a blend yet counts when it comes in, against the weightiest."""


@dataclass
class Watch:
    """The clock of a choice: whether time is left, and whether it ran out."""

    budget: float
    timer: Callable[[], float]
    cut_short: bool = False

    def __post_init__(self) -> None:
        self._begun = self.timer()

    @property
    def seconds(self) -> float:
        """Since the choice began."""
        return self.timer() - self._begun

    def left(self) -> bool:
        """Whether something more may begin; once it may not, the choice is cut short."""
        if self.seconds >= self.budget:
            self.cut_short = True
        return not self.cut_short


def choose(
    engine: Engine,
    settings: RecommendationSettings,
    goal: str,
    now: datetime,
    *,
    progress: Progress = silent,
    timer: Callable[[], float] = time.process_time,
) -> Choice:
    """Choose on what lies before ``now`` in the view ``events``, and publish the record.

    What is tried is bounded in number and size, so that the same events give the same choice; the budget only ends what
    takes too long, in seconds of the processor: a busy machine changes nothing. Needs the tables of
    :func:`siyu.recommendations.tables.open_inputs`.
    """
    watch = Watch(settings.choose.budget, timer)
    progress(Step("recommend.choose", 0, 0))
    base: dict[str, Any] = {
        "made_at": now.isoformat(), "shape": record.shape(settings, goal),
        "events": manifest.require(engine.root, "events").rows,
    }  # fmt: skip
    sample = drawn(engine, settings.choose, now)
    asked = sample.asked if sample is not None else 0
    if sample is None or asked < ENOUGH:
        why = "no-past" if sample is None else "few-buyers"
        made = record.plain(goal, Source.TOO_LITTLE, why=why, people=asked, **base)
        record.keep(engine, made, ())
        return made
    base |= {"cut": sample.cut.isoformat(), "until": sample.until.isoformat()}
    try:
        with rehearsing(engine, sample, settings) as rehearsal:
            traits = _traits(engine, rehearsal, sample.everyone)
            found = [_lane(rehearsal, lane, traits, watch, progress) for lane in lanes_of(goal)]
            learnt = _learnt(engine, found, sample, watch, progress) if settings.choose.learned else {}
    except InputError:
        made = record.plain(goal, Source.TOO_LITTLE, why="few-buyers", **base)
        record.keep(engine, made, ())
        return made
    told = {lane.value: dict(one.told) for lane, one in learnt.items()}
    made = _made(found, sample, {**base, "learned": told}, watch)
    training.keep(engine, learnt, {name: base[name] for name in ("made_at", "cut", "until")})
    record.keep(engine, made, [trial for one in found for trial in one.trials()])
    return made


def _learnt(
    engine: Engine, found: list[Found], sample: Sample, watch: Watch, progress: Progress
) -> dict[Lane, Trained]:
    """Trees over what was chosen, lane by lane, while time is left: from the stretch before, judged on this one."""
    progress(Step("recommend.choose.learned", 0, 0))
    try:
        with rehearsing(engine, before(sample), found[0].bench.rehearsal.settings) as earlier:
            return {one.bench.lane: training.train(one.bench, one.blend, earlier) for one in found if watch.left()}
    except InputError:  # nobody bought anything in the stretch before
        return {}


def _made(found: list[Found], sample: Sample, base: Mapping[str, Any], watch: Watch) -> Choice:
    weights: dict[str, float] = {}
    options: dict[str, Mapping[str, Any]] = {}
    for one in found:
        weights |= {key[0]: weight for key, weight in one.blend}
        options |= {key[0]: one.bench.heard[key].options for key, _ in one.blend if one.bench.heard[key].options}
    return Choice(
        dict(sorted(weights.items())), dict(sorted(options.items())), Source.CHOSEN,
        people=sample.people.num_rows, acts=sample.acts,
        lanes={one.bench.lane.value: asdict(one.told) for one in found},
        cut_short=watch.cut_short, seconds=round(watch.seconds, 1), **base,
    )  # fmt: skip


def _traits(engine: Engine, rehearsal: Rehearsal, everyone: int) -> frozenset[Trait]:
    """What the shop's data have."""
    kinds = {row["kind"]: row["n"] for row in rows(engine, "SELECT kind, count(*) AS n FROM events GROUP BY kind")}
    acts = np.concatenate([np.bincount(people.row, minlength=people.size) for people in rehearsal.everyone])
    found = {
        Trait.LOOKS: kinds.get("browse", 0) >= ladder.LOOKED * max(sum(kinds.values()), 1),
        Trait.SMALL: rehearsal.items.size <= ladder.SMALL,
        Trait.INTERESTS: has_interests(engine),
        Trait.MODEST: everyone <= ladder.MODEST,
        Trait.FEW: float(np.median(acts)) <= ladder.LITTLE,
    }
    return frozenset(trait for trait, holds in found.items() if holds)


@dataclass(frozen=True)
class Found:
    """What came of one lane."""

    bench: Bench
    blend: Blend
    named: Mapping[Blend, str]
    told: Lanewise

    def trials(self) -> Iterator[dict[str, Any]]:
        """Every blend that was tried, as rows of the record, best first."""
        rated = self.bench.rated
        best = max(rated.values(), key=lambda rating: rating.value)
        for blend, rating in sorted(rated.items(), key=lambda pair: -pair[1].value):
            yield {
                "lane": self.bench.lane.value,
                "blend": self.named.get(blend, "step"),
                "weights": json.dumps({key[0]: weight for key, weight in blend}, sort_keys=True),
                "options": json.dumps({key[0]: json.loads(key[1]) for key, _ in blend if key[1] != "{}"}),
                "measure": rating.value,
                "behind": best.value - rating.value,
                "error": best.error(rating),
                "cost": self.bench.cost(blend),
                "chosen": blend == self.blend,
            }


def _lane(rehearsal: Rehearsal, lane: Lane, traits: frozenset[Trait], watch: Watch, progress: Progress) -> Found:
    rungs = [fit for rung in LADDER if rung.lane is lane and (fit := ladder.fitting(rung, traits)) is not None]
    heard: dict[Key, Heard] = {}
    blends: dict[Blend, str] = {}
    for rung in rungs:
        blend = _listened(rehearsal, rung, heard, watch if blends else None, progress)
        if blend:
            blends.setdefault(blend, rung.name)
    bench = Bench(lane, rehearsal, heard)
    first = next(iter(blends))
    most = rehearsal.settings.choose.trials
    for blend in blends:
        if blend == first or watch.left():
            bench.rate(blend)
    start = max(bench.rated, key=lambda blend: bench.rated[blend].value)
    _, _, complete = climb(
        start, bench.rate(start), rate=bench.rate, steps=lambda blend: _steps(blend, heard),
        more=lambda: len(bench.rated) < most + len(blends) and watch.left(),
    )  # fmt: skip
    best, chosen = _settled(bench) if bench.people >= ENOUGH else (first, first)  # too few wanted something here
    plain = bench.rate(first)
    told = Lanewise(
        blend=blends.get(chosen, "step"), people=bench.people, measure=bench.rate(chosen).value, plain=plain.value,
        best=bench.rate(best).value, error=bench.rate(chosen).error(plain), tried=len(bench.rated), complete=complete,
        cheaper=chosen != best,
    )  # fmt: skip
    return Found(bench, chosen, blends, told)


def _settled(bench: Bench) -> tuple[Blend, Blend]:
    """The best blend, and the cheapest of those within one standard error of it."""
    best = max(bench.rated, key=lambda blend: (bench.rated[blend].value, -bench.cost(blend)))
    top = bench.rated[best]
    near = [blend for blend, rating in bench.rated.items() if top.value - rating.value <= top.error(rating)]
    return best, min(near, key=lambda blend: (bench.cost(blend), -bench.rated[blend].value))


def _listened(
    rehearsal: Rehearsal, rung: Rung, heard: dict[Key, Heard], watch: Watch | None, progress: Progress
) -> Blend | None:
    """Let the models of a rung learn that have not yet; its blend, ``None`` where time is up before all have.

    Without ``watch`` they all do: the first rung is always there to compare with.
    """
    blend = []
    for name, weight in rung.weights.items():
        options = dict(rung.options.get(name, {}))
        key = name, json.dumps(options, sort_keys=True)
        if key not in heard:
            if watch is not None and not watch.left():
                return None
            progress(Step(f"recommend.choose.{name}", len(heard), 0))
            try:
                heard[key] = listen(rehearsal, rung.lane, key, options)
            except SettingsError:  # a model that refuses, as EASE does beyond its size
                continue
        blend.append((key, weight))
    return scaled(blend) if blend else None


def _steps(blend: Blend, heard: Mapping[Key, Heard]) -> Iterator[Callable[[Blend], Blend | None]]:
    """Single steps: what a model counts doubled, halved or dropped; another model brought in; other options taken."""
    inside = {key[0] for key, _ in blend}
    for key, _ in blend:
        for factor in (2.0, 0.5, 0.0):
            yield _times(key, factor)
    for key in heard:
        if key[0] not in inside:
            for share in _ADDED:
                yield _with(key, share)
        elif key not in dict(blend):
            yield _instead(key)


def _times(key: Key, factor: float) -> Callable[[Blend], Blend | None]:
    def step(blend: Blend) -> Blend | None:
        weights = dict(blend)
        if key not in weights or (len(weights) == 1):
            return None
        weights[key] = round(weights[key] * factor, 6)
        return scaled((one, weight) for one, weight in weights.items() if weight)

    return step


def _with(key: Key, share: float) -> Callable[[Blend], Blend | None]:
    def step(blend: Blend) -> Blend | None:
        if key[0] in {one[0] for one, _ in blend}:
            return None
        return scaled((*blend, (key, share)))

    return step


def _instead(key: Key) -> Callable[[Blend], Blend | None]:
    def step(blend: Blend) -> Blend | None:
        if key in dict(blend):
            return None
        return scaled((key if one[0] == key[0] else one, weight) for one, weight in blend)

    return step

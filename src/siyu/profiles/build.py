"""The stage: events and products in; interests, people and segments out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from siyu.domain import columns as c
from siyu.domain.clock import Clock
from siyu.domain.kinds import Facet
from siyu.domain.progress import Progress, Step, silent
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.engine.resolved import events
from siyu.engine.sql import literal, query
from siyu.profiles import findings, histories, inputs, mark, moves, people, portraits, profiling, segments, words
from siyu.profiles.findings import Finding
from siyu.profiles.histories import Buckets
from siyu.profiles.interests import Reading
from siyu.profiles.mark import Mark
from siyu.profiles.report import ProfileReport
from siyu.profiles.reviews import points
from siyu.profiles.rules import mining
from siyu.profiles.settings import ProfileSettings
from siyu.profiles.values import FACETS, Values, values
from siyu.profiles.weights import Weighing

_KEPT = " UNION ALL ".join(
    f"SELECT '{facet}' AS facet, CAST(sum(kept_{facet}) AS BIGINT) AS n FROM {profiling.MEASURES_DATASET}"
    for facet in FACETS
)
_MOST, _FEW = 0.5, 1_000
"""Where more than this share of the people is touched, and not just a few, everybody's profile is made again."""


def build_profiles(
    engine: Engine, settings: ProfileSettings, *, clock: Clock, progress: Progress = silent
) -> ProfileReport:
    """Write datasets ``interests``, ``people`` and ``segments``; events later than the clock are left for later.

    Between refits, only people with something new are worked on; see ``docs/explanation/interests.md``.

    Raises:
        MissingDataError: no events were imported yet.
    """
    now = clock.now()
    inputs.register(engine)
    last, cause = mark.load(engine)
    if last is not None:
        cause = mark.spoiled(engine, last, settings, now)
    mark.take_away(engine)
    progress(Step("profile.events"))
    plan = _planned(engine, last, cause, now)
    _profile(engine, settings, plan, progress)
    progress(Step("profile.people"))
    people.measure(engine, now)
    progress(Step("profile.segments"))
    before = moves.standing(engine)
    division = segments.write_segments(engine, settings.segments, plan.frozen)
    moves.write_moves(engine, before, anew=division.anew)
    people.write_people(engine, settings.lifecycle, _unknown(engine, plan.now))
    if division.anew or manifest.find(engine.root, portraits.DATASET) is None:
        portraits.write_portraits(engine, division.steady)
    if settings.reviews.on and (plan.cause or manifest.find(engine.root, points.DATASET) is None):
        points.read_reviews(engine, settings.reviews, plan.now, progress)
    if settings.rules.on and (plan.cause or manifest.find(engine.root, mining.DATASET) is None):
        mining.mine(engine, settings.rules, plan.now, progress)
    pending = _leave(engine, settings, plan, division.kept)
    scratch = (*histories.SCRATCH, *profiling.SCRATCH, *people.SCRATCH, *segments.SCRATCH)
    for dataset in (*scratch, *histories.FORMER):
        engine.drop(dataset)
    return ProfileReport(
        mode="full" if plan.cause else "incremental",
        cause=plan.cause,
        events=plan.events,
        pending=pending,
        people=inputs.number(engine, "SELECT count(*) FROM people"),
        interests=inputs.counts(engine, f"SELECT facet, n FROM ({_KEPT}) k WHERE n > 0"),
        lifecycle=inputs.counts(engine, "SELECT lifecycle, count(*) FROM people GROUP BY lifecycle ORDER BY lifecycle"),
        segments=inputs.counts(engine, "SELECT segment, count(*) FROM people GROUP BY segment ORDER BY segment"),
        findings=findings.standing(engine),
    )


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a run is to do: everybody for a ``cause``, or only those touched since ``last``."""

    now: datetime
    cause: str
    last: Mark | None
    values: Values
    events: int
    buckets: Buckets

    @property
    def frozen(self) -> Mapping[str, object]:
        """The model of segments, where it holds."""
        return {} if self.cause or self.last is None else self.last.segments


def _planned(engine: Engine, last: Mark | None, cause: str, now: datetime) -> _Plan:
    reread = cause in mark.REREAD
    histories.update(engine, None if reread else last)
    found = values(engine, words.used(engine, None if cause else last, now))
    if not cause and last is not None:
        engine.table(profiling.MEASURES_DATASET, profiling.MEASURES_DATASET)
        known = inputs.number(engine, f"SELECT count(*) FROM {profiling.MEASURES_DATASET}")
        if histories.touch(engine, found, last, now) > max(_FEW, _MOST * known):
            cause = "most-people-touched"
    if not cause:
        buckets = histories.cluster_touched(engine, now)
        fresh = inputs.number(engine, "SELECT count(*) FROM profile_heard")
        return _Plan(now, cause, last, found, fresh, buckets)
    buckets = histories.cluster_all(engine, now, again=not reread)
    weighed = inputs.number(engine, f"SELECT count(*) FROM {histories.HISTORIES} WHERE {c.TS} <= {literal(now)}")
    return _Plan(now, cause, last, found, weighed, buckets)


def _profile(engine: Engine, settings: ProfileSettings, plan: _Plan, progress: Progress) -> None:
    """Publish interests and measures."""
    known = histories.who(engine)
    reading = Reading(
        values=plan.values,
        weighing=Weighing.at(plan.now, settings.interests),
        names=known.names,
        person_of=known.person_of,
        top=settings.interests.top,
        focus=FACETS.index(Facet.CATEGORY if plan.values.has(Facet.CATEGORY) else Facet.KEYWORD),
    )
    whole = bool(plan.cause)
    profiling.write_profiles(profiling.Work(engine, reading, plan.buckets, whole, progress))


def _unknown(engine: Engine, now: datetime) -> list[Finding]:
    """Why nothing is known of what people like."""
    if not inputs.number(engine, f"SELECT count(*) FROM {profiling.MEASURES_DATASET}"):
        return [Finding("interests", "nobody-known")]
    known = inputs.counts(engine, f"SELECT facet, n FROM ({_KEPT}) k WHERE n > 0")
    if set(known) - {Facet.KEYWORD.value}:
        return []
    products = inputs.number(engine, "SELECT count(*) FROM products")
    if not products:
        return [Finding("interests", "no-catalogue")]
    events(engine, name="profile_events")
    rows = (row for batch in engine.batches(query(inputs.PACKAGE, "known_items", now=now)) for row in batch.to_pylist())
    found = next(rows)
    if found["known"] or not found["items"]:
        return []
    return [Finding("interests", "catalogue-unknown", {"items": found["items"], "products": products})]


def _leave(engine: Engine, settings: ProfileSettings, plan: _Plan, division: Mapping[str, object]) -> int:
    """Mark the run as done; returns how many events are later than the clock."""
    pending = inputs.number(engine, f"SELECT count(*) FROM {histories.HISTORIES} WHERE {c.TS} > {literal(plan.now)}")
    digest = plan.values.digest()
    if plan.last is None or plan.last.said != digest:
        histories.keep_said(engine, plan.values)
    version = manifest.require(engine.root, "events").version
    refit = plan.now if plan.cause or plan.last is None else plan.last.refit
    mark.leave(
        engine,
        Mark(
            now=plan.now,
            refit=refit,
            settings=mark.settings_digest(settings),
            version=version,
            files=mark.files_digest(engine, version),
            rates=mark.rates(engine),
            pending=pending,
            said=digest,
            segments=division,
        ),
    )
    return pending

"""The stage: events and products in; interests, people and segments out."""

from __future__ import annotations

from siyu.domain.clock import Clock
from siyu.domain.progress import Progress, Step, silent
from siyu.engine.port import Engine
from siyu.profiles import inputs, people, segments
from siyu.profiles.interests import write_interests
from siyu.profiles.report import ProfileReport
from siyu.profiles.settings import ProfileSettings
from siyu.profiles.state import update_state


def build_profiles(
    engine: Engine, settings: ProfileSettings, *, clock: Clock, progress: Progress = silent
) -> ProfileReport:
    """Write datasets ``interests``, ``people`` and ``segments``; events later than the clock are left for later.

    Only events that came since the last run are weighed, where that is possible; see :mod:`siyu.profiles.state`.

    Raises:
        MissingDataError: no events were imported yet.
    """
    now = clock.now()
    inputs.register(engine, now)
    progress(Step("profile.events"))
    update = update_state(engine, settings.interests, now)
    write_interests(engine, top=settings.interests.top, progress=progress)
    progress(Step("profile.people"))
    people.measure(engine, now)
    progress(Step("profile.segments"))
    segments.write_segments(engine, settings.segments)
    people.write_people(engine, settings.lifecycle)
    inputs.clear(engine, segments.SEGMENT_OF)
    return ProfileReport(
        mode=update.mode,
        cause=update.cause,
        events=update.events,
        pending=update.pending,
        people=inputs.number(engine, "SELECT count(*) FROM people"),
        interests=inputs.counts(engine, "SELECT facet, count(*) FROM interests GROUP BY facet ORDER BY facet"),
        lifecycle=inputs.counts(engine, "SELECT lifecycle, count(*) FROM people GROUP BY lifecycle ORDER BY lifecycle"),
        segments=inputs.counts(engine, "SELECT segment, count(*) FROM people GROUP BY segment ORDER BY segment"),
    )

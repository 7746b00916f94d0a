"""The pipeline, to be read aloud: import, understand, recommend, write, send, report.

Each stage reads what earlier ones published and publishes its own; it can be run alone, again, or after a crash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from siyu.app.importing import ImportedReport, import_all
from siyu.app.reporting import ReportMade, make_report
from siyu.app.sending import STEP, SentReport, left, send_campaign
from siyu.app.shop import Shop
from siyu.app.stages import stage
from siyu.app.tracking import TrackReport, track
from siyu.copywriting import CopyReport, write_messages
from siyu.domain.errors import MissingDataError
from siyu.domain.progress import Progress, silent
from siyu.engine import manifest
from siyu.feedback.policies import POLICIES
from siyu.profiles import ProfileReport, build_profiles, inputs
from siyu.profiles.needs.build import build_needs
from siyu.profiles.needs.report import NeedsReport
from siyu.profiles.reviews.points import ReviewReport, read_reviews
from siyu.recommendations import RecommendationReport, recommend
from siyu.store import campaigns


@dataclass(frozen=True, slots=True)
class PreparedReport:
    """What the stages before sending did."""

    imported: ImportedReport
    profiles: ProfileReport
    recommendations: RecommendationReport
    copy: CopyReport


@dataclass(frozen=True, slots=True)
class RunReport:
    """What every stage of a run did."""

    prepared: PreparedReport
    sent: SentReport
    tracked: TrackReport
    report: ReportMade


def importing(shop: Shop, progress: Progress = silent) -> ImportedReport:
    """Read people, catalogue and events; only what is new."""
    with stage(shop, "import") as note:
        note.report = done = import_all(shop, progress)
    return done


def profiling(shop: Shop, progress: Progress = silent) -> ProfileReport:
    """Understand people: interests, lifecycle, segments, needs."""
    with stage(shop, "profile") as note:
        done = build_profiles(shop.engine, shop.settings.profiles, clock=shop.clock, progress=progress)
        note.report = done = replace(done, needs=_needs(shop, progress).brief())
    return done


def foreseeing(shop: Shop, progress: Progress = silent) -> NeedsReport:
    """Learn anew what people will want, and foresee it for everyone."""
    with stage(shop, "needs") as note:
        done = _needs(shop, progress, anew=True)
        note.report = done.brief()
    return done


def reading(shop: Shop, progress: Progress = silent) -> ReviewReport:
    """Read anew what reviews say of products."""
    with stage(shop, "reviews") as note:
        inputs.register(shop.engine)
        note.report = done = read_reviews(shop.engine, shop.settings.profiles.reviews, shop.clock.now(), progress)
    return done


def _needs(shop: Shop, progress: Progress, *, anew: bool = False) -> NeedsReport:
    settings = shop.settings.profiles
    return build_needs(
        shop.engine, settings.needs, refit_days=settings.refit_days, clock=shop.clock, progress=progress, anew=anew
    )


def recommending(shop: Shop, progress: Progress = silent) -> RecommendationReport:
    """Choose products for everyone."""
    if manifest.find(shop.engine.root, "products") is None:
        raise MissingDataError(
            "There is no catalogue to recommend from.",
            why="No product has been imported.",
            next_step="Name the catalogue's files under [[catalogue]] in siyu.toml, then run the same command again.",
            dataset="products",
        )
    with stage(shop, "recommend") as note:
        note.report = done = recommend(
            shop.engine,
            shop.settings.recommendations,
            clock=shop.clock,
            goal=shop.campaign.goal,
            progress=progress,
        )
    return done


def writing(shop: Shop, progress: Progress = silent) -> CopyReport:
    """Write the campaign's messages and check every claim."""
    _keep_records(shop)
    with stage(shop, "write") as note:
        note.report = done = write_messages(
            shop.engine,
            shop.campaign,
            settings=shop.copy_settings,
            offers=shop.offers,
            step=STEP,
            clock=shop.clock,
            policy=POLICIES.load("uniform")(),
            sent=left(shop),
            key=shop.copy_key,
            writers={name: getattr(shop.settings.writers, name) for name in type(shop.settings.writers).model_fields},
            progress=progress,
        )
    return done


def sending(shop: Shop, progress: Progress = silent) -> SentReport:
    """Plan who may be written to, and send what is due."""
    _keep_records(shop)
    with stage(shop, "send") as note:
        note.report = done = send_campaign(shop, progress)
    return done


def tracking(shop: Shop, progress: Progress = silent, *, files: Sequence[Path] = ()) -> TrackReport:
    """Take in what readers did; from the project's own log where no file is named."""
    with stage(shop, "track") as note:
        note.report = done = track(shop, files, progress)
    return done


def reporting(shop: Shop, progress: Progress = silent) -> ReportMade:
    """Measure and show."""
    with stage(shop, "report") as note:
        done = make_report(shop, progress)
        note.report = {"path": done.path.name}
    return done


def prepare(shop: Shop, progress: Progress = silent) -> PreparedReport:
    """Everything before sending: nobody is planned, nobody is written to."""
    imported = importing(shop, progress)
    if manifest.find(shop.engine.root, "events") is None:
        raise MissingDataError(
            "There are no events to go by.",
            why="The import found no row of events that it could keep.",
            next_step="Look at `siyu quarantine`, and check files and columns under [[events]] in siyu.toml.",
            dataset="events",
        )
    return PreparedReport(
        imported,
        profiling(shop, progress),
        recommending(shop, progress),
        writing(shop, progress),
    )


def run(shop: Shop, progress: Progress = silent) -> RunReport:
    """The whole job, for one campaign at one moment."""
    return RunReport(
        prepare(shop, progress),
        sending(shop, progress),
        tracking(shop, progress),
        reporting(shop, progress),
    )


def _keep_records(shop: Shop) -> None:
    """Campaign and offers as first-class records."""
    with shop.store.connection() as connection:
        for offer in shop.offers:
            campaigns.put_offer(connection, offer, shop.clock.now())
        campaigns.put_campaign(connection, shop.campaign, shop.clock.now())

"""The Python API: a project and the stages of its job, each a method that returns its report."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siyu.app import mined, pipeline
from siyu.app.checking import CheckReport, check_messages, check_text
from siyu.app.explaining import explain
from siyu.app.hearing import hear
from siyu.app.importing import ImportedReport
from siyu.app.lock import project_lock
from siyu.app.pipeline import RunReport
from siyu.app.rehearsing import Rehearsal, rehearse
from siyu.app.reporting import ReportMade
from siyu.app.sending import SentReport
from siyu.app.shop import Shop
from siyu.app.tracking import TrackReport
from siyu.copywriting import CopyReport
from siyu.domain.progress import Progress, silent
from siyu.profiles import ProfileReport
from siyu.profiles.needs.report import NeedsReport
from siyu.profiles.reviews.points import ReviewReport
from siyu.recommendations import RecommendationReport

if TYPE_CHECKING:
    from siyu.app.evaluating import EvaluationMade


class Project:
    """One project, opened. Methods that change it hold its lock while they run.

    Args:
        folder: the folder with siyu.toml.
        as_of: the moment that counts as now (aware); the settings' own, else the system's clock.
        progress: called with what a stage does now (:class:`siyu.domain.progress.Step`).
        environment: variables that may override settings (``SIYU_SECTION__KEY``).

    Raises:
        SettingsError: there is no siyu.toml, or it does not fit.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        as_of: datetime | None = None,
        progress: Progress = silent,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self.shop = Shop(Path(folder), as_of=as_of, environment=environment)
        self._progress = progress

    def __enter__(self) -> Project:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store."""
        self.shop.close()

    def import_data(self) -> ImportedReport:
        """Read people, catalogue and events; only what is new."""
        with self._locked("import"):
            return pipeline.importing(self.shop, self._progress)

    def profile(self) -> ProfileReport:
        """Understand people."""
        with self._locked("profile"):
            return pipeline.profiling(self.shop, self._progress)

    def needs(self) -> NeedsReport:
        """Learn anew what people will want, and foresee it for everyone."""
        with self._locked("needs"):
            return pipeline.foreseeing(self.shop, self._progress)

    def reviews(self) -> ReviewReport:
        """Read anew what reviews say of products."""
        with self._locked("reviews"):
            return pipeline.reading(self.shop, self._progress)

    def rules(self, level: str = "item") -> list[dict[str, Any]]:
        """What is bought together, among products (``item``) or categories (``category``)."""
        return mined.rules(self.shop, level)

    def portraits(self, language: str = "") -> list[dict[str, Any]]:
        """Segments in words (see :func:`siyu.app.mined.portraits`)."""
        return mined.portraits(self.shop, language)

    def recommend(self) -> RecommendationReport:
        """Choose products for everyone."""
        with self._locked("recommend"):
            return pipeline.recommending(self.shop, self._progress)

    def write(self) -> CopyReport:
        """Write the campaign's messages and check every claim."""
        with self._locked("write"):
            return pipeline.writing(self.shop, self._progress)

    def check(self, text: str = "", *, limit: int = 20) -> CheckReport:
        """Findings in ``text``, or in the written messages."""
        return check_text(self.shop, text) if text else check_messages(self.shop, limit=limit)

    def rehearse(self, test_to: str = "") -> Rehearsal:
        """What a send would do, or a few messages to one's own address; nothing is recorded."""
        return rehearse(self.shop, test_to, self._progress)

    def send(self) -> SentReport:
        """Plan, and send what is due."""
        with self._locked("send"):
            return pipeline.sending(self.shop, self._progress)

    def track(self, files: Sequence[str | Path] = ()) -> TrackReport:
        """Take in tracking hits."""
        with self._locked("track"):
            return pipeline.tracking(self.shop, self._progress, files=[Path(path) for path in files])

    def report(self) -> ReportMade:
        """Measure, and write the HTML report and its JSON twin."""
        with self._locked("report"):
            return pipeline.reporting(self.shop, self._progress)

    def run(self) -> RunReport:
        """The whole job."""
        with self._locked("run"):
            return pipeline.run(self.shop, self._progress)

    def explain(self, person: str) -> dict[str, Any]:
        """Everything that led to this person's message, or to none (see :func:`siyu.app.explaining.explain`).

        Raises:
            MissingDataError: nothing is known of that person.
        """
        return explain(self.shop, person)

    def audience(self, item: str, *, lanes: Sequence[str] = (), top: int = 20, anyway: bool = False) -> dict[str, Any]:
        """Who should hear of a product, with reasons and reach (see :func:`siyu.app.hearing.hear`).

        Raises:
            MissingDataError: no product is called so, or recommendations were never made.
            InputError: several products are called so, or it is not in force yet.
        """
        with self._locked("audience"):
            return hear(self.shop, item, lanes=lanes, top=top, anyway=anyway, progress=self._progress)

    def evaluate(
        self,
        *models: str,
        at: datetime | None = None,
        places: int = 20,
        budget: float | None = None,
        page: Path | None = None,
    ) -> EvaluationMade:
        """How good recommendations are on the project's own past; no dataset is written.

        Args:
            models: as ``siyu evaluate`` names them, the first compared against; the plainest and ``default`` where none
                is named.
            at: the moment that splits the past; without it the last fifth of the time is the test.
            places: of each list that count.
            budget: seconds to choose settings in, for each model, before the test; ``None`` to take them as given.
            page: where the page with charts is written.

        Raises:
            MissingDataError: nothing was imported yet.
            SettingsError: there is no such model or option.
            InputError: the split leaves nothing on one of its sides.
        """
        from siyu.app.evaluating import Wanted, evaluate_project  # deferred: no other method needs the judge

        wanted = Wanted(models=models, at=at, places=places, budget=budget)
        return evaluate_project(self.shop, wanted, page=page, progress=self._progress)

    def _locked(self, doing: str) -> Any:
        return project_lock(self.shop.paths.lock, f"siyu.Project.{doing}")

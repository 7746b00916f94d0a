"""The report: figures of every section, as one HTML page and as JSON."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from siyu.domain.campaigns import Campaign
from siyu.domain.clock import Clock
from siyu.domain.errors import StorageError
from siyu.domain.progress import Progress, Step, silent
from siyu.engine.port import Engine
from siyu.reports.page import render
from siyu.reports.sections.table import SECTIONS
from siyu.reports.settings import ReportSettings
from siyu.reports.source import Figures, Material, Source


@dataclass(frozen=True, slots=True)
class Report:
    """A finished report.

    Attributes:
        figures: every number on the page, by section, of no language.
        html: the page; it needs no other file and no network.
    """

    figures: Figures
    html: str

    @property
    def json(self) -> str:
        """The figures as JSON."""
        return json.dumps(self.figures, ensure_ascii=False, allow_nan=False, indent=1)

    def save(self, folder: Path, name: str = "report") -> Path:
        """Write ``<name>.html`` and ``<name>.json``, each at once or not at all; returns the page's path.

        Raises:
            StorageError: the folder cannot be written; an earlier report stays.
        """
        for suffix, text in (("json", self.json), ("html", self.html)):
            aside = folder / f".{name}.{suffix}.{os.getpid()}"
            try:
                folder.mkdir(parents=True, exist_ok=True)
                aside.write_text(text, "utf-8")
                aside.replace(folder / f"{name}.{suffix}")
            except OSError as error:
                aside.unlink(missing_ok=True)
                raise StorageError(
                    "The report cannot be written.",
                    why=f"{folder}: {error.strerror}.",
                    next_step="Free space or make the folder writable, then run `siyu report`; all else is kept.",
                    retry=error.errno == errno.ENOSPC,
                ) from error
        return folder / f"{name}.html"


def build_report(
    engine: Engine,
    material: Material,
    *,
    campaign: Campaign,
    settings: ReportSettings,
    clock: Clock,
    progress: Progress = silent,
) -> Report:
    """Compute every section and write the page.

    Datasets that do not exist yet leave their section empty, with the reason.

    Raises:
        InputError: the outcomes have no arms, or several rows for a person.
    """
    now = clock.now()
    source = Source(engine, material, campaign, settings, now)
    figures: Figures = {"campaign": _campaign(source)}
    for done, (key, section) in enumerate(SECTIONS.items()):
        progress(Step(f"report.{key}", done, len(SECTIONS)))
        figures[key] = _json(section(source))
    progress(Step("report.page", len(SECTIONS), len(SECTIONS)))
    return Report(figures, render(figures, settings))


def _campaign(source: Source) -> Figures:
    campaign, settings, now = source.campaign, source.settings, source.now
    brand = source.material.shown_settings.get("project.brand")
    return {
        "name": campaign.name,
        "brand": str(brand or ""),
        "start": campaign.start.astimezone(UTC).isoformat(),
        "end": campaign.end.astimezone(UTC).isoformat(),
        "attribution_days": campaign.attribution.total_seconds() / 86_400,
        "as_of": now.isoformat(),
        "currency": settings.currency,
        "timezone": settings.timezone,
        "level": settings.level,
        "least_shown": settings.least_shown,
    }


def _json(value: Any) -> Any:
    """``value`` with moments as text and numbers that JSON has no word for as null."""
    if isinstance(value, dict):
        return {str(key): _json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and value not in (float("inf"), float("-inf")):
        return value if value == value else None
    return None if isinstance(value, float) else value

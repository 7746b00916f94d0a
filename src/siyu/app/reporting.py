"""Reporting: outcomes of both arms, then one self-contained page and its JSON twin."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from siyu.app.describe import values_of
from siyu.app.shop import Shop
from siyu.domain.progress import Progress, silent
from siyu.engine import manifest
from siyu.feedback import OUTCOMES, attribute
from siyu.reports.build import build_report
from siyu.reports.ledger import READ as LEDGER
from siyu.reports.source import Material
from siyu.store import runs

SHOWN = ("project.", "campaign.", "profiles.interests.half_life_days", "recommendations.weights", "engine.")
"""Settings worth printing in a report: what shapes its figures."""


@dataclass(frozen=True, slots=True)
class ReportMade:
    """Where the report lies, and its figures."""

    path: Path
    figures: Mapping[str, Any]


def make_report(shop: Shop, progress: Progress = silent) -> ReportMade:
    """Attribute what happened until now and write the report of the campaign.

    Raises:
        MissingDataError: nothing was imported yet.
    """
    campaign = shop.campaign
    attribute(shop.engine, shop.ledger, [campaign], clock=shop.clock, progress=progress)
    material = Material(
        ledger=shop.ledger.to_arrow(campaign.name, *LEDGER),
        outcomes=_outcomes(shop),
        imports=imported(shop),
        stages=_stages(shop),
        shown_settings=_shown(shop),
        hold_out=1 - (1 - campaign.hold_out) * (1 - shop.settings.delivery.plan.global_hold_out),
    )
    report = build_report(
        shop.engine, material, campaign=campaign, settings=shop.report_settings, clock=shop.clock, progress=progress
    )
    return ReportMade(report.save(shop.paths.reports, campaign.name), report.figures)


def _outcomes(shop: Shop) -> pa.Table | None:
    if manifest.find(shop.engine.root, "outcomes") is None:
        return None
    shop.engine.table("outcomes", "outcomes")
    batches = [batch.cast(OUTCOMES) for batch in shop.engine.batches("SELECT * FROM outcomes")]
    return pa.Table.from_batches(batches, OUTCOMES)


def imported(shop: Shop) -> dict[str, dict[str, int]]:
    """Rows read, accepted and quarantined by source, over all imports so far."""
    totals: dict[str, Counter[str]] = {}
    with shop.store.reading() as connection:
        rows = runs.latest(connection, "import", limit=10_000)
    for row in rows:
        for report in json.loads(row.counts or "{}").get("events", []):
            counted = totals.setdefault(report["source"], Counter())
            counted.update(
                read=report["read"], accepted=report["accepted"], quarantined=sum(report["quarantined"].values())
            )
    return {source: dict(counted) for source, counted in totals.items()}


def _stages(shop: Shop) -> list[dict[str, Any]]:
    """The latest run of each stage, in the order they ran."""
    latest: dict[str, dict[str, Any]] = {}
    with shop.store.reading() as connection:
        for row in reversed(runs.latest(connection, limit=100)):
            if row.finished is not None and row.failure is None:
                latest[row.stage] = {
                    "stage": row.stage,
                    "seconds": row.seconds,
                    "peak_mb": (row.peak_bytes or 0) / (1024 * 1024),
                    "counts": json.loads(row.counts or "{}"),
                }
    return list(latest.values())


def _shown(shop: Shop) -> dict[str, Any]:
    return {path: value for path, value in values_of(shop.settings) if path.startswith(SHOWN) and value not in ("", ())}

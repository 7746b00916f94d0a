"""Kinds of customers: segments by what sets them apart, and stages of the lifecycle."""

from __future__ import annotations

from typing import Any

from siyu.reports.source import Figures, Source, empty

_NO_PORTRAIT: Figures = dict.fromkeys(("steadiness", "agreement", "tastes", "stages", "hour_from", "hour_to"))
"""Of a project whose people were not divided anew since portraits exist."""


def build(source: Source) -> Figures:
    """Segments of at least ``least_shown`` people, the others counted together, and people by lifecycle."""
    if not source.has("people"):
        return empty("no-people")
    least = source.settings.least_shown
    found: list[dict[str, Any]] = []
    small = 0
    portraits = {}
    if source.has("segment_portraits"):
        portraits = {row["segment"]: row for row in source.rows("segments_portraits")}
    if source.has("segments"):
        for row in source.rows("segments_all"):
            if row["size"] < least:
                small += row["size"]
            else:
                found.append({**_NO_PORTRAIT, **portraits.get(row["segment"], {}), **row})
    stages = source.rows("lifecycle_counts")
    return {
        "segments": found,
        "small": small,
        "findings": source.findings("segments"),
        "moves": _moves(source, least),
        "lifecycle": [row for row in stages if row["people"] >= least],
        "lifecycle_small": sum(row["people"] for row in stages if row["people"] < least),
    }


def _moves(source: Source, least: int) -> list[dict[str, Any]]:
    """Moves of at least so many people since the last run, the largest first."""
    if not source.has("segment_moves"):
        return []
    return [row for row in source.rows("segments_moves") if row["people"] >= least]

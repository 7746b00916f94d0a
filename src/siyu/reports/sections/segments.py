"""Kinds of customers: segments by what sets them apart, and stages of the lifecycle."""

from __future__ import annotations

from typing import Any

from siyu.reports.source import Figures, Source, empty


def build(source: Source) -> Figures:
    """Segments of at least ``least_shown`` people, the others counted together, and people by lifecycle."""
    if not source.has("people"):
        return empty("no-people")
    least = source.settings.least_shown
    found: list[dict[str, Any]] = []
    small = 0
    if source.has("segments"):
        for row in source.rows("segments_all"):
            if row["size"] < least:
                small += row["size"]
            else:
                found.append({**row, "features": _strongest(row["features"] or [])})
    stages = source.rows("lifecycle_counts")
    return {
        "segments": found,
        "small": small,
        "lifecycle": [row for row in stages if row["people"] >= least],
        "lifecycle_small": sum(row["people"] for row in stages if row["people"] < least),
    }


def _strongest(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = [one for one in features if one["z"] is not None]
    return sorted(known, key=lambda one: (-abs(one["z"]), one["name"]))[:3]

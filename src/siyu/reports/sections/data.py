"""Which events the report rests on."""

from __future__ import annotations

from typing import Any

from siyu.domain.kinds import SHOP_KINDS
from siyu.reports.source import Figures, Source, empty

_MOST_POINTS = 120
"""Bars that a narrow screen can still tell apart; longer windows are shown by week or by month."""


def build(source: Source) -> Figures:
    """Window, people, products, counts by kind, and shop events over time."""
    if not source.has("events"):
        return empty("no-events")
    window = source.rows("events_window", now=source.now)[0]
    if not window["events"]:
        return empty("no-events")
    days = source.rows("events_by_day", now=source.now)
    kinds: dict[str, int] = {}
    for row in days:
        kinds[row["kind"]] = kinds.get(row["kind"], 0) + row["events"]
    return {
        "first": window["first_ts"].isoformat(),
        "last": window["last_ts"].isoformat(),
        "events": window["events"],
        "people": window["people"],
        "items": window["items"],
        "kinds": dict(sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))),
        **_over_time(days),
    }


def _over_time(days: list[dict[str, Any]]) -> Figures:
    shop = [row for row in days if row["kind"] in SHOP_KINDS]
    if not shop:
        return {"grain": "day", "points": []}
    span = (shop[-1]["day"] - shop[0]["day"]).days + 1
    grain = "day" if span <= _MOST_POINTS else "week" if span <= 7 * _MOST_POINTS else "month"
    points: dict[str, int] = {}
    for row in shop:
        label = _label(row["day"], grain)
        points[label] = points.get(label, 0) + row["events"]
    return {"grain": grain, "points": [{"at": at, "events": count} for at, count in points.items()]}


def _label(day: Any, grain: str) -> str:
    if grain == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    return str(day.isoformat())[: 7 if grain == "month" else 10]

"""Which events the report rests on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from siyu.domain.kinds import SHOP_KINDS
from siyu.reports.source import Figures, Source, empty

_KINDS: Final = tuple(sorted(SHOP_KINDS))
"""What becomes of messages stands in the funnel."""

_MOST_POINTS = 120
"""Bars that a narrow screen can still tell apart; longer windows are shown by week or by month."""


def build(source: Source) -> Figures:
    """Window, people and products of the shop's events, counts by kind, and events over time."""
    if not source.has("events"):
        return empty("no-events")
    window = source.rows("events_window", now=source.now, kinds=_KINDS)[0]
    if not window["events"]:
        return empty("no-events")
    days = source.rows("events_by_day", now=source.now, kinds=_KINDS)
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
    span = (days[-1]["day"] - days[0]["day"]).days + 1
    grain = "day" if span <= _MOST_POINTS else "week" if span <= 7 * _MOST_POINTS else "month"
    points: dict[str, int] = {}
    for row in days:
        label = _label(row["day"], grain)
        points[label] = points.get(label, 0) + row["events"]
    return {"grain": grain, "points": [{"at": at, "events": count} for at, count in points.items()]}


def _label(day: date, grain: str) -> str:
    """A day; of a week its Monday; of a month the month."""
    if grain == "week":
        return str((day - timedelta(days=day.weekday())).isoformat())
    return str(day.isoformat())[: 7 if grain == "month" else 10]

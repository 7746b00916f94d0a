"""When people come: weekdays, sales, seasons, hours in their own time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from siyu.simulator.streams import Doubles, Ints
from siyu.simulator.tastes import ZONES

SECOND = 1_000_000
DAY = 86_400 * SECOND
WEEKDAY = (1.0, 0.95, 0.95, 1.0, 1.1, 1.3, 1.3)
"""Visits by weekday, Monday first."""
SALE_DAYS = {(6, 17): 1.8, (6, 18): 2.5, (11, 10): 1.8, (11, 11): 3.0, (12, 12): 2.0}


def moment(day: date) -> int:
    """Midnight UTC of ``day`` in microseconds since 1970.

    Example:
        >>> moment(date(1970, 1, 2)) == DAY
        True
    """
    return (day - date(1970, 1, 1)).days * DAY


def micros(when: datetime) -> int:
    """``when`` in microseconds since 1970 UTC; a moment without a zone is taken as UTC."""
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def season_of(day: date) -> int:
    """0 spring (March to May), 1 summer, 2 autumn, 3 winter."""
    return (day.month - 3) % 12 // 3


def day_weights(first: date, last: date) -> Doubles:
    """How busy each day of [first, last) is; an ordinary Monday is 1."""
    days = [first + timedelta(days=index) for index in range((last - first).days)]
    return np.array([WEEKDAY[day.weekday()] * SALE_DAYS.get((day.month, day.day), 1.0) for day in days])


def zone_offsets(first: date, days: int) -> Ints:
    """Zones x days: microseconds to take from local time to get UTC (at local noon, so summer time is right)."""
    noons = [datetime(first.year, first.month, first.day, 12, tzinfo=UTC) + timedelta(days=n) for n in range(days)]
    rows = [[noon.astimezone(ZoneInfo(zone)).utcoffset() or timedelta() for noon in noons] for zone in ZONES]
    return np.array([[int(offset.total_seconds()) * SECOND for offset in row] for row in rows], np.int64)

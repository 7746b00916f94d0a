"""Quiet hours in the reader's own time zone, daylight saving included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from siyu.domain.campaigns import Limits


def is_quiet(moment: datetime, zone: ZoneInfo, limits: Limits) -> bool:
    """Whether nothing may be sent at ``moment`` (aware): the local hour is in ``quiet_from`` .. ``quiet_until``."""
    start, end = limits.quiet_from, limits.quiet_until
    hour = moment.astimezone(zone).hour
    if start <= end:
        return start <= hour < end
    return hour >= start or hour < end


def next_allowed(moment: datetime, zone: ZoneInfo, limits: Limits) -> datetime:
    """The first moment from ``moment`` on (aware) at which sending is allowed, in UTC.

    Where the clock jumps over the end of the quiet hours, it is the moment of the jump; where an hour comes twice, its
    first coming ends them only if the second is not quiet.

    Example:
        >>> night = datetime(2026, 11, 11, 14, 30, tzinfo=UTC)  # 22:30 in Shanghai; quiet from 21 to 8
        >>> next_allowed(night, ZoneInfo("Asia/Shanghai"), Limits()).isoformat()
        '2026-11-12T00:00:00+00:00'
    """
    found = moment.astimezone(UTC)
    for _ in range(4):  # once, and once more for each jump of the clock that may follow
        if not is_quiet(found, zone, limits):
            return found
        found = _end_of_quiet(found, zone, limits.quiet_until)
    return found


def _end_of_quiet(moment: datetime, zone: ZoneInfo, until: int) -> datetime:
    local = moment.astimezone(zone)
    wall = local.replace(hour=until, minute=0, second=0, microsecond=0, fold=0)
    end = wall.astimezone(UTC)
    if end <= moment:  # compare in UTC: wall clocks of one zone are compared without their offsets
        end = wall.replace(fold=1).astimezone(UTC)
    if end <= moment:
        end = (wall + timedelta(days=1)).astimezone(UTC)
    return end


@lru_cache(maxsize=1024)
def zone_of(name: str | None, default: str) -> ZoneInfo:
    """The zone called ``name``; ``default`` where it is unknown or no zone at all."""
    try:
        return ZoneInfo(name or default)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(default)

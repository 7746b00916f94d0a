"""Quiet hours against an independent judge: every minute of the days around a change of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.delivery.quiet import is_quiet, next_allowed, zone_of
from siyu.domain.campaigns import Limits

# The clock jumps forward, falls back in 2026: Berlin 29 March, 25 October at 01:00 UTC; New York 8 March, 1 November;
# Lord Howe moves by half an hour; Apia skipped 30 December 2011 altogether
PLACES = [
    ("Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 7, 12, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 10, 31, 12, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 3, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 3, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 29, 0, tzinfo=UTC)),
    ("Asia/Shanghai", datetime(2026, 6, 1, tzinfo=UTC)),
]


def by_the_minute(moment: datetime, zone: ZoneInfo, limits: Limits) -> datetime:
    """The first whole minute from ``moment`` on whose local hour is not quiet, found by trying each."""
    found = moment
    while is_quiet(found, zone, limits):
        found += timedelta(minutes=1)
    return found


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(PLACES), after=st.integers(0, 36 * 60), start=st.integers(0, 23), end=st.integers(0, 23))
def test_it_is_the_first_allowed_minute(place: tuple[str, datetime], after: int, start: int, end: int) -> None:
    zone, limits = ZoneInfo(place[0]), Limits(quiet_from=start, quiet_until=end)
    moment = place[1] + timedelta(minutes=after)
    assert next_allowed(moment, zone, limits) == by_the_minute(moment, zone, limits)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        # 23:30 on Saturday in Berlin is 22:30 UTC; 08:00 on Sunday is 06:00 UTC in summer time, not 07:00
        (datetime(2026, 3, 28, 22, 30, tzinfo=UTC), datetime(2026, 3, 29, 6, tzinfo=UTC)),
        # in autumn 08:00 on Sunday is 07:00 UTC
        (datetime(2026, 10, 24, 21, 30, tzinfo=UTC), datetime(2026, 10, 25, 7, tzinfo=UTC)),
        # noon stays noon
        (datetime(2026, 10, 24, 10, 0, tzinfo=UTC), datetime(2026, 10, 24, 10, 0, tzinfo=UTC)),
    ],
)
def test_nights_on_which_the_clock_changes(moment: datetime, expected: datetime) -> None:
    assert next_allowed(moment, ZoneInfo("Europe/Berlin"), Limits()) == expected


def test_equal_hours_mean_no_quiet_hours() -> None:
    assert not any(
        is_quiet(datetime(2026, 1, 1, hour, tzinfo=UTC), ZoneInfo("UTC"), Limits(quiet_from=5, quiet_until=5))
        for hour in range(24)
    )


@pytest.mark.parametrize("name", [None, "", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "a\x00b"])
def test_unknown_zones_fall_back(name: str | None) -> None:
    assert zone_of(name, "Asia/Shanghai").key == "Asia/Shanghai"

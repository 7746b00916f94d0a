"""Feasts and their days: fixed, of the Chinese year, or the n-th weekday of a month."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from siyu.copywriting.moon import lunar_day


@dataclass(frozen=True, slots=True)
class Festival:
    """When a feast is, and for how long messages may speak of it.

    Attributes:
        calendar: ``solar`` (month and day), ``lunar`` (of the Chinese year), ``weekday`` (``nth`` such day of a month).
        day: of the month; for ``weekday`` the day of the week, Monday 0.
        nth: which one; -1 is the last.
        shift: days after that day (Black Friday is the day after the fourth Thursday of November).
        before, after: days around it in which a message may speak of it.
        zone: where the day is counted.
    """

    calendar: Literal["solar", "lunar", "weekday"]
    month: int
    day: int
    nth: int = 1
    shift: int = 0
    before: int = 14
    after: int = 0
    zone: str = "Asia/Shanghai"

    def day_in(self, year: int) -> date:
        """The feast of a year: of the Chinese year that begins in it, where it is of that calendar.

        Example:
            >>> Festival("weekday", 11, 3, nth=4, shift=1).day_in(2026).isoformat()
            '2026-11-27'
            >>> Festival("lunar", 8, 15).day_in(2026).isoformat()
            '2026-09-25'
        """
        if self.calendar == "lunar":
            return lunar_day(year, self.month, self.day)
        if self.calendar == "solar":
            return date(year, self.month, self.day)
        first = date(year, self.month, 1)
        days = [first + timedelta(days=n) for n in range(monthrange(year, self.month)[1])]
        found = [one for one in days if one.weekday() == self.day]
        return found[self.nth - 1 if self.nth > 0 else self.nth] + timedelta(days=self.shift)

    def is_near(self, now: datetime) -> bool:
        """Whether messages may speak of it at a moment."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        days = (self.day_in(year) for year in (today.year - 1, today.year, today.year + 1))
        return any(-self.after <= (day - today).days <= self.before for day in days)

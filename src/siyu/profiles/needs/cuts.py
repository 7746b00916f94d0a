"""Moments of the past from which to learn: what was known before each, and what came after it.

Windows of what came after never overlap between learning, choosing and reporting, so that what is reported is about a
time that nothing had seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_HISTORY = 1.0
"""Of the window: so much history lies before the first moment where there are three windows ..."""
_SHORT_HISTORY = 0.5
"""... and so much where there are only two."""
SHORTEST = 14
"""Days: what cannot be measured over so many is not measured."""
_SPLIT_LONGEST = 30


@dataclass(frozen=True, slots=True)
class Plan:
    """When to learn, choose and report.

    Attributes:
        window: days that are looked at after each moment.
        train: moments to learn from, the latest first.
        choose: the moment to calibrate and choose at, and ``report`` that of the figures shown.
        split: history is too short for three windows: learning and choosing are at one moment, of different people.
    """

    window: int
    train: tuple[datetime, ...]
    choose: datetime
    report: datetime
    split: bool = False

    def later(self, most: int) -> Plan:
        """The plan one window on, for what is served: the newest outcomes count too, and nothing is left to report."""
        if self.split:
            return Plan(self.window, (self.report,), self.report, self.report, True)
        return Plan(self.window, (self.choose, *self.train)[:most], self.report, self.report)


def plan(first: datetime, end: datetime, window: int, most: int) -> Plan | None:
    """The plan for events from ``first`` to ``end``; ``None`` where history is too short for any.

    Example:
        >>> found = plan(datetime(2026, 1, 1), datetime(2026, 12, 1), 30, 3)
        >>> [f"{day:%m-%d}" for day in (*found.train, found.choose, found.report)]
        ['09-02', '08-03', '07-04', '10-02', '11-01']
        >>> plan(datetime(2026, 1, 1), datetime(2026, 4, 1), 30, 3).split
        True
        >>> plan(datetime(2026, 1, 1), datetime(2026, 1, 15), 30, 3) is None
        True
    """
    end = end.replace(hour=0, minute=0, second=0, microsecond=0)
    step = timedelta(days=window)
    report, choose = end - step, end - 2 * step
    known = first + step * _HISTORY
    train = tuple(day for day in (choose - step * back for back in range(1, most + 1)) if day >= known)
    if train:
        return Plan(window, train, choose, report)
    if choose >= first + step * _SHORT_HISTORY:
        return Plan(window, (choose,), choose, report, True)
    return None


def churn_window(first: datetime, end: datetime, wanted: int) -> int:
    """Days of silence that history can measure: those wanted, or fewer where it is too short; 0 for none.

    Example:
        >>> churn_window(datetime(2026, 1, 1), datetime(2026, 12, 31), 90)
        90
        >>> churn_window(datetime(2026, 1, 1), datetime(2026, 7, 1), 90)
        45
        >>> churn_window(datetime(2026, 1, 1), datetime(2026, 1, 15), 90)
        0
    """
    span = (end - first).days - 1  # the last day may not be over
    if span // 4 >= min(wanted, _SPLIT_LONGEST):
        return min(wanted, span // 4)
    found = min(wanted, _SPLIT_LONGEST, int(span / (2 + _SHORT_HISTORY)))
    return found if found >= SHORTEST else 0

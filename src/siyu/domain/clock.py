"""The one clock. Decay, validity of facts, quiet hours, windows and ids all take *now* from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the moment in UTC (aware)."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The machine's present moment in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands at one moment: ``--as-of``, replays and tests.

    Example:
        >>> FixedClock(datetime(2011, 11, 9, tzinfo=UTC)).now().isoformat()
        '2011-11-09T00:00:00+00:00'
    """

    moment: datetime

    def __post_init__(self) -> None:
        if self.moment.tzinfo is None:
            raise ValueError("a clock needs an aware moment; give it a time zone, for example UTC")

    def now(self) -> datetime:
        """The moment this clock stands at, in UTC."""
        return self.moment.astimezone(UTC)

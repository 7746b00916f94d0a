"""What the made-up shop is like. Nothing that shapes it is kept anywhere else."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

AFTER_MONTHS = 3
"""Months after the end for which reactions can be played."""


def add_months(day: date, months: int) -> date:
    """``day`` moved by whole months; the day of the month is at most 28 so that every month has it.

    Example:
        >>> add_months(date(2026, 1, 31), -2)
        datetime.date(2025, 11, 28)
    """
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, min(day.day, 28))


class SimulationSettings(BaseModel):
    """Size, dates and dirt of the shop. The same settings always give the same shop."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = Field(7, ge=0, lt=2**32, description="Start of every random stream.")
    people: int = Field(2_000, ge=1, le=5_000_000, description="People with an account.")
    products: int = Field(400, ge=1, le=100_000, description="Products ever offered.")
    months: int = Field(6, ge=1, le=60, description="Months of history before `end`.")
    end: date = Field(date(2026, 11, 1), description="First day (UTC) that is not part of the history.")
    zh_share: float = Field(0.7, ge=0, le=1, description="Share of people who read Chinese; the others read English.")
    bilingual_share: float = Field(0.8, ge=0, le=1, description="Share of products described in both languages.")
    consent_share: float = Field(0.8, ge=0, le=1, description="Share of people who agreed to marketing somewhere.")
    channels: tuple[str, ...] = Field(
        ("email", "mailbox", "sms"), description="Channels people are asked about, most accepted first."
    )
    anonymous_share: float = Field(0.25, ge=0, le=1, description="Share of sessions that begin without a log-in.")
    dirty_share: float = Field(0.01, ge=0, le=0.5, description="Damaged rows planted, as a share of clean rows.")
    bot_share: float = Field(0.002, ge=0, le=0.5, description="Bots, as a share of people.")
    persuasion: float = Field(1.0, ge=0, le=10, description="Factor on the chance that a click brings an extra order.")
    null_world: bool = Field(False, description="Messages change nothing and reactions are blind to taste.")
    file_format: Literal["parquet", "csv", "jsonl"] = Field("parquet", description="Format of the event files.")

    @property
    def start(self) -> date:
        """First day of the history."""
        return add_months(self.end, -self.months)

    def block(self, index: int) -> tuple[date, date]:
        """First and last-plus-one day of month ``index`` (0 is the first; from ``months`` on lies the future)."""
        return add_months(self.start, index), add_months(self.start, index + 1)

    @property
    def horizon(self) -> date:
        """First day that can no longer be played."""
        return add_months(self.start, self.months + AFTER_MONTHS)

    @property
    def weeks(self) -> int:
        """Weeks of history for which prices and stock are kept; the last one goes on after the end."""
        return max(1, -(-(self.end - self.start) // timedelta(days=7)))

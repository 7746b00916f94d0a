"""Settings of the report."""

from __future__ import annotations

from typing import Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator


class ReportSettings(BaseModel):
    """How results are measured and shown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: Literal["zh", "en"] = Field("zh", description="Language the page opens in; both are in the file.")
    timezone: str = Field("UTC", description="Zone in which the report tells the time.")
    currency: str = Field("CNY", pattern=r"^[A-Z]{3}$", description="ISO 4217 code of the money in the figures.")
    level: float = Field(0.95, gt=0.5, lt=1, description="Confidence of every interval.")
    margin: float = Field(0.4, ge=0, le=1, description="Share of revenue that is left after the goods are paid for.")
    cost_per_message: float = Field(0.05, ge=0, description="What one sent message costs, in the report's currency.")
    fixed_cost: float = Field(0.0, ge=0, description="What the campaign cost besides its messages.")
    winsorise: float = Field(0.99, gt=0.5, le=1, description="Quantile of buyers' revenue at which it is capped.")
    least_people: int = Field(50, ge=2, description="People an arm needs before a verdict is given.")
    sample_ratio_alarm: float = Field(0.001, gt=0, lt=0.5, description="p-value under which the verdict is hidden.")
    seed: int = Field(20_261, description="Seed of the random draws behind the headline interval.")
    draws: int = Field(4_000, ge=500, le=100_000, description="Random draws behind the headline interval.")
    samples: int = Field(10, ge=0, le=40, description="Sample messages shown.")
    top: int = Field(8, ge=1, le=50, description="Values shown per facet, and reasons per lane.")
    least_shown: int = Field(20, ge=1, description="Smaller groups of people are not shown by themselves.")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"unknown time zone {name!r}; write one such as Asia/Shanghai")
        return name

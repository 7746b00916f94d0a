"""What a shop may set about needs."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class NeedsSettings(BaseModel):
    """What people will want: who buys soon, who is lost, what it will be and what it is worth."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: bool = Field(True, description="Whether profiling works needs out too.")
    horizon_days: int = Field(30, ge=1, le=365, description="Buying soon: within so many days.")
    churn_days: int = Field(90, ge=14, le=730, description="Lost: a buyer who buys nothing for so many days ...")
    churn_gaps: float = Field(3.0, ge=1, le=20, description="... or for so many of their own usual gaps, if sooner.")
    value_days: int = Field(365, ge=30, le=1825, description="Value: of what is bought within so many days.")
    learners: tuple[str, ...] = Field((), description="Learners to compare; empty: all there are.")
    options: dict[str, dict[str, Any]] = Field({}, description="Options of each learner, by its name.")
    calibration: Literal["auto", "platt", "isotonic"] = Field(
        "auto", description="How scores become chances; auto takes isotonic where it foresees better."
    )
    sample: int = Field(20_000, ge=200, description="Learn from at most so many people at a time; all are scored.")
    train_cuts: int = Field(3, ge=1, le=12, description="Moments of the past to learn from, at most.")
    least_people: int = Field(200, ge=20, description="With fewer people at a moment of the past nothing is learnt.")
    least_each: int = Field(20, ge=5, description="So many must have bought, and so many not, to learn from them.")
    resamples: int = Field(200, ge=20, le=10_000, description="Resamples behind each interval.")
    level: float = Field(0.95, gt=0.5, lt=1, description="Level of intervals.")
    drivers: int = Field(3, ge=1, le=10, description="Drivers kept for each person and chance.")
    category_levels: int = Field(2, ge=1, le=10, description="Levels of the category path that make a category.")
    categories: int = Field(60, ge=2, le=500, description="Categories with a chance of their own: the most bought.")
    affinities: int = Field(5, ge=1, le=50, description="Categories kept for each person.")
    seed: int = Field(20_260, ge=0, description="Seed of samples and learners: the same data give the same chances.")

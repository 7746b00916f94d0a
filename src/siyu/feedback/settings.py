"""Settings of feedback: when a hit is a person's."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class FeedbackSettings(BaseModel):
    """The [feedback] section of siyu.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    human_after_seconds: float = Field(
        2.0, ge=0, le=600, description="Opens and clicks sooner than this after sending are taken for a scanner's."
    )
    trap_minutes: int = Field(
        10,
        ge=0,
        le=1440,
        description="What the same agent did to a message so long around a honeypot hit is a robot's.",
    )
    source: str = Field("messages", min_length=1, description="Source written into the events made of hits.")

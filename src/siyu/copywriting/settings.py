"""What a shop may set about its copy."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

_LETTER = {"subject": 30, "preheader": 40, "hook": 80, "body": 400}
_LIMITS: dict[str, dict[str, int]] = {
    "mailbox": _LETTER,
    "email": _LETTER,
    "webhook": _LETTER,
    "push": {"subject": 20, "body": 50},
    "web_push": {"subject": 20, "body": 50},
    "social": {"hook": 80, "body": 240},
    "sms": {"body": 48},
    "wechat": {"hook": 40, "field": 40, "body": 160},
}


class CopySettings(BaseModel):
    """Section ``[copywriting]`` of siyu.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    writer: str = Field("offline", description="Who writes the pieces; a name of the writers' table.")
    exclude_slots: tuple[str, ...] = Field((), description="Facts never spoken of, for example price and brand.")
    brand_voice: str = Field("", max_length=500, description="How the shop likes to sound; read by writers that can.")
    title_kind: Literal["name", "type"] = Field(
        "name", description="Whether titles name a product or only its type; types are shortened and set in lower case."
    )
    points: int = Field(2, ge=0, le=4, description="Selling points in one message at most.")
    seed: int = Field(0, ge=0, description="Changes every seeded choice of words.")
    timezone: str = Field("Asia/Shanghai", description="Time zone in which dates of offers are written.")
    min_count: int = Field(5, ge=2, description="A count of people or purchases is told only from here on.")
    max_repairs: int = Field(
        2, ge=0, le=2, description="Repairs of a writer's pieces before the offline writer steps in."
    )
    refill_price: bool = Field(True, description="Whether a price that changed since approval is put in anew.")
    allow_sensitive: bool = Field(
        False, description="Whether products that reveal something private may be the subject."
    )
    own_domains: tuple[str, ...] = Field((), description="Domains of the shop; any other address in a text is refused.")
    limits: dict[str, dict[str, int]] = Field(
        default_factory=lambda: {channel: dict(parts) for channel, parts in _LIMITS.items()},
        description="Widths by channel and part, in Chinese characters; a Latin letter counts half.",
    )

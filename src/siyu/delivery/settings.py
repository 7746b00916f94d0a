"""Settings of delivery: who writes, how often a send is tried, and what stays apart for measuring."""

from __future__ import annotations

import re
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

_FROZEN = ConfigDict(extra="forbid", frozen=True)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")


class SenderIdentity(BaseModel):
    """Who writes: shown in every message, as the law of most places asks."""

    model_config = _FROZEN

    name: str = Field("Siyu", min_length=1, max_length=100, description="The shop's name, as readers know it.")
    address: str = Field(
        "shop@shop.example", pattern=r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+$", description="The From address."
    )
    postal: str = Field("", max_length=300, description="The shop's postal address, shown in the footer.")
    link_host: str = Field(
        "https://shop.example",
        description="Where signed links lead: scheme, host and an optional path, without a trailing slash.",
    )
    colour: str = Field("#1f5f5b", pattern=r"^#[0-9a-fA-F]{6}$", description="Colour of the button and the links.")

    @field_validator("name", "postal")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if _CONTROL.search(value):
            raise ValueError("must be one line without control characters")
        return value

    @field_validator("link_host")
    @classmethod
    def _web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        plain = not (parts.query or parts.fragment or parts.username or _CONTROL.search(value) or " " in value)
        if parts.scheme not in ("http", "https") or not parts.hostname or not plain:
            raise ValueError("must be http(s)://host[/path], without user, query or fragment")
        return value.rstrip("/")

    @property
    def host(self) -> str:
        """The host of the links: the right-hand side of Message-ID and List-Id."""
        return urlsplit(self.link_host).hostname or "shop.example"


class PlanSettings(BaseModel):
    """Settings of planning that are not the campaign's own."""

    model_config = _FROZEN

    hold_out_salt: str = Field("siyu", description="Salt of the hold-outs. Changing it draws all of them anew.")
    global_hold_out: float = Field(
        0.0, ge=0, le=0.2, description="Share of all people that no campaign writes to, over the campaigns' own share."
    )
    default_timezone: str = Field("Asia/Shanghai", description="Time zone of people whose own is unknown (IANA name).")


class SendSettings(BaseModel):
    """Settings of sending."""

    model_config = _FROZEN

    batch: int = Field(
        500, ge=1, le=5000, description="Messages claimed and handed over at once; all may be in flight."
    )
    lease_seconds: int = Field(300, ge=1, le=86_400, description="After this long a claim of a dead sender is void.")
    ambiguous: Literal["resend", "hold"] = Field(
        "resend",
        description="Messages in doubt after a crash: resend (at least once) or hold (at most once).",
    )
    max_attempts: int = Field(5, ge=1, le=50, description="Tries before a message that keeps failing is given up.")
    backoff_seconds: int = Field(60, ge=1, le=86_400, description="Wait after the first failure; it doubles each time.")
    backoff_cap_seconds: int = Field(21_600, ge=1, le=604_800, description="The longest wait between two tries.")
    open_pixel: bool = Field(False, description="Whether messages hold a picture that tells when they are opened.")
    honeypot: bool = Field(True, description="Whether messages hold a link no person sees, which gives robots away.")
    allow_real_sends: bool = Field(False, description="Whether channels that reach people outside may be used at all.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.backoff_cap_seconds < self.backoff_seconds:
            raise ValueError("backoff_cap_seconds is less than backoff_seconds")
        return self


class DeliverySettings(BaseModel):
    """The [delivery] section of siyu.toml."""

    model_config = _FROZEN

    sender: SenderIdentity = Field(default_factory=SenderIdentity, description="Who writes.")
    plan: PlanSettings = Field(default_factory=PlanSettings, description="Planning.")
    send: SendSettings = Field(default_factory=SendSettings, description="Sending.")

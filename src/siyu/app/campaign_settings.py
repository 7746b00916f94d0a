"""The [campaign] and [[offers]] sections of siyu.toml, and the domain records they become."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from siyu.app.approval.modes import Mode
from siyu.domain.campaigns import Audience, Campaign, Limits, Offer
from siyu.domain.ids import ItemId


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_aware)]
"""A moment; without a zone it is UTC."""


Stage = Literal["prospect", "new", "active", "loyal", "at-risk", "lapsed"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AudienceSettings(_Section):
    """Whom the campaign is for; an empty rule asks nothing."""

    lifecycle: tuple[Stage, ...] = Field((), description="Lifecycle stages; a person must be in one of them.")
    segments: tuple[str, ...] = Field((), description="Segment ids; a person must be in one of them.")
    interests: tuple[str, ...] = Field((), description="facet:value; a person must have one of these interests.")
    people: tuple[str, ...] = Field((), description="The shop's own customer ids; empty for everyone.")
    limit: int | None = Field(None, ge=1, description="At most so many people, the most recently active first.")


class LimitSettings(_Section):
    """What may not be exceeded."""

    per_person_messages: int = Field(2, ge=1, description="Messages to one person within per_person_days, at most.")
    per_person_days: int = Field(7, ge=1, description="Days over which messages to one person are counted.")
    quiet_from: int = Field(21, ge=0, le=23, description="Local hour from which nothing is sent.")
    quiet_until: int = Field(8, ge=0, le=23, description="Local hour from which sending is allowed again.")
    items: int = Field(3, ge=1, le=10, description="Products in one message, at most.")


class CampaignSettings(_Section):
    """One message to one audience, for one goal and occasion, on one channel, in one window."""

    name: str = Field("first-campaign", description="Name of the campaign, a-z 0-9 - _.")
    start: Moment | None = Field(None, description="When sending may begin; the moment of the run where empty.")
    days: float = Field(7, gt=0, description="How many days after its start the campaign expires.")
    goal: str = Field("both", description="Lanes to recommend from: discover, buy_again or both.")
    occasion: str = Field("because-you-viewed", description="Occasion, a key under packs/occasions.")
    channel: str = Field("mailbox", description="Channel to send on.")
    purpose: str = Field("marketing", description="Consent purpose that covers it.")
    industry: str = Field("e-commerce", description="Industry pack.")
    place: str = Field("cn", description="Law pack; a place without one means that a person must approve.")
    approval: Mode = Field(
        Mode.AUTO,
        description="What a person must approve first: auto (only what a check leaves to one), sample or all.",
    )
    approval_sample: int = Field(20, ge=1, le=500, description="Whole messages to look at where approval is sample.")
    writer: str = Field("", description="Who writes it, a name of the writers' table; copywriting.writer where empty.")
    tone: str = Field("warm", description="Tone of voice.")
    languages: tuple[str, ...] = Field(("zh", "en"), min_length=1, description="Languages; the first is the fallback.")
    hold_out: float = Field(0.05, ge=0, le=0.5, description="Share of the audience never written to, for measuring.")
    attribution_days: float = Field(7, gt=0, description="Days after sending in which a purchase counts.")
    offers: tuple[str, ...] = Field((), description="Names of offers that the copy may use.")
    audience: AudienceSettings = Field(AudienceSettings(), description="Whom it is for.")
    limits: LimitSettings = Field(LimitSettings(), description="Caps, quiet hours, products a message.")

    def campaign(self, now: datetime, people: tuple[str, ...]) -> Campaign:
        """The record; ``people`` are the pseudonyms of ``audience.people``.

        Raises:
            SettingsError: a value is out of range.
        """
        start = self.start or now
        return Campaign(
            name=self.name,
            start=start,
            end=start + timedelta(days=self.days),
            goal=self.goal,
            occasion=self.occasion,
            channel=self.channel,
            purpose=self.purpose,
            industry=self.industry,
            place=self.place,
            tone=self.tone,
            writer=self.writer,
            languages=self.languages,
            audience=Audience(**{**self.audience.model_dump(), "people": people}),
            offers=self.offers,
            limits=Limits(**self.limits.model_dump()),
            hold_out=self.hold_out,
            attribution=timedelta(days=self.attribution_days),
        )


class OfferSettings(_Section):
    """Terms on one product or category, for a window and a stock."""

    name: str = Field(description="Name of the offer, a-z 0-9 - _.")
    start: Moment = Field(description="From when it may be claimed.")
    end: Moment = Field(description="Until when it may be claimed.")
    item: str | None = Field(None, description="The product it is on.")
    category: str | None = Field(None, description="Or the category it is on.")
    price: float | None = Field(None, description="Offer price in currency.")
    currency: str = Field("", description="ISO 4217 code of price.")
    percent_off: float | None = Field(None, description="Or a reduction in percent.")
    gift: str = Field("", description="Or a gift, in the shop's words.")
    stock: int | None = Field(None, description="How many times it can be taken; empty for no limit.")
    terms: str = Field("", description="Terms a reader must be told.")

    def offer(self) -> Offer:
        """The record.

        Raises:
            SettingsError: a value is out of range, or the terms contradict each other.
        """
        given = self.model_dump()
        return Offer(**{**given, "item": ItemId(self.item) if self.item else None})

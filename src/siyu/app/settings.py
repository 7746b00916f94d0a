"""All settings of a project: one model, composed of what each room declares."""

from __future__ import annotations

from typing import Any, Self
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator, model_validator

from siyu.app.campaign_settings import CampaignSettings, Moment, OfferSettings
from siyu.catalogue import CatalogueSettings
from siyu.catalogue.rates import RateSettings
from siyu.copywriting.settings import CopySettings
from siyu.copywriting.writers.table import WRITERS
from siyu.delivery.settings import DeliverySettings
from siyu.domain.errors import MissingExtraError
from siyu.engine import ENGINES
from siyu.events import SourceSettings
from siyu.feedback.settings import FeedbackSettings
from siyu.packs import names
from siyu.privacy.settings import PeopleSettings, SyntheticPeople
from siyu.profiles.settings import ProfileSettings
from siyu.recommendations.settings import RecommendationSettings
from siyu.reports.settings import ReportSettings


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ProjectSettings(_Section):
    """What the shop is, and where its things lie."""

    name: str = Field("shop", min_length=1, description="Name of the project.")
    brand: str = Field("", description="The shop's own brand, which copy may always name.")
    language: str = Field("zh", description="Language of reports and of texts for people whose own is unknown.")
    timezone: str = Field("Asia/Shanghai", description="The shop's time zone (IANA name).")
    currency: str = Field("CNY", pattern=r"^[A-Z]{3}$", description="ISO 4217 code of the shop's money.")
    inputs: str = Field(".", description="Folder from which relative paths of sources start; relative to siyu.toml.")
    state: str = Field(".siyu", description="Folder of everything Siyu makes; relative to siyu.toml.")
    as_of: Moment | None = Field(None, description="The moment that counts as now; the system's clock where empty.")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, given: str) -> str:
        if given not in available_timezones():
            raise ValueError(f"{given!r} is no IANA time zone, for example Asia/Shanghai")
        return given

    @field_validator("language")
    @classmethod
    def _known_language(cls, given: str) -> str:
        known = [code for code in names("languages") if "language" in names("languages", code)]
        if given not in known:
            raise ValueError(f"there is no pack for {given!r}; known: {', '.join(known)}")
        return given


class EngineSettings(_Section):
    """Where tables live and bulk work runs."""

    kind: str = Field("embedded", description="Engine by name.")
    memory: str = Field("1500MB", pattern=r"^\d+(\.\d+)?(KB|MB|GB|TB)$", description="Memory the engine may use.")
    threads: int = Field(0, ge=0, description="Threads; 0 takes every core.")


def _options_of_engines() -> dict[str, Any]:
    """A field for each engine whose package is installed: its own model of options."""
    found: dict[str, Any] = {}
    for name in ENGINES:
        try:
            options = ENGINES.load(name).Options
        except MissingExtraError:
            continue
        found[name] = (options, Field(options(), description=f"Options of the engine {name}."))
    return found


EnginesSection: Any = create_model("EnginesSection", __base__=_Section, **_options_of_engines())
"""``[engines.<name>]``: what an engine asks for beyond memory and threads."""


def _options_of_writers() -> dict[str, Any]:
    """A field for each writer that takes options: its own model of them."""
    models = {name: getattr(WRITERS.load(name), "Options", None) for name in WRITERS}
    return {
        name: (model, Field(model(), description=f"Options of the writer {name}."))
        for name, model in models.items() if model is not None
    }  # fmt: skip


WritersSection: Any = create_model("WritersSection", __base__=_Section, **_options_of_writers())
"""``[writers.<name>]``: what a writer asks for."""


class StoreSettings(_Section):
    """Operational state."""

    url: str = Field("", description="SQLAlchemy URL of the store; an SQLite file in the state folder where empty.")


class PeopleSection(PeopleSettings):
    """People from files, and invented ones for data that hold no contacts."""

    synthetic: SyntheticPeople | None = Field(None, description="Invented contacts and consent, for examples only.")


class Settings(_Section):
    """Everything in siyu.toml."""

    project: ProjectSettings = Field(ProjectSettings(), description="The project.")
    engine: EngineSettings = Field(EngineSettings(), description="The engine.")
    store: StoreSettings = Field(StoreSettings(), description="The store.")
    rates: RateSettings = Field(RateSettings(), description="Exchange rates.")
    people: PeopleSection = Field(PeopleSection(), description="People.")
    catalogue: tuple[CatalogueSettings, ...] = Field((), description="Sources of products.")
    events: tuple[SourceSettings, ...] = Field((), description="Sources of events.")
    profiles: ProfileSettings = Field(ProfileSettings(), description="Profiles.")
    recommendations: RecommendationSettings = Field(RecommendationSettings(), description="Recommendations.")
    copywriting: CopySettings = Field(CopySettings(), description="Copy.")
    offers: tuple[OfferSettings, ...] = Field((), description="Offers.")
    campaign: CampaignSettings = Field(CampaignSettings(), description="The campaign.")
    delivery: DeliverySettings = Field(DeliverySettings(), description="Delivery.")
    engines: EnginesSection = Field(EnginesSection(), description="Options of each engine, by its name.")
    writers: WritersSection = Field(WritersSection(), description="Options of each writer, by its name.")
    channels: dict[str, dict[str, Any]] = Field({}, description="Options of each channel, by its name.")
    feedback: FeedbackSettings = Field(FeedbackSettings(), description="Feedback.")
    report: ReportSettings = Field(ReportSettings(), description="The report.")

    @model_validator(mode="after")
    def _known_offers(self) -> Self:
        missing = sorted(set(self.campaign.offers) - {offer.name for offer in self.offers})
        if missing:
            raise ValueError(f"campaign.offers names {', '.join(missing)}, and no [[offers]] is called so")
        return self

    @field_validator("events", "catalogue", "offers")
    @classmethod
    def _distinct_names(cls, given: tuple[Any, ...]) -> tuple[Any, ...]:
        names = [entry.name for entry in given]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two entries are called {', '.join(twice)}")
        return given

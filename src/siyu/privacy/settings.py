"""Settings of people: where their contacts come from, or how to invent them for an example."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator

from siyu.files.database import DatabaseSettings
from siyu.files.settings import TextSettings
from siyu.privacy import addresses

_SAFE_ENDINGS = (".invalid", ".test", ".example", "@example.com", "@example.net", "@example.org")


class PeopleSettings(TextSettings):
    """How files of people are read."""

    files: tuple[str, ...] = Field(
        (), description="CSV, JSON or Parquet files of people, or globs. Also in other stores: s3://shop/people.csv.gz."
    )
    database: DatabaseSettings | None = Field(None, description="A database to read people from.")
    columns: dict[str, str] = Field(
        default_factory=dict, description="Our column name to the file's, where they differ: {user_id = '客户号'}."
    )
    country: str = Field("86", pattern=r"^[1-9]\d{0,2}$", description="Calling code of numbers that name none.")
    reserved: bool = Field(False, description="Accept addresses under endings kept for tests (.invalid).")
    consent_how: str = Field("", max_length=200, description="How consent was given, where the file does not say.")


class SyntheticPeople(BaseModel):
    """People invented for data that has no contacts: examples, tests, a first look. Nobody real can be reached."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str = Field("{id}@example.invalid", description="E-mail address; {id} stands for the customer's id.")
    language: str = Field("en", max_length=35, description="BCP 47 code.")
    timezone: str = Field("Europe/London", description="IANA name.")
    purposes: tuple[str, ...] = Field(("marketing",), description="What they consent to.")
    channels: tuple[str, ...] = Field(("email",), description="On which channels.")
    consent_at: datetime = Field(datetime(2000, 1, 1, tzinfo=UTC), description="When they did.")
    consent_how: str = Field("synthetic", min_length=1, max_length=200, description="How they did.")

    @field_validator("address")
    @classmethod
    def _nobody_real(cls, value: str) -> str:
        if value.count("{id}") != 1 or not value.endswith(_SAFE_ENDINGS):
            raise ValueError("holds {id} once and ends in .invalid, .test, .example or @example.com")
        if addresses.email(value.replace("{id}", "u1"), reserved=True) is None:
            raise ValueError("is not an e-mail address")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("is not an IANA time zone; write Asia/Shanghai, Europe/London ...")
        return value

    @field_validator("consent_at")
    @classmethod
    def _aware(cls, value: datetime) -> datetime:
        if value.tzinfo is None:
            raise ValueError("needs a time zone: 2000-01-01T00:00:00Z")
        return value

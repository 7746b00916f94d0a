"""Settings of one source of events: where its files are, how to read them, and which column means what."""

from __future__ import annotations

import difflib
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from siyu.domain.errors import SettingsError
from siyu.events.readers import READERS
from siyu.events.times import require_unambiguous
from siyu.files import Limits, TextForm
from siyu.files.database import DatabaseSettings

FIELDS = (
    "event_id",
    "user_id",
    "anonymous_id",
    "kind",
    "ts",
    "item",
    "quantity",
    "unit_price",
    "total",
    "currency",
    "order_id",
    "query",
    "text",
    "rating",
    "channel",
    "language",
    "message_id",
    "user_agent",
)
"""Fields a column may stand for. ``total`` is the line's money, from which the unit price is derived."""

CONSTANTS = frozenset({"kind", "currency", "channel", "language", "quantity"})
"""Fields that may be one value for a whole source."""

BOT_AGENTS = r"bot\b|bot[/;_ -]|crawl|spider|slurp|headless|python-requests|curl/|wget/|scrapy|facebookexternalhit"


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BotSettings(_Settings):
    """What counts as a machine. Purchases and returns never count towards a rate: one order has many lines."""

    events: int = Field(100, ge=2, description="So many browse, search and cart events of one person ...")
    seconds: int = Field(120, ge=1, description="... within so many seconds make the UTC day's events a bot's.")
    agents: str = Field(BOT_AGENTS, description="RE2 pattern (any case) of user agents that are bots; empty: none.")


class SourceSettings(_Settings):
    """One source of events.

    Example:
        >>> shop = SourceSettings(name="till", paths=("sales/*.csv",), columns={"user_id": "customer"})
        >>> shop.format, shop.columns["user_id"]
        ('auto', 'customer')
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description="Name of the source; kept with every event.")
    paths: tuple[str, ...] = Field(
        (), description="Files or globs; order does not matter. Also in other stores: s3://shop/*.csv.gz."
    )
    database: DatabaseSettings | None = Field(None, description="A database to read instead of files.")
    format: str = Field(
        "auto",
        description="parquet, csv, jsonl, segment, ga4, or that of a plug-in; auto goes by the files' ending "
        "(.parquet, .csv, .tsv, .jsonl, .ndjson).",
    )
    encoding: str = Field("utf-8", description="Text encoding of CSV and JSON files; a byte-order mark is ignored.")
    delimiter: str = Field(",", min_length=1, max_length=1, description="Between the fields of a CSV file.")
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="Field to the source's column (JSON: dotted path). Those left out go by their own name.",
    )
    constants: dict[str, str] = Field(
        default_factory=dict, description="Field to one value for every row where its column is absent or empty."
    )
    kinds: dict[str, str] = Field(default_factory=dict, description="The source's word for a kind (any case) to ours.")
    return_order_prefix: str = Field("", description="Purchases whose order id starts so are returns ('C' invoices).")
    negative_is_return: bool = Field(True, description="Purchases of a negative quantity are returns.")
    time_formats: tuple[str, ...] = Field(
        ("iso",),
        min_length=1,
        description="iso, epoch_s, epoch_ms or a strptime pattern; the first that fits is taken.",
    )
    timezone: str = Field("UTC", description="IANA zone of times that state none.")
    earliest: datetime = Field(datetime(1990, 1, 1, tzinfo=UTC), description="Earlier rows are time-out-of-range.")
    latest: datetime | None = Field(
        None,
        description="Later rows are future-time. Unset: the system clock's now plus one day; no bound under --as-of.",
    )
    item_case: Literal["keep", "upper", "lower"] = Field("keep", description="How item ids are spelled in the end.")
    not_products: tuple[str, ...] = Field((), description="Item codes (any case) that are postage, fees, notes ...")
    not_products_pattern: str = Field("", description="RE2 pattern (any case, whole code) of such codes.")
    zero_price: Literal["quarantine", "keep"] = Field("quarantine", description="Purchases and returns at price 0.")
    max_quantity: float = Field(1e6, gt=0, description="A greater quantity is bad-quantity.")
    max_price: float = Field(1e9, gt=0, description="A greater unit price is bad-price.")
    ignore: tuple[str, ...] = Field((), description="Columns that are no part of a row when whole rows are compared.")
    id_prefix: str = Field("", description="Put before the source's own event ids, where two sources count alike.")
    session_minutes: float = Field(30, gt=0, le=1440, description="So much silence ends a session.")
    bots: BotSettings = BotSettings()
    limits: Limits = Limits()

    @property
    def form(self) -> TextForm:
        """How its text files are written."""
        return TextForm(self.encoding, self.delimiter, self.limits)

    @model_validator(mode="after")
    def _files_or_database(self) -> Self:
        if bool(self.paths) == (self.database is not None):
            raise ValueError("a source is files (paths) or a database, one of them")
        return self

    @field_validator("format")
    @classmethod
    def _known_format(cls, given: str) -> str:
        known = ("auto", "parquet", *READERS)
        if given not in known:
            close = difflib.get_close_matches(given, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"
            raise ValueError(f"there is no event file format called {given!r}, {hint}")
        return given

    @field_validator("columns", "constants")
    @classmethod
    def _known_fields(cls, given: dict[str, str]) -> dict[str, str]:
        unknown = sorted(set(given) - set(FIELDS))
        if unknown:
            raise ValueError(f"unknown fields {', '.join(unknown)}; known: {', '.join(FIELDS)}")
        return given

    @field_validator("constants")
    @classmethod
    def _constant_fields(cls, given: dict[str, str]) -> dict[str, str]:
        wrong = sorted(set(given) - CONSTANTS)
        if wrong:
            raise ValueError(f"{', '.join(wrong)} cannot be constant; these can: {', '.join(sorted(CONSTANTS))}")
        return given

    @field_validator("time_formats")
    @classmethod
    def _unambiguous(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        require_unambiguous(given)
        return given

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, given: str) -> str:
        try:
            ZoneInfo(given)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{given!r} is no IANA time zone, for example Asia/Shanghai") from error
        return given

    @field_validator("earliest", "latest")
    @classmethod
    def _aware(cls, given: datetime | None) -> datetime | None:
        return given.replace(tzinfo=UTC) if given is not None and given.tzinfo is None else given


def read_mapping(path: Path, **overrides: Any) -> SourceSettings:
    """The settings in a mapping TOML file; ``overrides`` win. Relative paths are taken from the file's folder.

    Raises:
        SettingsError: the file is no TOML, or a setting is unknown, missing or out of range.
    """
    try:
        given = {**tomllib.loads(path.read_text("utf-8")), **overrides}
        found = SourceSettings.model_validate(given)
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise SettingsError(
            f"The mapping {path.name} cannot be used.", why=str(error), next_step="Correct it, then import again."
        ) from error
    paths = tuple(str(path.parent / entry) for entry in found.paths)
    return found.model_copy(update={"paths": paths})

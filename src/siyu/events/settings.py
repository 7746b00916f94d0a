"""Settings of one source of events: where its files are, how to read them, and which column means what."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from siyu.engine.values import require_unambiguous
from siyu.events.readers import READERS
from siyu.files.settings import FileSettings, one_of, require_fields

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


class BotSettings(BaseModel):
    """What counts as a machine. Purchases and returns never count towards a rate: one order has many lines."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    events: int = Field(100, ge=2, description="So many browse, search and cart events of one person ...")
    seconds: int = Field(120, ge=1, description="... within so many seconds make the UTC day's events a bot's.")
    agents: str = Field(BOT_AGENTS, description="RE2 pattern (any case) of user agents that are bots; empty: none.")


class SourceSettings(FileSettings):
    """One source of events.

    Example:
        >>> shop = SourceSettings(name="till", paths=("sales/*.csv",), columns={"user_id": "customer"})
        >>> shop.format, shop.columns["user_id"]
        ('auto', 'customer')
    """

    format: str = Field(
        "auto",
        description="parquet, csv, jsonl, segment, ga4, or that of a plug-in; auto goes by the files' ending "
        "(.parquet, .csv, .tsv, .jsonl, .ndjson).",
    )
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
        description="iso, epoch_s, epoch_ms, epoch_us, excel (days since 1899-12-30) or a strptime pattern; "
        "the first that fits is taken.",
    )
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

    @field_validator("format")
    @classmethod
    def _known_format(cls, given: str) -> str:
        return one_of(("auto", "parquet", *READERS), given, called="event file format")

    @field_validator("columns", "constants")
    @classmethod
    def _known_fields(cls, given: dict[str, str]) -> dict[str, str]:
        require_fields(tuple(given), FIELDS)
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

    @field_validator("earliest", "latest")
    @classmethod
    def _aware(cls, given: datetime | None) -> datetime | None:
        return given.replace(tzinfo=UTC) if given is not None and given.tzinfo is None else given


def read_mapping(path: Path, **overrides: Any) -> SourceSettings:
    """The settings in a mapping file; see :meth:`siyu.files.settings.FileSettings.from_toml`."""
    return SourceSettings.from_toml(path, **overrides)

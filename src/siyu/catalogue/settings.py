"""Settings of one source of products: its files, and which column means what."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from siyu.catalogue.feeds.table import FEEDS
from siyu.engine.values import require_unambiguous
from siyu.files.settings import FileSettings, one_of, require_fields

SLOTS = (
    "title",
    "category",
    "brand",
    "price",
    "stock",
    "availability",
    "url",
    "image",
    "images",
    "description",
    "attributes",
    "details",
    "content",
    "size",
    "group",
    "gtin",
    "mpn",
    "condition",
)
"""Fields that become facts."""

FIELDS = (
    "item",
    *SLOTS,
    "list_price",
    "sale_price",
    "sale_starts",
    "sale_ends",
    "currency",
    "language",
    "observed_at",
)
"""Fields a column may stand for."""


class CatalogueSettings(FileSettings):
    """One source of products.

    Example:
        >>> CatalogueSettings(name="shop", paths=("products.csv",), columns={"item": "sku"}).title_rule
        'latest'
    """

    format: str = Field(
        "auto",
        description="parquet, csv, jsonl, google, google_xml, shopify, or that of a plug-in; auto goes by the ending "
        "and, where no item column is mapped, by the header.",
    )
    options: dict[str, Any] = Field(default_factory=dict, description="Options of the format, where it has any.")
    coverage: Literal["delta", "full"] = Field(
        "delta",
        description="full: the files hold every product there is, so one that is missing is no longer sold.",
    )
    max_vanished: float = Field(
        0.5,
        gt=0,
        le=1,
        description="A full feed that lacks a greater share of 20 or more known products is taken for damaged.",
    )
    columns: dict[str, str | tuple[str, ...]] = Field(
        default_factory=dict,
        description="Field to column; several are joined, a category's by ' > ', others by a space. "
        "Those left out go by their own name.",
    )
    attributes: dict[str, str] = Field(default_factory=dict, description="Attribute to the column that holds it.")
    constants: dict[str, str] = Field(
        default_factory=dict, description="Field to one value where its column is absent or empty."
    )
    observed_at: datetime | None = Field(
        None, description="When files without an observed_at column were true; unset: the clock's now."
    )
    time_formats: tuple[str, ...] = Field(
        ("iso",),
        min_length=1,
        description="As of events: iso, epoch_s ..., excel or strptime patterns, the first that fits.",
    )
    moments: Literal["exact", "day"] = Field(
        "exact", description="day: of several values in one UTC day the most frequent one is the day's."
    )
    title_rule: Literal["latest", "frequent"] = Field(
        "latest", description="frequent: a title holds until another one was seen more often (sales lines as source)."
    )
    title_reject: str = Field("", description="RE2 pattern (whole text) of what is no title: notes, question marks.")
    title_letters: int = Field(2, ge=0, description="Fewer letters than this are no title.")
    item_case: Literal["keep", "upper", "lower"] = Field("keep", description="How item ids are spelled in the end.")
    not_products: tuple[str, ...] = Field((), description="Item codes (any case) that are postage, fees ...")
    not_products_pattern: str = Field("", description="RE2 pattern (any case, whole code) of such codes.")
    max_price: float = Field(1e9, gt=0, description="A greater price is bad-price.")
    title_length: int = Field(200, ge=10, description="Characters kept of a title, brand, category or attribute.")
    description_length: int = Field(5_000, ge=10, description="Characters kept of a description.")

    @property
    def sums(self) -> bool:
        """Whether rows are sightings (sales lines), of which the most frequent counts, and not records."""
        return self.moments == "day" or self.title_rule == "frequent"

    @model_validator(mode="after")
    def _read_on_means_a_part(self) -> Self:
        if self.database is not None and self.database.since and self.coverage == "full":
            raise ValueError("a database read on from since gives a part, so coverage must be delta")
        return self

    @field_validator("format")
    @classmethod
    def _known_format(cls, given: str) -> str:
        return one_of(("auto", "parquet", *FEEDS), given, called="product feed format")

    @field_validator("columns", "constants")
    @classmethod
    def _known_fields(cls, given: dict[str, Any]) -> dict[str, Any]:
        require_fields(tuple(given), FIELDS)
        return given

    @field_validator("time_formats")
    @classmethod
    def _unambiguous(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        require_unambiguous(given)
        return given

    @field_validator("observed_at")
    @classmethod
    def _aware(cls, given: datetime | None) -> datetime | None:
        return given.replace(tzinfo=UTC) if given is not None and given.tzinfo is None else given


def read_mapping(path: Path, **overrides: Any) -> CatalogueSettings:
    """The settings in a mapping file; see :meth:`siyu.files.settings.FileSettings.from_toml`."""
    return CatalogueSettings.from_toml(path, **overrides)

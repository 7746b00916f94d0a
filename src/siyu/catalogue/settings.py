"""Settings of one source of products: its files, and which column means what."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from siyu.catalogue.feeds.table import FEEDS
from siyu.domain.errors import SettingsError
from siyu.files import Limits, SourceFile, TextForm
from siyu.files.database import DatabaseSettings

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


class CatalogueSettings(BaseModel):
    """One source of products.

    Example:
        >>> CatalogueSettings(name="shop", paths=("products.csv",), columns={"item": "sku"}).title_rule
        'latest'
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description="Name of the source.")
    paths: tuple[str, ...] = Field((), description="Files or globs. Also in other stores: s3://shop/*.csv.gz.")
    database: DatabaseSettings | None = Field(None, description="A database to read instead of files.")
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
    encoding: str = Field("utf-8", description="Text encoding of CSV and JSON files; a byte-order mark is ignored.")
    delimiter: str = Field(",", min_length=1, max_length=1, description="Between the fields of a CSV file.")
    limits: Limits = Limits()
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
    time_formats: tuple[str, ...] = Field(("iso",), min_length=1, description="iso or strptime patterns.")
    timezone: str = Field("UTC", description="IANA zone of times that state none.")
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
    def form(self) -> TextForm:
        """How its text files are written."""
        return TextForm(self.encoding, self.delimiter, self.limits)

    def form_of(self, file: SourceFile) -> TextForm:
        """How one of its text files is written: a ``.tsv`` is parted by tabs unless a delimiter is set."""
        tabs = ".tsv" in map(str.lower, file.path.suffixes) and "delimiter" not in self.model_fields_set
        return replace(self.form, delimiter="\t") if tabs else self.form

    @property
    def sums(self) -> bool:
        """Whether rows are sightings (sales lines), of which the most frequent counts, and not records."""
        return self.moments == "day" or self.title_rule == "frequent"

    @model_validator(mode="after")
    def _files_or_database(self) -> Self:
        if bool(self.paths) == (self.database is not None):
            raise ValueError("a source is files (paths) or a database, one of them")
        if self.database is not None and self.database.since and self.coverage == "full":
            raise ValueError("a database read on from since gives a part, so coverage must be delta")
        return self

    @field_validator("format")
    @classmethod
    def _known_format(cls, given: str) -> str:
        known = ("auto", "parquet", *FEEDS)
        if given not in known:
            close = difflib.get_close_matches(given, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"
            raise ValueError(f"there is no product feed format called {given!r}, {hint}")
        return given

    @field_validator("columns", "constants")
    @classmethod
    def _known_fields(cls, given: dict[str, Any]) -> dict[str, Any]:
        unknown = sorted(set(given) - set(FIELDS))
        if unknown:
            raise ValueError(f"unknown fields {', '.join(unknown)}; known: {', '.join(FIELDS)}")
        return given

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, given: str) -> str:
        try:
            ZoneInfo(given)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{given!r} is no IANA time zone, for example Asia/Shanghai") from error
        return given

    @field_validator("observed_at")
    @classmethod
    def _aware(cls, given: datetime | None) -> datetime | None:
        return given.replace(tzinfo=UTC) if given is not None and given.tzinfo is None else given


def read_mapping(path: Path, **overrides: Any) -> CatalogueSettings:
    """The settings in a mapping TOML file; ``overrides`` win. Relative paths are taken from the file's folder.

    Raises:
        SettingsError: the file is no TOML, or a setting is unknown, missing or out of range.
    """
    try:
        found = CatalogueSettings.model_validate({**tomllib.loads(path.read_text("utf-8")), **overrides})
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise SettingsError(
            f"The mapping {path.name} cannot be used.", why=str(error), next_step="Correct it, then import again."
        ) from error
    return found.model_copy(update={"paths": tuple(str(path.parent / entry) for entry in found.paths)})

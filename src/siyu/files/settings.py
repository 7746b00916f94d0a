"""Settings that every source of files has: where they lie, and how their text is written."""

from __future__ import annotations

import codecs
import difflib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from siyu.domain.errors import SettingsError
from siyu.files.database import DatabaseSettings
from siyu.files.forms import Limits, TextForm


class TextSettings(BaseModel):
    """How the text of files is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    encoding: str = Field("utf-8", description="Text encoding of CSV and JSON files; a byte-order mark is ignored.")
    delimiter: str = Field(
        ",", min_length=1, max_length=1, description="Between the fields of a CSV file; unset: a tab in .tsv files."
    )
    header_line: int = Field(
        1, ge=1, le=100, description="Line of a CSV file that names its columns; lines before it are not read."
    )
    timezone: str = Field("UTC", description="IANA zone of times that state none.")
    limits: Limits = Limits()

    @property
    def form(self) -> TextForm:
        """How its text files are written."""
        delimiter = self.delimiter if "delimiter" in self.model_fields_set else ""
        return TextForm(self.encoding, delimiter, self.limits, self.header_line)

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, given: str) -> str:
        try:
            codecs.lookup(given)
        except LookupError as error:
            raise ValueError(f"there is no text encoding {given!r}; usual ones: utf-8, gb18030, utf-16") from error
        return given

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, given: str) -> str:
        try:
            ZoneInfo(given)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{given!r} is no IANA time zone, for example Asia/Shanghai") from error
        return given


class FileSettings(TextSettings):
    """A source: files or a database, read as text."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description="Name of the source; kept with all it gives.")
    paths: tuple[str, ...] = Field(
        (), description="Files or globs; order does not matter. Also in other stores: s3://shop/*.csv.gz."
    )
    database: DatabaseSettings | None = Field(None, description="A database to read instead of files.")

    @classmethod
    def from_toml(cls, path: Path, **overrides: Any) -> Self:
        """The settings in a mapping TOML file; ``overrides`` win. Relative paths are taken from the file's folder.

        Raises:
            SettingsError: the file is no TOML, or a setting is unknown, missing or out of range.
        """
        try:
            found = cls.model_validate({**tomllib.loads(path.read_text("utf-8")), **overrides})
        except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
            raise SettingsError(
                f"The mapping {path.name} cannot be used.", why=str(error), next_step="Correct it, then import again."
            ) from error
        return found.model_copy(update={"paths": tuple(str(path.parent / entry) for entry in found.paths)})

    @model_validator(mode="after")
    def _files_or_database(self) -> Self:
        if bool(self.paths) == (self.database is not None):
            raise ValueError("a source is files (paths) or a database, one of them")
        return self


def one_of(known: Sequence[str], given: str, *, called: str) -> str:
    """``given``, which must be one of ``known``.

    Raises:
        ValueError: it is not; the message names the nearest.
    """
    if given in known:
        return given
    close = difflib.get_close_matches(given, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"
    raise ValueError(f"there is no {called} called {given!r}, {hint}")


def require_fields(given: Sequence[str], known: Sequence[str]) -> None:
    """Check that all of ``given`` are fields.

    Raises:
        ValueError: some are not.
    """
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ValueError(f"unknown fields {', '.join(unknown)}; known: {', '.join(known)}")

"""How text files are to be read, and what one file may ask of the machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

FIELD = 131_072
"""Most characters in one field; a row with more is malformed."""


class Limits(BaseModel):
    """Bounds on what one file may ask of the machine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    expanded_bytes: int = Field(20_000_000_000, ge=1, description="Largest size of one file once decompressed.")
    ratio: float = Field(100.0, gt=1, description="Largest decompressed size over compressed size (zip bombs).")
    columns: int = Field(2_000, ge=1, description="Most columns in a file.")
    record_lines: int = Field(100, ge=1, description="Most lines in one quoted CSV record; an open quote ends there.")


@dataclass(frozen=True, slots=True)
class TextForm:
    """How the text of a source is written.

    Attributes:
        delimiter: between the fields of a CSV file; empty: as the file's ending says.
        header_line: the line of a CSV file that names its columns; those before it are not read.

    Example:
        >>> TextForm().parted(Path("orders.tsv.gz")), TextForm().parted(Path("orders.csv"))
        ('\\t', ',')
    """

    encoding: str = "utf-8"
    delimiter: str = ""
    limits: Limits = field(default_factory=Limits)
    header_line: int = 1

    def parted(self, path: Path) -> str:
        """What stands between the fields of the file at ``path``."""
        return self.delimiter or ("\t" if ".tsv" in map(str.lower, path.suffixes) else ",")

"""What must be approved by a person before it leaves."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """How much of a campaign's words a person looks at first."""

    AUTO = "auto"  # only what a check found or a place without a law pack leaves to a person
    SAMPLE = "sample"  # every piece, by way of a sample of whole messages
    ALL = "all"  # every piece, each by itself

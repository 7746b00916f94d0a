"""What could not be fitted, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

LEAST_PEOPLE: Final = 20
"""Fewer people than this are not fitted to."""


@dataclass(frozen=True, slots=True)
class NotFitted:
    """No model: too few people, nobody who bought again, or spends that do not differ."""

    why: Literal["few-people", "no-repeats", "no-variance"]

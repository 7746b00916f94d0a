"""What could not be fitted, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class NotFitted:
    """No model: too few people, nobody who bought again, or spends that do not differ."""

    why: Literal["few-people", "no-repeats", "no-variance"]

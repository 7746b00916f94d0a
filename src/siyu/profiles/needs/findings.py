"""What could not be worked out, and why: keys and numbers; the sentences live in the language packs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

WHATS = ("buy", "churn", "value", "affinity")
WHYS = (
    "history-short", "too-few-people", "nobody-bought", "everybody-bought", "nobody-left", "everybody-left",
    "no-buyers", "no-repeats", "no-variance", "no-categories", "horizon-shortened", "split-people",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One of :data:`WHATS`, one of :data:`WHYS`, and the numbers behind it."""

    what: str
    why: str
    facts: Mapping[str, float] = field(default_factory=dict)

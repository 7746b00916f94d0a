"""What building profiles found, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProfileReport:
    """Counts of one run.

    Attributes:
        mode: ``incremental`` or ``full``.
        cause: why it was full: ``first-run``, ``settings-changed``, ``events-rewritten``, ``clock-moved-back``,
            ``epoch-too-old``; empty where incremental.
        events: events that were weighed in this run.
        pending: events later than the clock, left for a later run.
        people: people known from events.
        interests: interests kept, by facet.
        lifecycle: people by stage.
        segments: people by segment id.
    """

    mode: str
    cause: str
    events: int
    pending: int
    people: int
    interests: Mapping[str, int]
    lifecycle: Mapping[str, int]
    segments: Mapping[str, int]

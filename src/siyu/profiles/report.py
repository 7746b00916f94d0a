"""What building profiles found, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from siyu.profiles.findings import Finding
from siyu.profiles.needs.report import NeedsReport


@dataclass(frozen=True, slots=True)
class ProfileReport:
    """Counts of one run.

    Attributes:
        mode: ``incremental`` or ``full``.
        cause: why it was full: ``first-run``, ``interrupted`` (the last run was cut off), ``events-rewritten``,
            ``rates-rewritten``, ``settings-changed``, ``clock-moved-back``, ``refit-due``, ``most-people-touched``;
            empty where incremental.
        events: events that this run heard of first, or all where it was full.
        pending: events later than the clock, left for a later run.
        people: people known from events.
        interests: interests kept, by facet.
        lifecycle: people by stage.
        segments: people by segment id.
        findings: what could not be worked out, and why, whichever run found it; those of needs are theirs.
        needs: of what people will want; ``None`` where it was not worked out in the same run.
    """

    mode: str
    cause: str
    events: int
    pending: int
    people: int
    interests: Mapping[str, int]
    lifecycle: Mapping[str, int]
    segments: Mapping[str, int]
    findings: tuple[Finding, ...] = ()
    needs: NeedsReport | None = None

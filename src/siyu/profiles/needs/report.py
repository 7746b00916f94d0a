"""What working out needs found, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from siyu.profiles.needs.findings import Finding


@dataclass(frozen=True, slots=True)
class NeedsReport:
    """One run.

    Attributes:
        mode: ``learnt`` (anew, everyone scored), ``everyone`` (scored by what was learnt), ``touched`` (only people
            with news) or ``off``.
        cause: why it learnt: ``first-run``, ``asked``, ``settings-changed``, ``clock-moved-back``, ``refit-due``; empty
            otherwise.
        model: version of what was learnt. ``learnt_at``: when.
        people: people scored by this run. ``learnt_from``: people known then, and drawn to learn from.
        horizons: days of each thing that is foreseen; what is missing here is not.
        comparisons, value, affinity: how good it was on held-out time, as JSON values.
        findings: what could not be worked out, and why.
    """

    mode: str
    cause: str = ""
    model: str = ""
    learnt_at: datetime | None = None
    people: int = 0
    learnt_from: Mapping[str, int] = field(default_factory=dict)
    horizons: Mapping[str, int] = field(default_factory=dict)
    comparisons: Mapping[str, Any] = field(default_factory=dict)
    value: Mapping[str, Any] = field(default_factory=dict)
    affinity: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def brief(self) -> NeedsReport:
        """Without the comparisons, which stand beside the saved model."""
        return replace(self, comparisons={}, value={}, affinity={})

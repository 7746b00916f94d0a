"""What the campaign earned: incremental beside attributed, and what may be said about it."""

from __future__ import annotations

from typing import Final

from siyu.reports.experiment import Experiment, Verdict, experiment
from siyu.reports.plain import plain
from siyu.reports.source import Figures, Source, empty
from siyu.stats.estimate import Estimate

WITHHELD: Final = frozenset({Verdict.EARLY, Verdict.HIDDEN, Verdict.NO_HOLD_OUT})
"""Verdicts beside which no comparison of the arms is shown: whoever sees a figure believes it."""


def build(source: Source) -> Figures:
    """Figures of the experiment; without outcomes, why there are none."""
    outcomes = source.outcomes
    if outcomes is None:
        return empty("no-outcomes")
    found = experiment(outcomes, hold_out=source.hold_out, settings=source.settings, final=source.final)
    return {
        **plain(found),
        "withheld": found.verdict in WITHHELD,
        "over_claim": _over_claim(found),
        "detectable_total": _detectable_total(found),
        "window_ends": source.window_ends.isoformat(),
    }


def _over_claim(found: Experiment) -> float | None:
    """Attributed over incremental revenue, where the latter is surely above zero."""
    total = found.total_revenue
    if not isinstance(total, Estimate) or total.low <= 0:
        return None
    return found.treated.attributed_revenue / total.value


def _detectable_total(found: Experiment) -> float | None:
    return found.detectable * found.treated.people if isinstance(found.detectable, float) else None

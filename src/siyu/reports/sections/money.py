"""What the campaign earned: incremental beside attributed, and what may be said about it."""

from __future__ import annotations

from siyu.reports.experiment import Experiment, experiment
from siyu.reports.plain import plain
from siyu.reports.source import Figures, Source, empty
from siyu.stats.estimate import Estimate


def build(source: Source) -> Figures:
    """Figures of the experiment; without outcomes, why there are none."""
    outcomes = source.outcomes
    if outcomes is None:
        return empty("no-outcomes")
    found = experiment(outcomes, hold_out=source.hold_out, settings=source.settings, final=source.final)
    return {
        **plain(found),
        "over_claim": _over_claim(found),
        "window_ends": (source.campaign.end + source.campaign.attribution).isoformat(),
    }


def _over_claim(found: Experiment) -> float | None:
    """Attributed over incremental revenue, where the latter is surely above zero."""
    total = found.total_revenue
    if not isinstance(total, Estimate) or total.low <= 0:
        return None
    return found.treated.attributed_revenue / total.value

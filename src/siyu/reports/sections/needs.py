"""What people will want: how good the chances are on held-out time, what drives them, and what they add up to."""

from __future__ import annotations

from typing import Any, Final

from siyu.engine import manifest
from siyu.reports.source import Figures, Source, empty

_DRIVERS: Final = 8
_TARGETS: Final = ("buy", "churn")


def build(source: Source) -> Figures:
    """The comparison that stands beside the saved model, and totals of what was foreseen by it."""
    found = manifest.find(source.engine.root, "needs_model")
    if found is None or not source.has("needs"):
        return empty("no-needs")
    meta: dict[str, Any] = dict(found.meta)
    told: dict[str, Any] = meta["told"]
    drivers = source.rows("needs_drivers")
    return {
        "model": meta["version"],
        "made_at": meta["made_at"],
        "drawn": meta["origin"]["drawn"],
        "totals": source.rows("needs_totals")[0],
        "targets": [
            _target(told["comparisons"][name], drivers, source) for name in _TARGETS if name in told["comparisons"]
        ],
        "value": told["value"] or None,
        "affinity": told["affinity"] or None,
        "findings": told["findings"],
    }


def _target(one: dict[str, Any], drivers: list[dict[str, Any]], source: Source) -> dict[str, Any]:
    least = source.settings.least_shown
    shown = [row for row in drivers if row["chance"] == one["target"] and row["raises"] + row["lowers"] >= least]
    shown.sort(key=lambda row: (-row["raises"] - row["lowers"], row["name"]))
    keys = ("target", "plan", "people", "happened", "learners", "chosen", "curve", "reliability", "gains", "baselines")
    return {
        **{key: one[key] for key in keys},
        "importance": [
            {"name": name, "loss": loss} for name, loss in one["importance"][:_DRIVERS] if loss and loss > 0
        ],
        "drivers": shown[:_DRIVERS],
    }

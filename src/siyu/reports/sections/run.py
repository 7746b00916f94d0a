"""How the run went: time per stage, memory, and the settings that matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from siyu.reports.source import Figures, Source

_FOLDERS: Final = frozenset({"project.inputs", "project.state"})
"""Paths of the machine it ran on; a report travels."""

_PEOPLE: Final = "campaign.audience.people"
"""The shop's own ids of people: how many there are, never which."""


def build(source: Source) -> Figures:
    """Stages as they were passed in, their total, the highest memory, and the settings."""
    stages = [
        {"stage": str(one.get("stage", "")), "seconds": float(one.get("seconds") or 0.0)}
        for one in source.material.stages
    ]
    peaks = [float(one["peak_mb"]) for one in source.material.stages if one.get("peak_mb")]
    campaign = source.campaign
    chosen = {
        "campaign.goal": campaign.goal,
        "campaign.occasion": campaign.occasion,
        "campaign.channel": campaign.channel,
        "campaign.place": campaign.place,
        "campaign.tone": campaign.tone,
        "campaign.hold_out": campaign.hold_out,
        "campaign.attribution_days": campaign.attribution.total_seconds() / 86_400,
        "report.level": source.settings.level,
        "report.margin": source.settings.margin,
        "report.cost_per_message": source.settings.cost_per_message,
        "report.winsorise": source.settings.winsorise,
        **{str(name): _simple(value) for name, value in source.material.shown_settings.items() if name not in _FOLDERS},
    }
    if chosen.get(_PEOPLE):
        chosen[_PEOPLE] = len(chosen[_PEOPLE])
    return {
        "stages": stages,
        "seconds": sum(one["seconds"] for one in stages),
        "peak_mb": max(peaks, default=None),  # of the process so far, so that stages cannot be told apart
        "settings": chosen,
        "writing": _writing(source.material.stages),
    }


_COUNTS: Final = (
    "orders", "kept", "rare", "refused", "unasked", "calls", "repairs", "retries", "drafts", "good", "tokens_in",
    "tokens_cached", "tokens_out", "cost", "uncertain",
)  # fmt: skip


def _writing(stages: Sequence[Mapping[str, Any]]) -> Figures | None:
    """Briefs of the latest writing, those written before, and what a language model took; None before there is any."""
    counts = next((one.get("counts") for one in stages if one.get("stage") == "write"), None)
    if not isinstance(counts, Mapping) or "briefs" not in counts:
        return None
    usage = counts.get("usage")
    model: Figures | None = None
    if isinstance(usage, Mapping):
        names = {name: str(usage.get(name) or "") for name in ("model", "currency", "stopped")}
        model = {**{name: float(usage.get(name) or 0) for name in _COUNTS}, **names}
    return {
        "briefs": int(counts["briefs"]),
        "hits": int(counts.get("cache_hits") or 0),
        "calls": int(counts.get("writer_calls") or 0),
        "model": model,
    }


def _simple(value: object) -> Any:
    """``value`` as JSON can hold it."""
    if isinstance(value, Mapping):
        return {str(key): _simple(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_simple(one) for one in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)

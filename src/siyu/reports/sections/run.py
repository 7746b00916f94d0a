"""How the run went: time and memory per stage, and the settings that matter."""

from __future__ import annotations

from siyu.reports.source import Figures, Source, empty


def build(source: Source) -> Figures:
    """Stages as they were passed in, their total, and the settings."""
    stages = [
        {
            "stage": str(one.get("stage", "")),
            "seconds": float(one.get("seconds") or 0.0),
            "peak_mb": float(one["peak_mb"]) if one.get("peak_mb") is not None else None,
            "rows": one.get("rows"),
        }
        for one in source.material.stages
    ]
    shown = {str(name): _scalar(value) for name, value in source.material.shown_settings.items()}
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
        **shown,
    }
    if not stages and not chosen:
        return empty("no-run")
    return {"stages": stages, "seconds": sum(one["seconds"] for one in stages), "settings": chosen}


def _scalar(value: object) -> str | int | float | bool | None:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)

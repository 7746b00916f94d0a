"""Rows set aside: by source and reason, adding up to the rows read."""

from __future__ import annotations

from typing import Any

from siyu.reports.source import Figures, Source, empty


def build(source: Source) -> Figures:
    """Per source: read, accepted, set aside by reason, and whether they add up."""
    aside: dict[str, dict[str, int]] = {}
    if source.has("quarantine"):
        for row in source.rows("quarantine_counts"):
            aside.setdefault(row["source"] or "", {})[row["reason"] or ""] = row["rows_aside"]
    imports = source.material.imports
    if not aside and not imports:
        return empty("no-imports")
    return {"sources": [_one(name, imports.get(name, {}), aside.get(name, {})) for name in sorted({*aside, *imports})]}


def _one(name: str, counted: Any, reasons: dict[str, int]) -> dict[str, Any]:
    set_aside = sum(reasons.values())
    read, accepted = counted.get("read"), counted.get("accepted")
    adds_up = None if read is None or accepted is None else read == accepted + set_aside
    return {
        "source": name,
        "read": read,
        "accepted": accepted,
        "quarantined": set_aside,
        "reasons": reasons,
        "adds_up": adds_up,
    }

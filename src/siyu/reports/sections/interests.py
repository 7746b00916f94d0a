"""What people like, by facet."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from siyu.reports.source import Figures, Source, empty


def build(source: Source) -> Figures:
    """The most common values per facet, with people, mean weight and lift."""
    if not source.has("interests"):
        return empty("no-interests")
    rows = source.rows("interests_top", least=source.settings.least_shown, top=source.settings.top)
    if not rows:
        return empty("too-few-people")
    facets: list[dict[str, Any]] = []
    for facet, values in groupby(rows, key=lambda row: row["facet"]):
        facets.append({"facet": facet, "values": [{k: v for k, v in row.items() if k != "facet"} for row in values]})
    return {"facets": facets}

"""What people like, by facet."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final

from siyu.domain.kinds import Facet
from siyu.reports.source import Figures, Source, empty

_ORDER: Final = {
    facet.value: place
    for place, facet in enumerate((Facet.CATEGORY, Facet.BRAND, Facet.ATTRIBUTE, Facet.KEYWORD, Facet.PRICE_BAND))
}


def build(source: Source) -> Figures:
    """Per facet, the values that are first for most people, with those who have them at all, mean weight and lift."""
    findings = [one for one in source.findings("people") if one["what"] == "interests"]
    if not source.has("interests"):
        return empty("no-interests", findings)
    rows = source.rows("interests_top", least=source.settings.least_shown, top=source.settings.top)
    if not rows:
        return empty("too-few-people")
    facets: list[dict[str, Any]] = []
    for facet, values in groupby(rows, key=lambda row: row["facet"]):
        facets.append({"facet": facet, "values": [{k: v for k, v in row.items() if k != "facet"} for row in values]})
    facets.sort(key=lambda one: (_ORDER.get(one["facet"], len(_ORDER)), one["facet"]))
    return {"facets": facets, "findings": findings}

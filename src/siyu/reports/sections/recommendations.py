"""What was recommended, in which lane and for which reason."""

from __future__ import annotations

from siyu.reports.source import Figures, Source, empty


def build(source: Source) -> Figures:
    """Recommendations by lane and kind of their strongest reason."""
    if not source.has("recommendations"):
        return empty("no-recommendations")
    told = source.rows("recommendations_reasons")
    lanes: dict[str, dict[str, int]] = {}
    for row in told:
        lanes.setdefault(row["lane"] or "", {})[row["kind"] or ""] = row["recommended"]
    people = source.rows("recommendations_people")[0]
    return {"lanes": lanes, "total": sum(row["recommended"] for row in told), **people}

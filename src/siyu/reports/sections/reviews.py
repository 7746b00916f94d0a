"""What reviews say of products: aspects praised and blamed, selling points, troubles, each with buyers' own words."""

from __future__ import annotations

from typing import Final

from siyu.reports.source import Figures, Source, empty

_MOST: Final = 8


def build(source: Source) -> Figures:
    """Aspects over all products; the selling points and troubles that most people name."""
    if not source.has("product_aspects") or not source.has("products"):
        return empty("no-reviews", source.findings("product_aspects"))
    least = source.settings.least_shown
    return {
        "aspects": [row for row in source.rows("reviews_aspects") if row["praised"] + row["blamed"] >= least],
        "points": source.rows("reviews_points", most=_MOST),
        "troubles": source.rows("reviews_troubles", most=_MOST, least=3),
        "findings": source.findings("product_aspects"),
    }

"""The sections in reading order. A new one is one file, one template and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from siyu.reports.sections import (
    data,
    funnel,
    interests,
    money,
    needs,
    quarantine,
    reach,
    recommendations,
    reviews,
    rules,
    run,
    samples,
    segments,
    variants,
)
from siyu.reports.source import Figures, Source

SECTIONS: Final[Mapping[str, Callable[[Source], Figures]]] = {
    "money": money.build,
    "reach": reach.build,
    "funnel": funnel.build,
    "variants": variants.build,
    "samples": samples.build,
    "segments": segments.build,
    "needs": needs.build,
    "interests": interests.build,
    "reviews": reviews.build,
    "rules": rules.build,
    "recommendations": recommendations.build,
    "data": data.build,
    "quarantine": quarantine.build,
    "run": run.build,
}

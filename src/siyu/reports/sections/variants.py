"""Variants of the message against the one most people got."""

from __future__ import annotations

from typing import Any

import numpy as np

from siyu.reports.outcomes import TREATED, Arm, arm
from siyu.reports.plain import plain
from siyu.reports.source import Figures, Source, empty
from siyu.stats.discoveries import benjamini_hochberg
from siyu.stats.estimate import Estimate, Reading
from siyu.stats.means import mean_difference
from siyu.stats.moments import Moments
from siyu.stats.proportions import share, share_difference


def build(source: Source) -> Figures:
    """Per variant: people, opens, clicks and revenue with intervals; click difference with adjusted p-values."""
    outcomes = source.outcomes
    if outcomes is None:
        return empty("no-outcomes")
    treated = arm(outcomes, TREATED)
    got = treated.where(treated.sent & (treated.variant != ""))
    names, sizes = np.unique(got.variant.astype(str), return_counts=True)
    if not names.size:
        return empty("no-variants")
    order = np.lexsort((names, -sizes))
    arms = {str(names[index]): got.where(got.variant == names[index]) for index in order}
    base = next(iter(arms))
    rows = [_row(name, one, arms[base], source.settings.level) for name, one in arms.items()]
    _adjust(rows[1:])
    return {"baseline": base, "variants": rows}


def _row(name: str, one: Arm, base: Arm, level: float) -> dict[str, Any]:
    clicks = (int(one.clicked.sum()), one.people)
    same = one is base
    revenue = Moments.of(one.revenue)
    difference: Reading | None = None
    money: Reading | None = None
    if not same:
        difference = share_difference(clicks, (int(base.clicked.sum()), base.people), level=level)
        money = mean_difference(revenue, Moments.of(base.revenue), level=level)
    return {
        "variant": name,
        "people": one.people,
        "opened": plain(share(int((one.opened | one.clicked).sum()), one.people, level=level)),
        "clicked": plain(share(*clicks, level=level)),
        "click_difference": plain(difference),
        "revenue_a_head": revenue.mean,
        "revenue_difference": plain(money),
        "p": difference.p if isinstance(difference, Estimate) else None,
    }


def _adjust(rows: list[dict[str, Any]]) -> None:
    tested = [row for row in rows if row["p"] is not None]
    for row, adjusted in zip(tested, benjamini_hochberg([row["p"] for row in tested]), strict=True):
        row["adjusted_p"] = adjusted

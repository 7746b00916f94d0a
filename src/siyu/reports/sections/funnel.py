"""From the audience to the order."""

from __future__ import annotations

import pyarrow.compute as pc

from siyu.reports.ledger import SENT, counts, ledger, planned
from siyu.reports.outcomes import TREATED, arm
from siyu.reports.source import Figures, Source, empty


def build(source: Source) -> Figures:
    """Steps with counts: messages (one a person and step) up to sent; then people who opened, clicked, ordered."""
    table = ledger(source.material.ledger)
    if not table.num_rows:
        return empty("no-ledger")
    states = counts(table)
    steps = [
        {"key": "audience", "count": table.num_rows},
        {"key": "planned", "count": planned(table)},
        {"key": "sent", "count": sum(count for (state, _), count in states.items() if state in SENT)},
    ]
    outcomes = source.outcomes
    if outcomes is not None:
        treated = arm(outcomes, TREATED)
        got = treated.where(treated.sent)
        steps += [
            {"key": "opened", "count": int((got.opened | got.clicked).sum())},
            {"key": "clicked", "count": int(got.clicked.sum())},
            {"key": "ordered", "count": int((got.attributed_orders > 0).sum())},
        ]
        unsubscribed = int(got.unsubscribed.sum())
    else:
        unsubscribed = None
    return {"steps": steps, "people": len(pc.unique(table["person"])), "unsubscribed": unsubscribed}

"""Why people of the audience got nothing: every one of them has a reason, and the reasons add up."""

from __future__ import annotations

from siyu.reports.ledger import SENT, counts, ledger
from siyu.reports.source import Figures, Source, empty


def build(source: Source) -> Figures:
    """A waterfall from the audience down to the sent, by (state, reason)."""
    table = ledger(source.material.ledger)
    if not table.num_rows:
        return empty("no-ledger")
    states = counts(table)
    losses = [
        {"state": state, "reason": reason, "count": count}
        for (state, reason), count in states.items()
        if state not in SENT
    ]
    sent = sum(count for (state, _), count in states.items() if state in SENT)
    return {"audience": table.num_rows, "losses": losses, "sent": sent}

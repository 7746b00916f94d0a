"""Who was written to, and why the others got nothing: everybody of the audience has a reason, and they add up."""

from __future__ import annotations

import pyarrow.compute as pc

from siyu.reports.ledger import SENT, counts, ledger
from siyu.reports.source import Figures, Source, empty


def build(source: Source) -> Figures:
    """A waterfall from the audience down to the sent, by (state, reason), in messages; one a person and step."""
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
    return {"audience": table.num_rows, "people": len(pc.unique(table["person"])), "losses": losses, "sent": sent}

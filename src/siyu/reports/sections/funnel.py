"""From the message to the order: people, each step as a share of those who were written to."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from siyu.reports.ledger import SENT, ledger
from siyu.reports.outcomes import TREATED, arm
from siyu.reports.source import Figures, Source, empty


def build(source: Source) -> Figures:
    """People who were written to, opened, clicked, ordered after a click; people who unsubscribed."""
    table = ledger(source.material.ledger)
    if not table.num_rows:
        return empty("no-ledger")
    outcomes = source.outcomes
    if outcomes is None:
        sent = table.filter(pc.is_in(table["state"], value_set=pa.array(SENT)))
        reached = len(pc.unique(sent["person"]))
        steps, unsubscribed = [{"key": "reached", "count": reached}], None
    else:
        treated = arm(outcomes, TREATED)
        got = treated.where(treated.sent)
        reached = got.people
        steps = [
            {"key": "reached", "count": reached},
            {"key": "opened", "count": int((got.opened | got.clicked).sum())},
            {"key": "clicked", "count": int(got.clicked.sum())},
            {"key": "ordered", "count": int((got.clicked & (got.attributed_orders > 0)).sum())},
        ]
        unsubscribed = int(got.unsubscribed.sum())
    if not reached:
        return empty("nothing-sent")
    return {"steps": steps, "reached": reached, "unsubscribed": unsubscribed}

"""Attribution: what became of every person of a campaign, the held-out ones included.

Three readings of the same orders stand side by side, all net of returns:

- *intention to treat* (``orders``, ``revenue``): every order from the planned moment on, for as long as the campaign's
  attribution window, in both arms alike, whatever became of the message. The difference of the arms is the effect.
- *last touch* (``attributed_*``): orders after a click on the message, given to the last click before the order.
- *any sent* (``any_sent_*``): orders after a message was sent, clicked or not; an order counts for every campaign.

The window of the first starts at the planned moment because it alone exists in both arms; a message sent late shortens
the time it has to work, and makes the effect look smaller, never larger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain import columns as c
from siyu.domain.campaigns import Campaign
from siyu.domain.clock import Clock
from siyu.domain.kinds import SkipReason
from siyu.domain.progress import Progress, Step, silent
from siyu.engine import manifest, resolved
from siyu.engine.port import Engine
from siyu.engine.schemas import MOMENT
from siyu.engine.sql import query
from siyu.store.ledger import SEND, Ledger

OUTCOMES: Final = pa.schema(
    [
        ("campaign", pa.string()),
        (c.PERSON, pa.string()),
        ("arm", pa.string()),  # treated | hold_out
        ("since", MOMENT),  # first planned moment
        ("until", MOMENT),  # end of the window that both arms share
        ("mature", pa.bool_()),  # the window is over
        ("sent", pa.bool_()),
        ("opened", pa.bool_()),
        ("clicked", pa.bool_()),
        ("unsubscribed", pa.bool_()),
        ("complained", pa.bool_()),
        ("orders", pa.float64()),  # intention to treat
        ("revenue", pa.float64()),
        ("attributed_orders", pa.float64()),  # last touch
        ("attributed_revenue", pa.float64()),
        ("any_sent_orders", pa.float64()),
        ("any_sent_revenue", pa.float64()),
        ("variant", pa.string()),
    ]
)
"""Dataset ``outcomes``: one row a person of a campaign, over all its steps."""

_SENT = pa.array(["accepted", "handed"])  # a message in doubt may have arrived


@dataclass(frozen=True, slots=True)
class AttributionReport:
    """Sums by (campaign, arm): people, sent, opened, clicked, mature, and orders and revenue in three readings."""

    arms: Mapping[tuple[str, str], Mapping[str, float]]


def attribute(
    engine: Engine, ledger: Ledger, campaigns: Sequence[Campaign], *, clock: Clock, progress: Progress = silent
) -> AttributionReport:
    """Write the dataset ``outcomes`` for ``campaigns``, as far as is known at ``clock.now()``.

    Last touch looks over all the campaigns given: give all that may have touched the same people.

    Raises:
        MissingDataError: no events were imported.
    """
    progress(Step("feedback.attribution", 0, len(campaigns)))
    resolved.events(engine)
    engine.table("shown", pa.concat_tables([_shown(ledger, campaign) for campaign in campaigns] or [_NOTHING]))
    _register_variants(engine)
    batches = engine.batches(query("siyu.feedback", "attribute", now=clock.now()))
    reader = pa.RecordBatchReader.from_batches(OUTCOMES, (batch.cast(OUTCOMES) for batch in batches))
    engine.write(reader, "outcomes")
    engine.table("outcomes", "outcomes")
    progress(Step("feedback.attribution", len(campaigns), len(campaigns)))
    return AttributionReport(_totals(engine))


_NOTHING = pa.table(
    {
        "campaign": pa.array([], pa.string()),
        c.MESSAGE_ID: pa.array([], pa.string()),
        c.PERSON: pa.array([], pa.string()),
        "arm": pa.array([], pa.string()),
        "since": pa.array([], MOMENT),
        "until": pa.array([], MOMENT),
        "handed_at": pa.array([], MOMENT),
        "handed_until": pa.array([], MOMENT),
        "sent": pa.array([], pa.bool_()),
    }
)


def _shown(ledger: Ledger, campaign: Campaign) -> pa.Table:
    """The people of both arms, with their windows. People skipped at planning are in neither."""
    rows = ledger.to_arrow(
        campaign.name, "message_id", "campaign", "person", "decision", "state", "due_at", "handed_at"
    )
    rows = rows.filter(pc.is_in(rows["decision"], value_set=pa.array([SEND, SkipReason.HOLD_OUT.value])))
    table = pa.table(
        {
            "campaign": rows["campaign"],
            c.MESSAGE_ID: rows[c.MESSAGE_ID],
            c.PERSON: rows[c.PERSON],
            "arm": pc.if_else(pc.equal(rows["decision"], SEND), "treated", "hold_out"),
            "since": rows["due_at"],
            "until": pc.add(rows["due_at"], campaign.attribution),
            "handed_at": rows["handed_at"],
            "handed_until": pc.add(rows["handed_at"], campaign.attribution),
            "sent": pc.is_in(rows["state"], value_set=_SENT),
        }
    )
    return table.cast(_NOTHING.schema)


def _register_variants(engine: Engine) -> None:
    if manifest.find(engine.root, "messages") is None:
        empty = pa.array([], pa.string())
        engine.table("variants", pa.table({c.MESSAGE_ID: empty, "variant": empty}))
    else:
        engine.table("variants", "messages")


def _totals(engine: Engine) -> dict[tuple[str, str], Mapping[str, float]]:
    rows: list[dict[str, Any]] = []
    for batch in engine.batches(query("siyu.feedback", "totals")):
        rows += batch.to_pylist()
    return {(row.pop("campaign"), row.pop("arm")): row for row in rows}

"""Which messages may leave by what people said: for the plan, and again for the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from siyu.app.approval.modes import Mode
from siyu.app.approval.standing import COLUMNS, stand
from siyu.app.shop import Shop
from siyu.engine.sql import fill
from siyu.store import approvals

_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Leaving:
    """How messages stand once what people said is counted.

    Attributes:
        people: ``person`` and ``status`` of each message of the campaign.
        by_person: ids of messages that only leave because a person approved them.
        barred: ids of messages that the checks would let go and people have not, or not yet.
    """

    people: pa.Table
    by_person: pa.Array
    barred: pa.Array


def leaving(shop: Shop, step: int) -> Leaving:
    """Read the campaign's messages, a few at a time, and judge those that need a person."""
    mode = shop.settings.campaign.approval
    with shop.store.reading() as connection:
        verdicts = approvals.verdicts(connection, shop.campaign.name)
    people, by_person, barred = [], [], []
    for batch in _messages(shop, step, mode):
        now = stand(pa.Table.from_batches([batch]), verdicts, mode)
        people.append(pa.table({"person": batch.column("person"), "status": now.status}))
        by_person.append(now.by_person)
        fell = pc.and_(pc.equal(batch.column("status"), "approved"), pc.not_equal(now.status, "approved"))
        barred.append(batch.column("message_id").filter(fell))
    none = pa.array([], pa.string())
    empty = pa.table({"person": none, "status": none})
    return Leaving(
        pa.concat_tables([empty, *people]).combine_chunks(), pa.concat_arrays([none, *by_person]),
        pa.concat_arrays([none, *barred]),
    )  # fmt: skip


def _messages(shop: Shop, step: int, mode: Mode) -> Iterator[pa.RecordBatch]:
    """:data:`COLUMNS` of the campaign's messages; words only where the mode asks for them."""
    shop.engine.table("messages", "messages")
    mine = fill("campaign = $campaign AND step = $step", campaign=shop.campaign.name, step=step)
    if mode is not Mode.AUTO:
        yield from _read(shop, f"SELECT {', '.join(COLUMNS)} FROM messages WHERE {mine}")
        return
    yield from _read(shop, f"SELECT {', '.join(COLUMNS)} FROM messages WHERE {mine} AND status = 'human'")
    yield from _read(shop, f"SELECT message_id, person, status FROM messages WHERE {mine} AND status <> 'human'")


def _read(shop: Shop, sql: str) -> Iterator[pa.RecordBatch]:
    from siyu.engine.schemas import MESSAGES  # deferred: planning an empty campaign needs none of it

    schema = pa.schema([MESSAGES.field(name) for name in COLUMNS])
    for batch in shop.engine.batches(sql, rows=_AT_ONCE):
        known = set(batch.schema.names)
        columns = [batch.column(field.name) if field.name in known else pa.nulls(len(batch)) for field in schema]
        cast = [column.cast(field.type) for column, field in zip(columns, schema, strict=True)]
        yield pa.RecordBatch.from_arrays(cast, schema=schema)

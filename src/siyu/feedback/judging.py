"""Intake: tracking hits become events of people; robots, forgeries and replays are counted and left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain import columns as c
from siyu.domain.clock import Clock
from siyu.domain.ids import SEPARATOR, stable_id, stable_ids
from siyu.domain.kinds import EventKind
from siyu.engine import manifest
from siyu.engine.port import Engine, Sql
from siyu.engine.schemas import EVENTS
from siyu.engine.sql import query
from siyu.feedback.hits import Verifier, verify
from siyu.feedback.settings import FeedbackSettings
from siyu.store.ledger import Ledger

_CLASSIFIED = pa.schema(
    [
        ("hit", pa.int64()),
        ("purpose", pa.string()),
        (c.MESSAGE_ID, pa.string()),
        (c.ITEM, pa.string()),
        (c.TS, pa.timestamp("us")),
        (c.RATING, pa.float64()),
        (c.TEXT, pa.string()),
        (c.PERSON, pa.string()),
        (c.CHANNEL, pa.string()),
        ("verdict", pa.string()),
    ]
)
_FRESH = pa.schema(
    [
        EVENTS.field(name)
        for name in (c.EVENT_ID, c.PERSON, c.KIND, c.TS, c.ITEM, c.MESSAGE_ID, c.CHANNEL, c.RATING, c.TEXT)
    ]
)
_ONCE = frozenset({EventKind.UNSUBSCRIBE, EventKind.COMPLAINT})  # one a message, however often it comes


@dataclass(frozen=True, slots=True)
class Intake:
    """What hits came to.

    Attributes:
        events: new rows for the dataset ``events`` (schema ``EVENTS``); append them.
        unsubscribes: (person, channel, message_id, ts) of new unsubscribes and complaints, for the consent ledger.
        hits: hits read. ``hits == forged + sum(verdicts.values())``.
        forged: hits whose token is not ours.
        verdicts: hits by verdict: ``person``, ``robot``, ``proxy``, ``honeypot``, ``too-fast``, ``not-confirmed`` (an
            unsubscribe by GET), ``unknown-message``, ``before-send``, ``future``.
        replays: hits of people that were known already, or came twice within a minute.
    """

    events: pa.Table
    unsubscribes: pa.Table
    hits: int
    forged: int
    verdicts: Mapping[str, int]
    replays: int


def intake(
    engine: Engine,
    ledger: Ledger,
    raw: pa.Table,
    *,
    verifier: Verifier,
    clock: Clock,
    settings: FeedbackSettings = FeedbackSettings(),
) -> Intake:
    """Judge hits (columns of :data:`siyu.feedback.hits.RAW`) and make events of those of people. Writes nothing.

    Raises:
        InputError: the hits lack ``url`` or ``ts``.
    """
    hits, forged = verify(raw, verifier)
    _register(engine, ledger, hits, settings)
    judged = _read(engine, query("siyu.feedback", "classify", now=clock.now()), _CLASSIFIED)
    engine.table("classified", judged)
    engine.table("keys", _keys(judged))
    _known(engine)
    fresh = _read(engine, query("siyu.feedback", "fresh"), _FRESH)
    verdicts = {row["values"]: row["counts"] for row in pc.value_counts(judged["verdict"]).to_pylist()}
    ends = fresh.filter(pc.is_in(fresh[c.KIND], value_set=pa.array([str(kind) for kind in sorted(_ONCE)])))
    return Intake(
        events=_as_events(fresh, settings.source),
        unsubscribes=ends.select([c.PERSON, c.CHANNEL, c.MESSAGE_ID, c.TS]),
        hits=raw.num_rows,
        forged=forged,
        verdicts=dict(sorted(verdicts.items())),
        replays=verdicts.get("person", 0) - fresh.num_rows,
    )


def sent_events(
    ledger: Ledger, campaign: str, *, source: str = "messages", noted: pa.Array | pa.ChunkedArray | None = None
) -> pa.Table:
    """One ``sent`` event for every message accepted so far (schema ``EVENTS``); the same ids every time.

    Args:
        noted: ids of messages whose events are there already; they are left out.
    """
    rows = ledger.accepted(campaign)
    if noted is not None:
        rows = rows.filter(pc.invert(pc.is_in(rows[c.MESSAGE_ID], value_set=noted)))
    start = SEPARATOR.join(("event", EventKind.SENT, ""))
    ids = stable_ids(start + message for message in rows[c.MESSAGE_ID].to_pylist())
    return _as_events(
        pa.table(
            {
                c.EVENT_ID: pa.array(ids, pa.string()),
                c.PERSON: rows[c.PERSON],
                c.KIND: pa.repeat(str(EventKind.SENT), rows.num_rows),
                c.TS: rows["handed_at"],
                c.CHANNEL: rows[c.CHANNEL],
                c.MESSAGE_ID: rows[c.MESSAGE_ID],
            }
        ),
        source,
    )


def _register(engine: Engine, ledger: Ledger, hits: pa.Table, settings: FeedbackSettings) -> None:
    """The hits and the sends they answer, with the moments that the rules compare with."""
    around = timedelta(minutes=settings.trap_minutes)
    marked = hits.append_column("trap_from", pc.subtract(hits[c.TS], around))
    engine.table("hits", marked.append_column("trap_until", pc.add(hits[c.TS], around)))
    sends = ledger.lookup(pc.unique(hits[c.MESSAGE_ID]).to_pylist())
    human_from = pc.add(sends["handed_at"], timedelta(seconds=settings.human_after_seconds))
    chosen = sends.select([c.MESSAGE_ID, c.PERSON, c.CHANNEL, "handed_at"])
    engine.table("sends", chosen.append_column("human_from", human_from))


def _read(engine: Engine, sql: str, schema: pa.Schema) -> pa.Table:
    parts = [schema.empty_table()]
    parts += [pa.Table.from_batches([batch]).cast(schema) for batch in engine.batches(sql)]
    return pa.concat_tables(parts)


def _keys(judged: pa.Table) -> pa.Table:
    """Event id of every hit of a person: from what it says and the minute, so that a replay has the same."""
    people = judged.filter(pc.equal(judged["verdict"], "person"))
    minutes = pc.strftime(people[c.TS], format="%Y%m%d%H%M").to_pylist()
    rows = zip(
        people["purpose"].to_pylist(),
        people[c.MESSAGE_ID].to_pylist(),
        people[c.ITEM].to_pylist(),
        minutes,
        strict=True,
    )
    ids = [
        stable_id("event", purpose, message, item or "", "" if purpose in _ONCE else minute)
        for purpose, message, item, minute in rows
    ]
    return pa.table({"hit": people["hit"], c.EVENT_ID: pa.array(ids, pa.string())})


def _known(engine: Engine) -> None:
    if manifest.find(engine.root, "events") is None:
        engine.table("known_events", pa.table({c.EVENT_ID: pa.array([], pa.string())}))
        return
    engine.table("events_so_far", "events")
    engine.table("known_events", Sql(f"SELECT {c.EVENT_ID} FROM events_so_far WHERE {c.MESSAGE_ID} IS NOT NULL"))


def _as_events(rows: pa.Table, source: str) -> pa.Table:
    """Rows with the columns of ``EVENTS``; what a message event has no use for is null."""
    size = rows.num_rows
    given = {name: rows[name] for name in rows.column_names}
    if c.ITEM in given:
        given[c.ITEM] = pc.if_else(pc.equal(given[c.ITEM], ""), pa.scalar(None, pa.string()), given[c.ITEM])
    if c.RATING in given:
        given[c.RATING] = pc.if_else(pc.equal(rows[c.KIND], "feedback"), given[c.RATING], pa.scalar(None, pa.float64()))
    given |= {
        c.EFFECTIVE_TS: rows[c.TS],
        c.QUANTITY: pa.repeat(1.0, size),
        c.SOURCE: pa.repeat(source, size),
    }
    return pa.table([given.get(field.name, pa.nulls(size, field.type)) for field in EVENTS], names=EVENTS.names).cast(
        EVENTS
    )

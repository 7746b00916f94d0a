"""The delivery ledger: what was decided for every person of a campaign, and how far each message has come.

One row per (campaign, step, person, channel). States::

    planned -> leased -> handed -> accepted | failed(reason)
       ^          |         |
       |          |         +----> deferred(reason) -> leased ...
       +----------+  skipped(reason) from planned, leased or deferred

A row is marked *handed*, on the disk, before its channel sees the message: after a crash only *handed* rows are in
doubt. Moments are whole microseconds since 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    union_all,
    update,
)

from siyu.domain.ids import PersonId
from siyu.domain.kinds import SkipReason
from siyu.store.bulk import run_columns
from siyu.store.chunks import chunks
from siyu.store.conflict import insert
from siyu.store.database import Store
from siyu.store.deliveries import ARROW, CHUNK, DELIVERIES, SEND, completed, read
from siyu.store.links import LINKS
from siyu.store.tables import microseconds

__all__ = ["ARROW", "DELIVERIES", "SEND", "Delivery", "Ledger", "Line", "Settlement"]

_C = DELIVERIES.c


@dataclass(frozen=True, slots=True)
class Line:
    """The lane a batch of work is in: one step of a campaign on one channel."""

    campaign: str
    step: int
    channel: str

    def where(self) -> ColumnElement[bool]:
        """The rows of this line."""
        return _same_line(DELIVERIES, self)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A leased row: what the sender needs to know of it. ``due_at`` in microseconds since 1970 UTC."""

    message_id: str
    person: PersonId
    attempts: int
    timezone: str
    due_at: int


_DELIVERY = (_C.message_id, _C.person, _C.attempts, _C.timezone, _C.due_at)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a handed message: ``accepted``, ``failed`` or ``deferred`` (then ``next_at`` says until when).

    Attributes:
        counts: whether the try counts as an attempt (a throttled one does not).
    """

    message_id: str
    state: str
    reason: str = ""
    next_at: datetime | None = None
    counts: bool = True


class Ledger:
    """The deliveries kept in a store.

    Example:
        >>> from siyu.store.database import open_store
        >>> Ledger(open_store("sqlite://")).states("spring")
        {}
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def transaction(self) -> Any:
        """One writing transaction, to be given to :meth:`decided`, :meth:`contacts` and :meth:`add` together."""
        return self._store.connection()

    # Planning

    def reopen(self, connection: Connection, line: Line, decision: str) -> int:
        """Forget the rows decided as ``decision`` (one that may change, as an approval still to come)."""
        return connection.execute(delete(DELIVERIES).where(line.where(), _C.decision == decision)).rowcount

    def decided(self, connection: Connection, line: Line) -> pa.Table:
        """(person, decision, due_at) of every person of ``line`` decided so far, one row each.

        Whoever has no row of their own, but was written to or held out under a name that stands for them now
        (:mod:`siyu.store.links`), was decided by that row.
        """
        own = select(_C.person, _C.decision, _C.due_at).where(line.where())
        there = select(OTHER.c.message_id).where(_same_line(OTHER, line), OTHER.c.person == LINKS.c.person)
        counts = or_(_C.state.in_(_WENT_OUT), _C.decision == SkipReason.HOLD_OUT.value)
        inherited = (
            select(LINKS.c.person, func.min(_C.decision).label("decision"), func.min(_C.due_at).label("due_at"))
            .join(DELIVERIES, _C.person == LINKS.c.alias)
            .where(line.where(), counts, ~there.exists())
            .group_by(LINKS.c.person)
        )
        return pa.concat_tables([read(connection, own), read(connection, inherited)])

    def stand_down(self, connection: Connection, line: Line, now: datetime) -> int:
        """Let no waiting message of ``line`` go out to whoever got one under another of their names; returns how many.

        It becomes *skipped (capped)*: one person is written to once, however many names they had.
        """
        waiting = select(_C.message_id).where(line.where(), _C.next_at.is_not(None))
        other = (_same_line(OTHER, line), OTHER.c.state.in_(_WENT_OUT))
        mine, theirs = LINKS.c.alias == _C.person, OTHER.c.person == ALSO.c.alias
        twice = union_all(  # each begins with what waits and goes by keys: one query with "or" reads all pairs
            waiting.join(LINKS, mine).join(OTHER, OTHER.c.person == LINKS.c.person).where(*other),
            waiting.join(LINKS, mine).join(ALSO, ALSO.c.person == LINKS.c.person).join(OTHER, theirs).where(*other),
            waiting.join(ALSO, ALSO.c.person == _C.person).join(OTHER, theirs).where(*other),
        )
        change = update(DELIVERIES).where(_C.message_id.in_(twice))
        down = {"state": "skipped", "reason": SkipReason.CAPPED.value, "settled_at": microseconds(now)}
        return connection.execute(change.values(**down, counts_at=None, **_FREE)).rowcount

    def contacts(self, connection: Connection, start: datetime, end: datetime) -> pa.Table:
        """(person, counts_at) of every message of any campaign, sent or to be, after ``start`` and before ``end``.

        The person is the name in use now.
        """
        within = (_C.counts_at > microseconds(start), _C.counts_at < microseconds(end))
        used = func.coalesce(LINKS.c.person, _C.person).label("person")
        named = select(used, _C.counts_at).outerjoin(LINKS, LINKS.c.alias == _C.person)
        return read(connection, named.where(*within))

    def add(self, connection: Connection, rows: pa.Table) -> int:
        """Insert new decisions; those of persons decided before stay as they are. Returns the rows added.

        Args:
            rows: message_id, campaign, step, person, channel, decision, timezone, planned_at, due_at (moments as
                timestamps).
        """
        statement = insert(connection, DELIVERIES).on_conflict_do_nothing()
        before = _count(connection)
        for batch in completed(rows).sort_by("person").to_batches(max_chunksize=CHUNK):
            columns = zip(batch.schema.names, batch.columns, strict=True)
            run_columns(connection, statement, {name: column.to_pylist() for name, column in columns})
        return _count(connection) - before

    # Sending

    def lease(
        self,
        line: Line,
        owner: str,
        *,
        now: datetime,
        until: datetime,
        limit: int = 500,
        ids: Sequence[str] | None = None,
    ) -> list[Delivery]:
        """Claim up to ``limit`` due rows in one transaction; none but ``owner`` gets them before ``until``.

        Args:
            ids: only these, where they are due; otherwise those that are due longest.
        """
        due = select(_C.message_id).where(line.where(), _C.next_at <= microseconds(now)).order_by(_C.next_at)
        wanted = due.limit(limit).with_for_update(skip_locked=True).scalar_subquery()
        chosen: tuple[ColumnElement[bool], ...] = (_C.message_id.in_(wanted),)
        if ids is not None:
            chosen = (_C.message_id.in_(ids[:limit]), line.where(), _C.next_at <= microseconds(now))
        claim = (
            update(DELIVERIES)
            .where(*chosen)
            .values(state="leased", next_at=None, lease_owner=owner, lease_until=microseconds(until))
            .returning(*_DELIVERY)
        )
        with self._store.connection() as connection:
            return [_delivery(row) for row in connection.execute(claim)]

    def chosen(self, line: Line, *, now: datetime, size: int = 500) -> Iterator[list[Delivery]]:
        """Every row decided to be sent, in lists of ``size``: what is due first, then the rest, sent rows too."""
        waits = case((_C.next_at <= microseconds(now), 0), else_=1)
        wanted = select(*_DELIVERY).where(line.where(), _C.decision == SEND).order_by(waits, _C.next_at, _C.message_id)
        for start in count(0, size):
            with self._store.reading() as connection:
                found = [_delivery(row) for row in connection.execute(wanted.offset(start).limit(size))]
            if not found:
                return
            yield found

    def due_ids(self, line: Line, *, now: datetime) -> pa.Array:
        """Message ids of every row that is due, unclaimed."""
        wanted = select(_C.message_id).where(line.where(), _C.next_at <= microseconds(now))
        with self._store.reading() as connection:
            return read(connection, wanted)["message_id"].combine_chunks()

    def due(self, line: Line, *, now: datetime, limit: int = 500) -> list[Delivery]:
        """Up to ``limit`` due rows, unclaimed: for a dry run."""
        wanted = select(*_DELIVERY).where(line.where(), _C.next_at <= microseconds(now)).order_by(_C.next_at)
        with self._store.reading() as connection:
            return [_delivery(row) for row in connection.execute(wanted.limit(limit))]

    def skip(self, reasons: Mapping[str, str], *, now: datetime) -> None:
        """Mark leased rows (message id -> reason) as skipped."""
        change = (
            update(DELIVERIES)
            .where(_C.message_id == bindparam("of"), _C.state == "leased")
            .values(state="skipped", reason=bindparam("why"), settled_at=microseconds(now), counts_at=None, **_FREE)
        )
        self._many(change, [{"of": message, "why": reason} for message, reason in reasons.items()])

    def postpone(self, moments: Mapping[str, datetime]) -> None:
        """Give leased rows (message id -> moment) back, to be sent at that moment; no attempt is used."""
        change = (
            update(DELIVERIES)
            .where(_C.message_id == bindparam("of"), _C.state == "leased")
            .values(state="planned", next_at=bindparam("at"), counts_at=bindparam("at"), **_UNLEASED)
        )
        self._many(change, [{"of": message, "at": microseconds(at)} for message, at in moments.items()])

    def hand(self, ids: Sequence[str], owner: str, *, now: datetime, until: datetime) -> frozenset[str]:
        """Mark rows still leased by ``owner`` as handed over, durably; only those returned may go to the channel."""
        moment = microseconds(now)
        change = (
            update(DELIVERIES)
            .where(_C.message_id.in_(ids), _C.state == "leased", _C.lease_owner == owner, _C.lease_until > moment)
            .values(
                state="handed",
                reason="",
                attempts=_C.attempts + 1,
                handed_at=moment,
                counts_at=moment,
                lease_until=microseconds(until),
            )
            .returning(_C.message_id)
        )
        with self._store.connection(durable=True) as connection:
            return frozenset(connection.execute(change).scalars())

    def settle(self, settlements: Sequence[Settlement], *, now: datetime) -> None:
        """Record what became of handed messages; a row that is already settled keeps its state.

        One transaction. Messages that fared alike, nearly always all of a batch, are one statement.
        """
        alike: dict[tuple[object, ...], list[str]] = {}
        for one in settlements:
            alike.setdefault((one.state, one.reason, _waits(one), one.counts), []).append(one.message_id)
        if not alike:
            return
        with self._store.connection() as connection:
            for (state, reason, at, counts), ids in alike.items():
                change = (
                    update(DELIVERIES)
                    .where(*(_C.state != final for final in _FINAL))
                    .values(
                        state=state,
                        reason=reason,
                        next_at=at,
                        settled_at=microseconds(now),
                        **({} if counts else {"attempts": _C.attempts - 1}),
                        **({} if state == "accepted" else {"counts_at": at}),
                        **_UNLEASED,
                    )
                )
                for part in chunks(ids):
                    connection.execute(change.where(_C.message_id.in_(part)))

    def recover(self, campaign: str, *, now: datetime, resend: bool, every: bool = False) -> dict[str, int]:
        """Take back rows whose lease ran out (``every``: all leased rows): what a crash left behind.

        Rows *leased* were surely not sent and become *planned*. Rows *handed* are in doubt: they are planned again
        (at least once), or, without ``resend``, stay *handed* with the reason ``held`` (at most once).

        Returns:
            Counts under ``released``, ``resent`` and ``held``.
        """
        moment = microseconds(now)
        lost = (_C.campaign == campaign, _C.lease_until.is_not(None) if every else _C.lease_until <= moment)
        again = {"state": "planned", "next_at": moment, "counts_at": moment, **_UNLEASED}
        release = update(DELIVERIES).where(*lost, _C.state == "leased").values(again)
        doubtful = update(DELIVERIES).where(*lost, _C.state == "handed")
        settle = doubtful.values(again) if resend else doubtful.values(reason="held", **_UNLEASED)
        with self._store.connection() as connection:
            released = connection.execute(release).rowcount
            settled = connection.execute(settle).rowcount
        return {"released": released, "resent": settled if resend else 0, "held": 0 if resend else settled}

    def expire(self, campaign: str, *, now: datetime, reason: str) -> int:
        """Mark every row of ``campaign`` that still waits as skipped for ``reason``; returns how many."""
        change = (
            update(DELIVERIES)
            .where(_C.campaign == campaign, _C.next_at.is_not(None))
            .values(state="skipped", reason=reason, settled_at=microseconds(now), counts_at=None, **_FREE)
        )
        with self._store.connection() as connection:
            return connection.execute(change).rowcount

    def forget(self, people: Sequence[str]) -> int:
        """Erase every row of ``people``; returns how many."""
        with self._store.connection() as connection:
            return connection.execute(delete(DELIVERIES).where(_C.person.in_(people))).rowcount

    # Reading

    def states(self, campaign: str) -> dict[tuple[str, str], int]:
        """Rows of ``campaign`` by (state, reason)."""
        wanted = select(_C.state, _C.reason, func.count()).where(_C.campaign == campaign)
        with self._store.reading() as connection:
            found = connection.execute(wanted.group_by(_C.state, _C.reason).order_by(_C.state, _C.reason))
            return {(state, reason): count for state, reason, count in found}

    def to_arrow(self, campaign: str, *names: str) -> pa.Table:
        """Every row of ``campaign`` (schema :data:`ARROW`), or the columns ``names`` of it."""
        wanted = select(*(_C[name] for name in names)) if names else select(DELIVERIES)
        with self._store.reading() as connection:
            return read(connection, wanted.where(_C.campaign == campaign))

    def accepted(self, campaign: str) -> pa.Table:
        """(message_id, person, channel, handed_at) of every message of ``campaign`` that was accepted."""
        wanted = select(_C.message_id, _C.person, _C.channel, _C.handed_at)
        with self._store.reading() as connection:
            return read(connection, wanted.where(_C.campaign == campaign, _C.state == "accepted"))

    def lookup(self, ids: Sequence[str]) -> pa.Table:
        """The rows of these message ids (schema :data:`ARROW`); unknown ids give none."""
        parts = [ARROW.empty_table()]
        with self._store.reading() as connection:
            for start in range(0, len(ids), 10_000):
                some = ids[start : start + 10_000]
                parts.append(read(connection, select(DELIVERIES).where(_C.message_id.in_(some))))
        return pa.concat_tables(parts)

    def of_person(self, person: str) -> pa.Table:
        """Every row of one person (schema :data:`ARROW`): for explaining, exporting and showing."""
        with self._store.reading() as connection:
            return read(connection, select(DELIVERIES).where(_C.person == person))

    def _many(self, change: Any, rows: list[dict[str, object]]) -> None:
        if rows:
            with self._store.connection() as connection:
                connection.execute(change, rows)


OTHER: Final = DELIVERIES.alias()
ALSO: Final = LINKS.alias()
_WENT_OUT: Final = ("handed", "accepted")
_FINAL: Final = ("accepted", "failed", "skipped")
_UNLEASED: Final[dict[str, Any]] = {"lease_owner": None, "lease_until": None}
_FREE: Final[dict[str, Any]] = {"next_at": None, **_UNLEASED}


def _same_line(table: Any, line: Line) -> ColumnElement[bool]:
    c = table.c
    return and_(c.campaign == line.campaign, c.step == line.step, c.channel == line.channel)


def _delivery(row: Any) -> Delivery:
    return Delivery(row.message_id, PersonId(row.person), row.attempts, row.timezone, row.due_at)


def _waits(settlement: Settlement) -> int | None:
    """Until when a deferred message waits, in microseconds."""
    deferred = settlement.state == "deferred" and settlement.next_at is not None
    return microseconds(settlement.next_at) if deferred and settlement.next_at else None


def _count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(DELIVERIES)).scalar_one()

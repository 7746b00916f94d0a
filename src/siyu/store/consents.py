"""Consent: an append-only ledger of what people allowed and took back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Row,
    Select,
    String,
    Table,
    Text,
    case,
    func,
    or_,
    select,
    update,
)

from siyu.store.bulk import run_columns, run_many
from siyu.store.conflict import insert
from siyu.store.links import LINKS
from siyu.store.tables import METADATA, Moment

GRANTED, WITHDRAWN = "granted", "withdrawn"
ANY = "*"
"""Every purpose, every channel: only withdrawals may say so."""

CONSENTS = Table(
    "consents",
    METADATA,
    Column("proof", String(36), primary_key=True),  # id made from all the rest: the same record is kept once
    Column("person", String(32), nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("state", String(16), nullable=False),  # granted | withdrawn
    Column("at", Moment, nullable=False),  # when the person did it
    Column("source", String(64), nullable=False),  # the file or form it came by
    Column("how", Text, nullable=False),  # what the person did ("ticked the box at checkout")
    Column("text_version", Text, nullable=False),  # which words they agreed to
    Column("recorded_at", Moment, nullable=False),
    Index(None, "person", "purpose", "channel"),
)


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append records (every column; moments in microseconds); one that is already there is not repeated."""
    run_many(connection, insert(connection, CONSENTS).on_conflict_do_nothing(index_elements=["proof"]), rows)


def add_columns(connection: Connection, columns: Mapping[str, Sequence[Any]]) -> None:
    """:func:`add` for records given by column."""
    run_columns(connection, insert(connection, CONSENTS).on_conflict_do_nothing(index_elements=["proof"]), columns)


def standing(purpose: str, channel: str, now: datetime, people: Sequence[str] | None = None) -> Select[Any]:
    """Query of (person, proof, granted_at) for everyone whose consent stands; suppressions are not looked at.

    Consent stands when the latest grant (at or before ``now``) is later than every withdrawal: a withdrawal beats
    any grant at or before its own moment, and one dated later than ``now`` counts at once. Over the names of one
    person (:mod:`siyu.store.links`) the strictest holds: a grant counts only for the name in use, which gave it itself;
    a withdrawal under any of the names counts. A name that stands for another has no consent of its own.

    Args:
        people: only these, with all their names; everyone where it is ``None``.
    """
    c, link = CONSENTS.c, LINKS.c
    exact = (c.purpose == purpose) & (c.channel == channel) & (c.state == GRANTED) & (c.at <= now)
    own = exact & link.alias.is_(None)
    touched = c.purpose.in_((purpose, ANY)) & c.channel.in_((channel, ANY))
    among = or_(own, touched & (c.state == WITHDRAWN))
    if people is not None:
        among &= c.person.in_(people)
    who = func.coalesce(link.person, c.person)
    granted = func.max(case((c.state == GRANTED, c.at)))
    withdrawn = func.max(case((c.state == WITHDRAWN, c.at)))
    latest = (
        select(who.label("person"), granted.label("granted_at"))
        .select_from(CONSENTS.outerjoin(LINKS, link.alias == c.person))
        .where(among)
        .group_by(who)
        .having(granted.is_not(None), or_(withdrawn.is_(None), granted > withdrawn))
        .subquery()
    )
    same = (c.person == latest.c.person) & (c.at == latest.c.granted_at) & exact
    if people is not None:
        same &= c.person.in_(people)
    return (
        select(c.person, func.min(c.proof).label("proof"), func.min(c.at).label("granted_at"))
        .join(latest, same)
        .group_by(c.person)
    )


def history(connection: Connection, person: str) -> list[Row[Any]]:
    """Every record of a person, oldest first."""
    c = CONSENTS.c
    return list(connection.execute(select(CONSENTS).where(c.person == person).order_by(c.at, c.state, c.proof)))


def erase_detail(connection: Connection, person: str) -> None:
    """Empty what the records of a person say beyond the bare decision."""
    gone = {"source": "", "how": "", "text_version": ""}
    connection.execute(update(CONSENTS).where(CONSENTS.c.person == person).values(gone))

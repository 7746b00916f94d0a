"""Suppressions: people and addresses that are never written to, whatever they agreed to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Select, String, Table, delete, func, literal, select, union_all

from siyu.store.conflict import insert
from siyu.store.contacts import CONTACTS
from siyu.store.links import LINKS
from siyu.store.people import PEOPLE
from siyu.store.tables import METADATA, Moment

PERSON, ADDRESS = "person", "address"
ANY = "*"
"""Every channel."""

SUPPRESSIONS = Table(
    "suppressions",
    METADATA,
    Column("kind", String(8), primary_key=True),  # person | address
    Column("subject", String(32), primary_key=True),  # pseudonym, or the address's fingerprint
    Column("channel", String(32), primary_key=True),  # or "*"
    Column("reason", String(32), nullable=False),  # unsubscribed | complaint | bounced | erased | requested ...
    Column("at", Moment, nullable=False),
)


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add suppressions (kind, subject, channel, reason, at); the first reason stays."""
    if rows:
        connection.execute(insert(connection, SUPPRESSIONS).on_conflict_do_nothing(), rows)


def lift(connection: Connection, person: str, channel: str) -> None:
    """Take back the suppression of a person on one channel (or on ``*``): only at that person's own wish."""
    c = SUPPRESSIONS.c
    same = (c.kind == PERSON) & (c.subject == person) & (c.channel == channel)
    connection.execute(delete(SUPPRESSIONS).where(same))


def suppressed(channel: str, people: Sequence[str] | None = None) -> Select[Any]:
    """Query of (person, reason), one row a person, for those suppressed on ``channel``, the erased included.

    What bars one name of a person (:mod:`siyu.store.links`) bars that person.

    Args:
        people: only these, with all their names; everyone where it is ``None``.
    """
    s = SUPPRESSIONS.c
    here = s.channel.in_((channel, ANY))
    by_address = s.subject == CONTACTS.c.fingerprint
    parts = (
        (s.subject, select(s.subject.label("person"), s.reason).where(s.kind == PERSON, here)),
        (
            CONTACTS.c.person,
            select(CONTACTS.c.person, s.reason)
            .join(SUPPRESSIONS, by_address)
            .where(s.kind == ADDRESS, here, CONTACTS.c.channel == channel),
        ),
        (
            PEOPLE.c.person,
            select(PEOPLE.c.person, literal("erased").label("reason")).where(PEOPLE.c.erased_at.is_not(None)),
        ),
    )
    every = union_all(*(part if people is None else part.where(key.in_(people)) for key, part in parts)).subquery()
    who = func.coalesce(LINKS.c.person, every.c.person)
    named = every.outerjoin(LINKS, LINKS.c.alias == every.c.person)
    return select(who.label("person"), func.min(every.c.reason).label("reason")).select_from(named).group_by(who)

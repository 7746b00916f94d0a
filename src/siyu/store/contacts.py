"""Addresses: sealed, with a keyed fingerprint by which the same address is found without being readable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Index, LargeBinary, Row, String, Table, delete, select, update

from siyu.store.bulk import run_columns
from siyu.store.chunks import SIZE, chunks
from siyu.store.conflict import insert
from siyu.store.people import PEOPLE
from siyu.store.tables import METADATA, Moment

OK, INVALID = "ok", "invalid"

CONTACTS = Table(
    "contacts",
    METADATA,
    Column("person", String(32), ForeignKey(PEOPLE.c.person), primary_key=True),
    Column("channel", String(32), primary_key=True),
    Column("address", LargeBinary, nullable=False),  # sealed under the person's data key
    Column("fingerprint", String(32), nullable=False),  # keyed hash of the address as written to
    Column("status", String(16), nullable=False),  # ok | invalid (the provider says there is no such address)
    Column("updated_at", Moment, nullable=False),
    Index(None, "fingerprint"),
)
"""At most one address a person and channel."""


def put(connection: Connection, columns: Mapping[str, Sequence[Any]]) -> None:
    """Add or replace addresses.

    Args:
        columns: person, channel, address, fingerprint, status, updated_at (microseconds), all of one length.
    """
    statement = insert(connection, CONTACTS)
    new = statement.excluded
    changed = {name: new[name] for name in ("address", "fingerprint", "status", "updated_at")}
    run_columns(
        connection, statement.on_conflict_do_update(index_elements=["person", "channel"], set_=changed), columns
    )


def fingerprints(connection: Connection, people: Sequence[str], channel: str) -> dict[str, str]:
    """Fingerprint of the address of each of ``people`` who has one on ``channel``, whatever its status."""
    asked = select(CONTACTS.c.person, CONTACTS.c.fingerprint).where(CONTACTS.c.channel == channel)
    if len(people) > SIZE:
        wanted = set(people)
        return {person: mark for person, mark in connection.execute(asked) if person in wanted}
    return {row.person: row.fingerprint for row in connection.execute(asked.where(CONTACTS.c.person.in_(people)))}


def sealed(connection: Connection, people: Sequence[str], channel: str) -> Iterator[Row[*tuple[Any, ...]]]:
    """(person, address, data_key) of those of ``people`` who have a usable address on ``channel``."""
    asked = select(CONTACTS.c.person, CONTACTS.c.address, PEOPLE.c.data_key).join(PEOPLE)
    usable = (CONTACTS.c.channel == channel) & (CONTACTS.c.status == OK) & PEOPLE.c.data_key.is_not(None)
    for part in chunks(people):
        yield from connection.execute(asked.where(usable, CONTACTS.c.person.in_(part)))


def of_person(connection: Connection, person: str) -> list[Row[Any]]:
    """Every address of one person, by channel."""
    asked = select(CONTACTS).where(CONTACTS.c.person == person).order_by(CONTACTS.c.channel)
    return list(connection.execute(asked))


def mark(connection: Connection, person: str, channel: str, status: str) -> None:
    """Set the status of an address."""
    same = (CONTACTS.c.person == person) & (CONTACTS.c.channel == channel)
    connection.execute(update(CONTACTS).where(same).values(status=status))


def erase(connection: Connection, person: str) -> None:
    """Delete every address of a person."""
    connection.execute(delete(CONTACTS).where(CONTACTS.c.person == person))

"""People: a pseudonym, what opens their sealed fields, and how to speak to them. Nothing readable identifies them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    LargeBinary,
    Row,
    Select,
    String,
    Table,
    bindparam,
    func,
    select,
    true,
    update,
)

from siyu.store.bulk import run_columns, run_many
from siyu.store.chunks import SIZE, chunks
from siyu.store.conflict import insert
from siyu.store.tables import METADATA, Moment

PEOPLE = Table(
    "people",
    METADATA,
    Column("person", String(32), primary_key=True),  # pseudonym
    Column("external_id", LargeBinary),  # sealed under the data key; null once erased
    Column("data_key", LargeBinary),  # wrapped by the master key; null once erased
    Column("language", String(35), nullable=False, server_default=""),  # BCP 47; empty = unknown
    Column("timezone", String(64), nullable=False, server_default=""),  # IANA; empty = unknown
    Column(
        "personalised", Boolean, nullable=False, server_default=true()
    ),  # false: the person switched personalisation off
    Column("registered_at", Moment, nullable=False),
    Column("erased_at", Moment),
)
"""One row a person. A row outlives erasure, empty, so that an erased person is not taken for a new one."""


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add people; those already there, erased or not, stay as they are.

    Args:
        rows: person, external_id, data_key, registered_at (microseconds).
    """
    run_many(connection, insert(connection, PEOPLE).on_conflict_do_nothing(index_elements=["person"]), rows)


def add_columns(connection: Connection, columns: Mapping[str, Sequence[Any]]) -> None:
    """:func:`add` for people given by column."""
    run_columns(connection, insert(connection, PEOPLE).on_conflict_do_nothing(index_elements=["person"]), columns)


def find(connection: Connection, people: Sequence[str]) -> Iterator[Row[Any]]:
    """The rows of ``people`` that exist, in no order."""
    for part in chunks(people):
        yield from connection.execute(select(PEOPLE).where(PEOPLE.c.person.in_(part)))


def known(connection: Connection, people: Sequence[str]) -> set[str]:
    """Those of ``people`` who have a row, the erased ones too."""
    return {row[0] for row in _among(connection, select(PEOPLE.c.person), people)}


def data_keys(connection: Connection, people: Sequence[str]) -> dict[str, bytes]:
    """Wrapped data key of each of ``people`` who is known and not erased."""
    asked = select(PEOPLE.c.person, PEOPLE.c.data_key).where(PEOPLE.c.data_key.is_not(None))
    return dict(_among(connection, asked, people))


def spoken_to(connection: Connection, people: Sequence[str]) -> dict[str, tuple[bytes, str, str]]:
    """(data key, language, time zone) of each of ``people`` who is known and not erased."""
    c = PEOPLE.c
    asked = select(c.person, c.data_key, c.language, c.timezone).where(c.data_key.is_not(None))
    return {person: (key, language, zone) for person, key, language, zone in _among(connection, asked, people)}


def timezones(connection: Connection, people: Sequence[str]) -> dict[str, str]:
    """Time zone of each of ``people`` who is not erased and named one."""
    asked = select(PEOPLE.c.person, PEOPLE.c.timezone).where(PEOPLE.c.timezone != "", PEOPLE.c.erased_at.is_(None))
    return {row[0]: row[1] for row in _among(connection, asked, people)}


def _among(connection: Connection, asked: Select[Any], people: Sequence[str]) -> Iterator[Any]:
    """Rows of ``asked`` (the person first) for ``people``: by their keys, or, where they are many, all at once."""
    everyone = connection.execute(select(func.count()).select_from(PEOPLE)).scalar_one() if len(people) > SIZE else 0
    if len(people) <= SIZE or 4 * len(people) < everyone:
        for part in chunks(people):
            yield from connection.execute(asked.where(PEOPLE.c.person.in_(part)))
        return
    wanted = set(people)
    yield from (row for row in connection.execute(asked) if row[0] in wanted)


def describe(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Set the language and time zone of people who are not erased; an empty value leaves what is there.

    Args:
        rows: ``of`` (the person), ``to_language``, ``to_timezone``.
    """
    c = PEOPLE.c
    values = {
        c.language: func.coalesce(func.nullif(bindparam("to_language"), ""), c.language),
        c.timezone: func.coalesce(func.nullif(bindparam("to_timezone"), ""), c.timezone),
    }
    same = (c.person == bindparam("of")) & c.erased_at.is_(None)
    run_many(connection, update(PEOPLE).where(same).values(values), rows)


def languages(connection: Connection) -> dict[str, str]:
    """The primary language (``zh`` of ``zh-CN``) of everyone who declared one and is not erased."""
    asked = select(PEOPLE.c.person, PEOPLE.c.language).where(PEOPLE.c.language != "", PEOPLE.c.erased_at.is_(None))
    return {row.person: row.language.split("-")[0].lower() for row in connection.execute(asked)}


def personalise(connection: Connection, person: str, on: bool) -> None:
    """Switch personalisation on or off for a person."""
    connection.execute(update(PEOPLE).where(PEOPLE.c.person == person).values(personalised=on))


def erase(connection: Connection, person: str, at: datetime) -> None:
    """Empty the row of a person: the data key goes, and with it every value sealed under it."""
    gone = {"external_id": None, "data_key": None, "language": "", "timezone": "", "erased_at": at}
    connection.execute(update(PEOPLE).where(PEOPLE.c.person == person).values(gone))

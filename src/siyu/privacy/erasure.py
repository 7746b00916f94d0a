"""Erasure and export: what a person may ask for (GDPR Art. 15, 17 and 20; PIPL Art. 45 and 47)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from siyu.domain.ids import PersonId
from siyu.privacy import people_memory
from siyu.privacy.contacts import ContactBook
from siyu.store import audit, consents, contacts, links, people, suppressions


def erase(book: ContactBook, person: PersonId, *, actor: str) -> bool:
    """Destroy everything here that says who a person is, for good, under all names that are linked to be theirs.

    The data key goes (whatever was sealed under it is noise from then on), with the addresses, the shop's id and the
    detail of consents. What stays: an empty row and the bare decisions under the pseudonym, and a suppression by the
    fingerprint of each address, so that an import of an old file writes to nobody who left. A backup made before still
    holds what was erased: after restoring one, erase again whom the audit log names.

    Returns:
        ``False`` where the person was not known.
    """
    now = book.clock.now()
    with book.store.connection(durable=True) as connection:
        known = people.known(connection, [person])
        for name in links.names(connection, person) if known else ():
            _erase(connection, name, now, actor)
        if known:
            people_memory.forget(connection)
    return bool(known)


def _erase(connection: Connection, name: str, now: datetime, actor: str) -> None:
    rows = contacts.of_person(connection, name)
    tombstone = {"kind": suppressions.ADDRESS, "channel": suppressions.ANY, "reason": "erased", "at": now}
    suppressions.add(connection, [{"subject": row.fingerprint, **tombstone} for row in rows])
    contacts.erase(connection, name)
    consents.erase_detail(connection, name)
    people.erase(connection, name, now)
    audit.append(connection, at=now, actor=actor, action="person.erase", subject=name, detail={})


def export(book: ContactBook, person: PersonId, *, actor: str) -> dict[str, Any]:
    """Everything the store holds about a person, readable, as JSON values; empty where they are not known."""
    now = book.clock.now()
    with book.store.connection() as connection:
        if not people.known(connection, [person]):
            return {}
        decisions = consents.history(connection, person)
        audit.append(connection, at=now, actor=actor, action="person.export", subject=person, detail={})
    profile = book.profile([person]).get(person)
    return {
        "person": person,
        "external_id": book.external_ids([person]).get(person),
        "profile": asdict(profile) if profile else None,
        "addresses": book.every_address(person),
        "consents": [_plain(row._asdict()) for row in decisions],
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}

"""The contact book: who a pseudonym is and how to reach them. The only place where addresses can be read."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection

from siyu.domain.clock import Clock, SystemClock
from siyu.domain.errors import NotPermittedError
from siyu.domain.ids import PersonId
from siyu.privacy import addresses
from siyu.privacy.envelope import Envelope
from siyu.privacy.keys import KeyRing
from siyu.privacy.media import medium
from siyu.store import contacts, meta, people, suppressions
from siyu.store.database import Store
from siyu.store.tables import microseconds

EXTERNAL_ID: Final = "external-id"  # what the sealed shop's id is bound to, beside the person
_RING: Final = "keys"  # name in the store under which the ring's fingerprint is kept


@dataclass(frozen=True, slots=True)
class Profile:
    """How to speak to a person; empty text where it is not known."""

    language: str
    timezone: str
    personalised: bool


@dataclass(frozen=True, slots=True)
class PutReport:
    """What became of the addresses given.

    Attributes:
        kept, refused: addresses by channel, and by reason.
        bad: (column, reason, the texts refused for it).
        unknown: people of the table who are not known, or erased.
    """

    kept: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    bad: tuple[tuple[str, str, pa.Array], ...] = ()
    unknown: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))


class ContactBook:
    """Sealed contacts over a store.

    Args:
        reserved: accept e-mail addresses under the endings kept for tests (``.invalid``, RFC 2606).
        country: calling code of phone numbers that name none.

    Raises:
        NotPermittedError: the store was filled under other keys.
    """

    def __init__(
        self,
        store: Store,
        keys: KeyRing,
        *,
        clock: Clock | None = None,
        reserved: bool = False,
        country: str = "86",
    ) -> None:
        self.store = store
        self.clock: Clock = clock or SystemClock()
        self._envelope = Envelope(keys)
        self._fingerprints = keys.derive("address-fingerprint")
        self._rows = keys.derive("people-rows")
        self._reserved = reserved
        self._country = country
        _require_same_ring(store, keys)

    def register(self, external_ids: pa.Array, pseudonyms: pa.Array) -> int:
        """Make people known, each with a data key of their own and the shop's id sealed under it.

        People already known, erased ones too, stay as they are.

        Returns:
            How many were new.
        """
        pairs = dict(zip(pseudonyms.to_pylist(), external_ids.to_pylist(), strict=True))
        pairs.pop(None, None)
        now = microseconds(self.clock.now())
        with self.store.reading() as connection:
            seen = people.known(connection, list(pairs))
        fresh = sorted(pairs.keys() - seen)  # in order of the key: twice as fast to write
        if fresh:
            keys, ids = self._envelope.new_people(fresh, [pairs[person] for person in fresh], EXTERNAL_ID)
            rows = {"person": fresh, "external_id": ids, "data_key": keys, "registered_at": [now] * len(fresh)}
            with self.store.connection() as connection:
                people.add_columns(connection, rows)
        return len(fresh)

    def put(self, table: pa.Table) -> PutReport:
        """Keep addresses, languages and time zones of people already registered; others and the erased are counted.

        Args:
            table: ``person`` and any of ``email``, ``phone``, ``language``, ``timezone`` (text; null or empty leaves
                what is there). Where a person has several rows, the last one holds.
        """
        kept: Counter[str] = Counter()
        refused: Counter[str] = Counter()
        names = table.column("person").to_pylist()
        asked = list(dict.fromkeys(names))
        last: dict[str, dict[str, str]] = {}
        with self.store.connection(durable=True) as connection:
            found = people.spoken_to(connection, asked)
            unknown = [person for person in asked if person not in found]
            refused["unknown-person"] = len(unknown)
            bad: list[tuple[str, str, pa.Array]] = []
            for column, channel, given, why in self._checked(table):
                pairs = zip(names, given.to_pylist(), strict=True)
                last[channel] = {person: text for person, text in pairs if text is not None and person in found}
                kept[channel] += len(last[channel])
                refused.update(why.drop_null().to_pylist())
                bad += [
                    (column, reason, _texts(table[column], why, reason)) for reason in set(why.to_pylist()) - {None}
                ]
            contacts.put(connection, self._changed(connection, last, found))
            people.describe(connection, _described(table, names, found))
        counts = {reason: count for reason, count in refused.items() if count}
        return PutReport(dict(kept), counts, tuple(bad), pa.array(unknown, pa.string()))

    def addresses(self, asked: Sequence[PersonId], channel: str) -> dict[PersonId, str]:
        """Readable address of each person who has a usable one on ``channel``."""
        kind = medium(channel)
        with self.store.reading() as connection:
            rows = list(contacts.sealed(connection, asked, kind))
        return {row.person: self._read(row.address, row.data_key, row.person, kind) for row in rows}

    def alive(self, asked: pa.Array) -> pa.Array:
        """Those of ``asked`` (pseudonyms) who are known and not erased."""
        with self.store.reading() as connection:
            return pa.array(people.data_keys(connection, asked.to_pylist()).keys(), pa.string())

    def every_address(self, person: PersonId) -> dict[str, str]:
        """All addresses of one person by medium, those that no longer work too: for export."""
        with self.store.reading() as connection:
            keys = people.data_keys(connection, [person])
            rows = contacts.of_person(connection, person) if keys else []
        return {row.channel: self._read(row.address, keys[person], person, row.channel) for row in rows}

    def external_ids(self, asked: Sequence[PersonId]) -> dict[PersonId, str]:
        """The shop's own id of each person who is known and not erased."""
        with self.store.reading() as connection:
            rows = [row for row in people.find(connection, asked) if row.data_key is not None]
        return {row.person: self._read(row.external_id, row.data_key, row.person, EXTERNAL_ID) for row in rows}

    def profile(self, asked: Sequence[PersonId]) -> dict[PersonId, Profile]:
        """Language, time zone and choice of personalisation of each person who is known and not erased."""
        with self.store.reading() as connection:
            rows = [row for row in people.find(connection, asked) if row.erased_at is None]
        return {row.person: Profile(row.language, row.timezone, row.personalised) for row in rows}

    def timezones(self, asked: Sequence[PersonId]) -> dict[PersonId, str]:
        """Time zone of each person who is known, not erased and named one."""
        with self.store.reading() as connection:
            return {PersonId(person): zone for person, zone in people.timezones(connection, asked).items()}

    def fingerprint(self, address: str) -> str:
        """Keyed hash by which an address is found again without being readable (letter case is ignored)."""
        return hmac.digest(self._fingerprints, address.casefold().encode("utf-8", "surrogatepass"), "sha256").hex()[:32]

    def row_marks(self, rows: Iterable[str]) -> bytes:
        """A keyed mark of each row (8 bytes): a row read before is known again, and nothing can be read from it."""
        return b"".join(
            [blake2b(row.encode("utf-8", "surrogatepass"), digest_size=8, key=self._rows).digest() for row in rows]
        )

    def suppress_address(self, address: str, reason: str, *, channel: str = suppressions.ANY) -> None:
        """Never write to ``address`` again, whoever has it."""
        row = {
            "kind": suppressions.ADDRESS,
            "subject": self.fingerprint(address),
            "channel": medium(channel),
            "reason": reason,
            "at": self.clock.now(),
        }
        with self.store.connection(durable=True) as connection:
            suppressions.add(connection, [row])

    def invalidate(self, person: PersonId, channel: str) -> None:
        """Mark a person's address as one that does not exist (a hard bounce): it is no longer given out."""
        with self.store.connection(durable=True) as connection:
            contacts.mark(connection, person, medium(channel), contacts.INVALID)

    def personalise(self, person: PersonId, on: bool) -> None:
        """Switch personalisation on or off at the person's wish."""
        with self.store.connection(durable=True) as connection:
            people.personalise(connection, person, on)

    def _checked(self, table: pa.Table) -> Iterable[tuple[str, str, pa.Array, pa.Array]]:
        if "email" in table.column_names:
            given = table.column("email").combine_chunks()
            yield "email", "email", *addresses.check_emails(given, reserved=self._reserved)
        if "phone" in table.column_names:
            yield "phone", "sms", *addresses.check_phones(table.column("phone").combine_chunks(), country=self._country)

    def _changed(
        self, connection: Connection, last: Mapping[str, Mapping[str, str]], found: Mapping[str, tuple[bytes, str, str]]
    ) -> dict[str, Sequence[Any]]:
        """Columns to write: sealed addresses (channel -> person -> address) that are new or not the one there."""
        changed: dict[str, dict[str, str]] = {}
        fingerprints: dict[tuple[str, str], str] = {}
        for channel, given in last.items():
            marks = contacts.fingerprints(connection, list(given), channel)
            for person, address in given.items():
                mark = self.fingerprint(address)
                if marks.get(person) != mark:
                    changed.setdefault(person, {})[channel] = address
                    fingerprints[person, channel] = mark
        rows: list[tuple[str, str, bytes, str]] = []
        for person in sorted(changed):  # in order of the key: written faster
            texts = changed[person]
            sealed = self._envelope.seal_fields(texts, wrapped=found[person][0], person=person)
            rows += [
                (person, channel, one, fingerprints[person, channel])
                for channel, one in zip(texts, sealed, strict=True)
            ]
        persons, channels, addresses_, prints = zip(*rows, strict=True) if rows else ((),) * 4
        same: dict[str, Sequence[Any]] = {
            "status": [contacts.OK] * len(rows),
            "updated_at": [microseconds(self.clock.now())] * len(rows),
        }
        return {"person": persons, "channel": channels, "address": addresses_, "fingerprint": prints, **same}

    def _read(self, sealed: bytes, wrapped: bytes, person: str, field: str) -> str:
        return self._envelope.open(sealed, wrapped=wrapped, person=person, field=field)


def _texts(column: pa.ChunkedArray, why: pa.Array, reason: str) -> pa.Array:
    return pc.unique(column.filter(pc.equal(why, reason)))


def _described(
    table: pa.Table, names: Sequence[str], found: Mapping[str, tuple[bytes, str, str]]
) -> list[dict[str, str]]:
    """Language and time zone of each person for whom they change; the last row that says one holds."""

    def column(name: str) -> list[str | None]:
        return table.column(name).to_pylist() if name in table.column_names else [None] * len(names)

    last: dict[str, tuple[str, str]] = {}
    for person, language, timezone in zip(names, column("language"), column("timezone"), strict=True):
        if person in found and (language or timezone):
            before = last.get(person) or found[person][1:]
            last[person] = ((language or before[0])[:35], (timezone or before[1])[:64])
    return [
        {"of": person, "to_language": said[0], "to_timezone": said[1]}
        for person, said in last.items()
        if said != found[person][1:]
    ]


def ring_mark(keys: KeyRing) -> str:
    """What tells one ring of keys from another without giving anything away: derived, 16 hex digits."""
    return keys.derive("ring-check").hex()[:16]


def _require_same_ring(store: Store, keys: KeyRing) -> None:
    mark = ring_mark(keys)
    with store.reading() as connection:
        found = meta.get(connection, _RING)
    if found is None:
        with store.connection(durable=True) as connection:
            found = _claim(connection, mark)
    if found != mark:
        raise NotPermittedError(
            "These keys do not belong to this store.",
            why="It was filled under another pseudonym key: nothing in it could be joined or read.",
            next_step="Use the folder of keys that was made with this store, or open another store.",
        )


def _claim(connection: Connection, mark: str) -> str:
    found = meta.get(connection, _RING)
    if found is None:
        meta.put(connection, _RING, mark)
        return mark
    return str(found)

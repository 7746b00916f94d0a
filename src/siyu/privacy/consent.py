"""The consent ledger: who agreed to what, who took it back, and the permits that rest on it.

The latest record wins; a withdrawal beats any grant at or before its own moment; a suppression beats every consent.
Over the names of one person the strictest holds: a grant counts only under the name in use, a withdrawal or a
suppression under any of them (docs/explanation/identity.md).
Sources: GDPR Art. 7 (proof of consent, withdrawal as easy as giving it); PIPL Art. 15 and 16.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import BigInteger, Connection, Select, type_coerce

from siyu.domain.clock import Clock
from siyu.domain.contact import Permit
from siyu.domain.errors import InputError
from siyu.domain.ids import SEPARATOR, PersonId, stable_id, stable_ids
from siyu.domain.proof import Seal, SealKind
from siyu.privacy.media import medium
from siyu.privacy.pseudonyms import map_distinct
from siyu.privacy.scrub import scrub
from siyu.store import consents, links, suppressions
from siyu.store.chunks import SIZE
from siyu.store.database import Store
from siyu.store.tables import microseconds

ANY: Final = consents.ANY
"""In a withdrawal or a suppression: every purpose, every channel."""

_PROOF: Final = itemgetter("proof")  # rows in order of their key are written faster
_CONSENTED: Final = pa.schema([("person", pa.string()), ("proof", pa.string()), ("granted_at", pa.timestamp("us"))])
_SUPPRESSED: Final = pa.schema([("person", pa.string()), ("reason", pa.string())])


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided, and the proof of it.

    Attributes:
        granted: ``True`` agrees, ``False`` takes back.
        source: file or form it came by.
        how: what the person did; ``text``: version of the words they agreed to. Both are scrubbed before they are kept.
        at: when; the ledger's clock where it is ``None``.
    """

    person: PersonId
    purpose: str
    channel: str
    granted: bool = True
    source: str = ""
    how: str = ""
    text: str = ""
    at: datetime | None = None


class ConsentLedger:
    """Records decisions and makes permits. It needs the consent seal, which ``app`` alone hands out.

    Args:
        permit_for: how long a permit holds: the longest that a withdrawal can go unnoticed by a sender.

    Raises:
        NotPermittedError: the seal is of another kind.
    """

    def __init__(self, store: Store, *, seal: Seal, clock: Clock, permit_for: timedelta = timedelta(minutes=5)) -> None:
        seal.require(SealKind.CONSENT)
        self._store = store
        self._seal = seal
        self._clock = clock
        self._permit_for = permit_for

    def record(self, decision: Decision) -> str:
        """Append one decision and return the id of its record: the proof. The same decision is kept once."""
        return self.record_all([decision])[0]

    def record_all(self, decisions: Sequence[Decision]) -> list[str]:
        """Append many decisions in one durable transaction.

        Raises:
            InputError: a grant for every purpose or channel, or a moment without a time zone.
        """
        rows = _rows(decisions, self._clock.now())
        with self._store.connection(durable=True) as connection:
            consents.add(connection, sorted(rows, key=_PROOF))
        return [row["proof"] for row in rows]

    def record_table(self, decisions: pa.Table) -> int:
        """Append the decisions of a table in one durable transaction; the same decision is kept once.

        Args:
            decisions: ``person``, ``purpose``, ``channel``, ``state`` (granted or withdrawn), ``source``, ``how``,
                ``text`` as text without nulls, and ``at``, a timestamp in UTC.

        Returns:
            The decisions given, those that were there already included.

        Raises:
            InputError: a grant for every purpose or channel.
        """
        everything = pc.or_(pc.equal(decisions["purpose"], ANY), pc.equal(decisions["channel"], ANY))
        if pc.any(pc.and_(pc.equal(decisions["state"], consents.GRANTED), everything)).as_py():
            raise _for_everything()
        with self._store.connection(durable=True) as connection:
            consents.add_columns(connection, _columns(decisions, self._clock.now()))
        return int(decisions.num_rows)

    def withdraw(
        self, person: PersonId, *, purpose: str = ANY, channel: str = ANY, source: str = "", how: str = ""
    ) -> str:
        """Take back consent, now; by default for every purpose on every channel (one-click unsubscribe)."""
        return self.record(Decision(person, purpose, channel, granted=False, source=source, how=how))

    def suppress(self, people: Iterable[PersonId], reason: str, *, channel: str = ANY) -> None:
        """Never write to these people again on ``channel``, whatever they agree to later."""
        shared = {"kind": suppressions.PERSON, "channel": medium(channel), "reason": reason, "at": self._clock.now()}
        with self._store.connection(durable=True) as connection:
            suppressions.add(connection, [{"subject": person, **shared} for person in people])

    def lift(self, person: PersonId, *, channel: str = ANY) -> None:
        """Take back a suppression at the person's own wish (they subscribed again)."""
        with self._store.connection(durable=True) as connection:
            suppressions.lift(connection, person, medium(channel))

    def permits(self, people: Sequence[PersonId], purpose: str, channel: str) -> dict[PersonId, Permit]:
        """A permit for each of ``people`` whose consent stands and who is not suppressed; the others are missing."""
        now = self._clock.now()
        expires = now + self._permit_for
        found: dict[PersonId, Permit] = {}
        with self._store.reading() as connection:
            parts = _parts(connection, people)
            asked = set(people) - _barred(connection, channel, parts)
            for part in parts:
                for row in connection.execute(consents.standing(purpose, medium(channel), now, part)):
                    if row.person in asked:
                        found[row.person] = Permit(
                            row.person, purpose, channel, row.proof, row.granted_at, expires, self._seal
                        )
        return found

    def consented(self, purpose: str, channel: str) -> pa.Table:
        """(person, proof, granted_at) of everyone whose consent stands. Take :meth:`suppressed` off it to plan."""
        query = consents.standing(purpose, medium(channel), self._clock.now()).subquery().c
        plain = (query.person, query.proof, type_coerce(query.granted_at, BigInteger))
        return self._table(Select(*plain), _CONSENTED)

    def suppressed(self, channel: str) -> pa.Table:
        """(person, reason) of everyone who is never written to on ``channel``, the erased included."""
        return self._table(suppressions.suppressed(medium(channel)), _SUPPRESSED)

    def _table(self, query: Select[Any], schema: pa.Schema) -> pa.Table:
        with self._store.reading() as connection:
            rows = connection.execute(query.order_by("person")).all()
        columns: list[Any] = list(zip(*rows, strict=True)) or [[] for _ in schema]
        return pa.table([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema)


def _barred(connection: Connection, channel: str, parts: Sequence[Sequence[str] | None]) -> set[str]:
    barred: set[str] = set()
    for part in parts:
        barred.update(connection.scalars(suppressions.suppressed(medium(channel), part)))
    return barred


def _parts(connection: Connection, people: Sequence[PersonId]) -> list[Sequence[str] | None]:
    """``people`` with all their names where they are few; ``None``, which asks for everyone, where they are many."""
    if len(people) > SIZE:
        return [None]
    found = links.among(connection, people)
    names = sorted({*people, *found, *found.values()})
    return [names] if len(names) <= SIZE else [None]


def _rows(decisions: Sequence[Decision], now: datetime) -> list[dict[str, Any]]:
    said = {text for decision in decisions for text in (decision.source, decision.how, decision.text)}
    ordered = sorted(said)
    clean = dict(zip(ordered, scrub(pa.array(ordered, pa.string())).to_pylist(), strict=True))
    return [_row(decision, clean, now) for decision in decisions]


def _row(decision: Decision, clean: dict[str, str], now: datetime) -> dict[str, Any]:
    at = decision.at or now
    if at.tzinfo is None:
        raise InputError(
            "A consent has a moment without a time zone.", why=str(at), next_step="Write 2026-06-01T12:00:00+08:00."
        )
    if decision.granted and ANY in (decision.purpose, decision.channel):
        raise _for_everything()
    kept = {
        "person": decision.person,
        "purpose": decision.purpose,
        "channel": medium(decision.channel),
        "state": consents.GRANTED if decision.granted else consents.WITHDRAWN,
        "source": clean[decision.source][:64],
        "how": clean[decision.how],
        "text_version": clean[decision.text],
    }
    moment = at.astimezone(UTC)
    times = {"at": microseconds(moment), "recorded_at": microseconds(now)}
    return {"proof": stable_id(*kept.values(), moment.isoformat()), **kept, **times}


def _for_everything() -> InputError:
    return InputError(
        "Consent cannot be given for everything.",
        why="It must name a purpose and a channel (GDPR Art. 6(1)(a), PIPL Art. 14).",
        next_step="Record one consent for each purpose and channel.",
    )


def _columns(decisions: pa.Table, now: datetime) -> dict[str, list[Any]]:
    """The rows of :func:`_row` by column, in order of their proofs."""
    given = decisions.combine_chunks()
    source = pc.utf8_slice_codeunits(_scrubbed(given["source"]), 0, 64)
    kept = {
        "person": given["person"],
        "purpose": given["purpose"],
        "channel": map_distinct(given["channel"], medium),
        "state": given["state"],
        "source": source,
        "how": _scrubbed(given["how"]),
        "text_version": _scrubbed(given["text"]),
    }
    at = given["at"].cast(pa.timestamp("us"))
    second = pc.strftime(at, format="%Y-%m-%dT%H:%M:%S")  # with its fraction, as isoformat() but for a whole second
    moment = pc.binary_join_element_wise(pc.replace_substring(second, ".000000", ""), "+00:00", "")
    names = pc.binary_join_element_wise(*kept.values(), moment, SEPARATOR)
    proof = pa.array(stable_ids(names.to_pylist()), pa.string())
    order = pc.sort_indices(proof)  # in order of the key: written faster
    columns = {"proof": proof, **kept, "at": at.cast(pa.int64())}
    ordered = {name: column.take(order).to_pylist() for name, column in columns.items()}
    return {**ordered, "recorded_at": [microseconds(now)] * len(proof)}


def _scrubbed(texts: pa.ChunkedArray) -> pa.Array:
    encoded = texts.combine_chunks().dictionary_encode()
    return scrub(encoded.dictionary).take(encoded.indices)

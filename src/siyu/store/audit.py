"""The audit log: who did what to whom, append-only, each entry chained to the one before by its hash (SHA-256)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Column, Connection, Integer, Row, String, Table, Text, event, select, text
from sqlalchemy.schema import DDL

from siyu.store.tables import METADATA, Moment, microseconds

GENESIS: Final = "0" * 64
"""What the first entry is chained to."""

AUDIT = Table(
    "audit",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 ... without a gap
    Column("at", Moment, nullable=False),
    Column("actor", String(64), nullable=False),  # account of the console, or the command that ran
    Column("action", String(64), nullable=False),  # person.erase, campaign.approve ...
    Column("subject", String(128), nullable=False),  # pseudonym or name of what it was done to
    Column("detail", Text, nullable=False),  # JSON object; nothing personal
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

for _verb in ("UPDATE", "DELETE"):
    event.listen(
        AUDIT,
        "after_create",
        DDL(  # type: ignore[no-untyped-call]
            f"CREATE TRIGGER audit_no_{_verb.lower()} BEFORE {_verb} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        ).execute_if(dialect="sqlite"),
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What :func:`verify` found: ``entries`` that are good, and the first that is not (``broken_at``, its number)."""

    entries: int
    broken_at: int | None
    head: str

    @property
    def whole(self) -> bool:
        """Whether every entry is as it was written."""
        return self.broken_at is None


def append(
    connection: Connection, *, at: datetime, actor: str, action: str, subject: str, detail: Mapping[str, Any]
) -> int:
    """Add an entry in the caller's transaction and return its number.

    Args:
        detail: JSON values; it must hold nothing personal, because it can never be taken back.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE audit IN EXCLUSIVE MODE"))  # SQLite's writer is alone already
    last = connection.execute(select(AUDIT.c.seq, AUDIT.c.hash).order_by(AUDIT.c.seq.desc()).limit(1)).first()
    seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
    kept = json.dumps(detail, ensure_ascii=False, sort_keys=True)
    entry = {"seq": seq, "at": at, "actor": actor, "action": action, "subject": subject, "detail": kept}
    chained = _hash(seq, microseconds(at), (actor, action, subject, kept), previous)
    connection.execute(AUDIT.insert().values(**entry, previous=previous, hash=chained))
    return int(seq)


def entries(connection: Connection, *, subject: str | None = None, limit: int = 1000) -> list[Row[Any]]:
    """The latest entries, newest first; of one subject where it is given."""
    asked = select(AUDIT).order_by(AUDIT.c.seq.desc()).limit(limit)
    return list(connection.execute(asked if subject is None else asked.where(AUDIT.c.subject == subject)))


def verify(connection: Connection) -> Verdict:
    """Read the whole log and check every link.

    Entries cut off the end leave a whole chain: keep ``head`` (the last hash) somewhere else to notice that too.
    """
    previous, count = GENESIS, 0
    for row in _all(connection):
        expected = _hash(row.seq, microseconds(row.at), (row.actor, row.action, row.subject, row.detail), previous)
        if (row.seq, row.previous, row.hash) != (count + 1, previous, expected):
            return Verdict(count, count + 1, previous)
        previous, count = row.hash, count + 1
    return Verdict(count, None, previous)


def _all(connection: Connection) -> Iterator[Row[Any]]:
    streaming = connection.execution_options(yield_per=1000)
    yield from streaming.execute(select(AUDIT).order_by(AUDIT.c.seq))


def _hash(seq: int, at: int, words: tuple[str, str, str, str], previous: str) -> str:
    return sha256(json.dumps([seq, at, *words, previous], ensure_ascii=False).encode()).hexdigest()

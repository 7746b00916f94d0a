"""The list of the ad archive: one row for each file of it, chained to the one before by its hash (SHA-256).

A file removed when its time is over leaves its row, so that the chain stays whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Connection, Integer, Row, String, Table, insert, select, text, update

from siyu.store.tables import METADATA, Moment, microseconds

GENESIS: Final = "0" * 64

ARCHIVED = Table(
    "archived",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 ... without a gap
    Column("campaign", String(64), nullable=False),
    Column("name", String(128), nullable=False),  # of the file in the archive's folder
    Column("messages", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of the file's bytes
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("removed_at", Moment),  # its time was over; not part of the hash
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is written down of a new file."""

    campaign: str
    name: str
    messages: int
    at: datetime
    digest: str


def append(connection: Connection, entry: Entry) -> str:
    """Add a file to the chain, in the caller's transaction; its hash."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE archived IN EXCLUSIVE MODE"))  # SQLite's writer is alone already
    c = ARCHIVED.c
    last = connection.execute(select(c.seq, c.hash).order_by(c.seq.desc()).limit(1)).first()
    seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
    chained = chain(seq, entry, previous)
    values = {"campaign": entry.campaign, "name": entry.name, "messages": entry.messages, "at": entry.at}
    connection.execute(insert(ARCHIVED).values(seq=seq, digest=entry.digest, previous=previous, hash=chained, **values))
    return chained


def entries(connection: Connection) -> Sequence[Row[Any]]:
    """Every file, in order, removed ones too."""
    return connection.execute(select(ARCHIVED).order_by(ARCHIVED.c.seq)).all()


def removed(connection: Connection, seq: int, at: datetime) -> None:
    """Note that a file's time was over and that it is gone."""
    connection.execute(update(ARCHIVED).where(ARCHIVED.c.seq == seq).values(removed_at=at))


def chain(seq: int, entry: Entry, previous: str) -> str:
    """The hash of an entry after the one whose hash is ``previous``."""
    words = (seq, entry.campaign, entry.name, entry.messages, microseconds(entry.at), entry.digest, previous)
    return sha256("\x1f".join(map(str, words)).encode()).hexdigest()

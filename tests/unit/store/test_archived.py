"""The chain of the archive's files: in order, each bound to the one before."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

from siyu.store import archived
from siyu.store.database import open_store

NOW = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)


def test_each_entry_is_bound_to_the_one_before() -> None:
    store = open_store("sqlite://")
    first = archived.Entry("spring", "spring-000001.zst", 5000, NOW, "d" * 64)
    second = archived.Entry("spring", "spring-000002.zst", 7, NOW, "e" * 64)
    with store.connection() as connection:
        one, two = archived.append(connection, first), archived.append(connection, second)
    # By hand: the fields of an entry and the hash before it, parted by the unit separator.
    plain = "\x1f".join(["1", "spring", "spring-000001.zst", "5000", "1000000", "d" * 64, "0" * 64])
    assert one == sha256(plain.encode()).hexdigest()
    assert two == archived.chain(2, second, one)
    with store.connection() as connection:
        archived.removed(connection, 1, NOW)
    with store.reading() as connection:
        rows = archived.entries(connection)
    assert [(row.seq, row.hash, row.removed_at) for row in rows] == [(1, one, NOW), (2, two, None)]

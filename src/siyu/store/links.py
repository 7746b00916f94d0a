"""Who stands for whom: the names that were merged into another, as the identity of people says it now.

A projection: what was decided lies in the engine's datasets (:mod:`siyu.engine.identity`), and is copied here so that
consent, suppression and erasure follow a person over all their names in one query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Column, Connection, Index, String, Table, bindparam, delete, select

from siyu.store import meta
from siyu.store.bulk import run_many
from siyu.store.chunks import chunks
from siyu.store.conflict import insert
from siyu.store.tables import METADATA

LINKS = Table(
    "links",
    METADATA,
    Column("alias", String(32), primary_key=True),  # a name that is not used while it stands here
    Column("person", String(32), nullable=False),  # the name that is; never an alias itself
    Index(None, "person"),
)

_MARK = "links"  # name in the store under which is kept which version of the links it holds


def mark(connection: Connection) -> str:
    """Which version of the links the store holds; empty before the first."""
    return str(meta.get(connection, _MARK) or "")


def replace(connection: Connection, links: Mapping[str, str], version: str) -> int:
    """Make ``links`` (alias -> person) the ones that hold; returns how many rows changed."""
    before = {row.alias: row.person for row in connection.execute(select(LINKS))}
    gone = [{"of": alias} for alias in before.keys() - links.keys()]
    fresh = [{"alias": a, "person": p} for a, p in sorted(links.items()) if before.get(a) != p]
    run_many(connection, delete(LINKS).where(LINKS.c.alias == bindparam("of")), gone)
    statement = insert(connection, LINKS)
    changed = {"person": statement.excluded.person}
    run_many(connection, statement.on_conflict_do_update(index_elements=["alias"], set_=changed), fresh)
    meta.put(connection, _MARK, version)
    return len(gone) + len(fresh)


def names(connection: Connection, person: str) -> list[str]:
    """Every name of the person who is called ``person``, that one included, the one in use first."""
    used = connection.execute(select(LINKS.c.person).where(LINKS.c.alias == person)).scalar_one_or_none() or person
    return [used, *sorted(connection.scalars(select(LINKS.c.alias).where(LINKS.c.person == used)))]


def among(connection: Connection, people: Sequence[str]) -> dict[str, str]:
    """The links of all names of ``people``, to whom they stand for."""
    used: set[str] = set(people)
    for part in chunks(people):
        used.update(connection.scalars(select(LINKS.c.person).where(LINKS.c.alias.in_(part))))
    found: dict[str, str] = {}
    for part in chunks(sorted(used)):
        rows = connection.execute(select(LINKS.c.alias, LINKS.c.person).where(LINKS.c.person.in_(part)))
        found.update((row.alias, row.person) for row in rows)
    return found

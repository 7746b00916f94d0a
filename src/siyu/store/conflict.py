"""``INSERT ... ON CONFLICT`` on the databases that know it: SQLite and PostgreSQL."""

from __future__ import annotations

from typing import TypeAlias

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Insert: TypeAlias = sqlite.Insert | postgresql.Insert


def insert(connection: Connection, table: Table) -> Insert:
    """An insert into ``table`` with ``on_conflict_do_nothing`` and ``on_conflict_do_update``.

    Give rows to ``connection.execute(statement, rows)``: a list goes down in one call (executemany).
    """
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)

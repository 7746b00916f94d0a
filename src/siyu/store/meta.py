"""Small named values: the version of the schema, settings made in the console."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Column, Connection, String, Table, Text, select

from siyu.store.conflict import insert
from siyu.store.tables import METADATA

META = Table("meta", METADATA, Column("name", String(128), primary_key=True), Column("value", Text, nullable=False))


def get(connection: Connection, name: str) -> Any:
    """The value kept as ``name`` (a JSON value), or ``None`` where there is none."""
    found = connection.execute(select(META.c.value).where(META.c.name == name)).scalar_one_or_none()
    return None if found is None else json.loads(found)


def put(connection: Connection, name: str, value: object) -> None:
    """Keep ``value`` (any JSON value) as ``name``, replacing what was there."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    statement = insert(connection, META).values(name=name, value=text)
    connection.execute(statement.on_conflict_do_update(index_elements=[META.c.name], set_={"value": text}))

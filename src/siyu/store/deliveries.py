"""The table of the delivery ledger, and its rows in Arrow. What is done with them: :mod:`siyu.store.ledger`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    Select,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
)

from siyu.store.tables import METADATA

SEND: Final = "send"
"""Value of ``decision`` for a person who is to be written to; any other value is the reason why not."""

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("message_id", String(36), primary_key=True),  # domain.ids.stable_id(campaign, step, person, channel)
    Column("campaign", String(64), nullable=False),
    Column("step", Integer, nullable=False),
    Column("person", String(64), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("decision", String(32), nullable=False),  # at planning, never changed: SEND or the reason why not
    Column("state", String(16), nullable=False),
    Column("reason", String(32), nullable=False),  # of the present state; empty where it needs none
    Column("attempts", SmallInteger, nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("planned_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),  # planned moment of sending, in both arms; never changed
    Column("next_at", BigInteger),  # when it may be leased; null while it may not
    Column("lease_owner", String(64)),
    Column("lease_until", BigInteger),
    Column("handed_at", BigInteger),
    Column("settled_at", BigInteger),
    Column("counts_at", BigInteger),  # moment at which it counts against the caps; null where nothing is (to be) sent
    UniqueConstraint("campaign", "step", "person", "channel"),
    Index(None, "person"),  # explaining, exporting and erasing one person
)
_C = DELIVERIES.c


def _partial(name: str, *columns: Column[Any]) -> Index:
    """An index that leaves out the rows whose last column is null."""
    there = columns[-1].is_not(None)
    return Index(name, *columns, sqlite_where=there, postgresql_where=there)


_partial("ix_deliveries_due", _C.campaign, _C.step, _C.channel, _C.next_at)
_partial("ix_deliveries_leases", _C.campaign, _C.lease_until)
_partial("ix_deliveries_counts", _C.counts_at)

_MOMENTS: Final = frozenset(column.name for column in _C if isinstance(column.type, BigInteger))
_KINDS: Final = {"step": pa.int32(), "attempts": pa.int32()}
ARROW: Final = pa.schema(
    [(c.name, pa.timestamp("us") if c.name in _MOMENTS else _KINDS.get(c.name, pa.string())) for c in _C]
)
"""Schema of :meth:`Ledger.to_arrow`: the table's columns, moments UTC without a zone."""

CHUNK: Final = 50_000
"""Rows read or written at once."""


def completed(rows: pa.Table) -> pa.Table:
    """``rows`` with every column of the table: what a fresh decision implies."""
    sends = pc.equal(rows["decision"], SEND)
    due = rows["due_at"].cast(pa.timestamp("us")).cast(pa.int64())
    nothing = pa.nulls(rows.num_rows, pa.int64())
    zeros = pa.repeat(pa.scalar(0, pa.int32()), rows.num_rows)
    return pa.table(
        {
            **{name: rows[name] for name in ("message_id", "campaign", "step", "person", "channel", "decision")},
            "state": pc.if_else(sends, "planned", "skipped"),
            "reason": pc.if_else(sends, "", rows["decision"]),
            "attempts": zeros,
            "timezone": rows["timezone"],
            "planned_at": rows["planned_at"].cast(pa.timestamp("us")).cast(pa.int64()),
            "due_at": due,
            "next_at": pc.if_else(sends, due, nothing),
            "counts_at": pc.if_else(sends, due, nothing),
        }
    )


def read(connection: Connection, wanted: Select[Any]) -> pa.Table:
    """The rows of ``wanted`` in Arrow, read in chunks."""
    names = [column.name for column in wanted.selected_columns]
    schema = pa.schema([ARROW.field(name) for name in names])
    parts = [schema.empty_table()]
    for chunk in _chunks(connection, wanted):
        columns = zip(*chunk, strict=True)
        arrays = [_array(values, field) for values, field in zip(columns, schema, strict=True)]
        parts.append(pa.table(arrays, schema=schema))
    return pa.concat_tables(parts)


def _chunks(connection: Connection, wanted: Select[Any]) -> Iterator[Sequence[Sequence[Any]]]:
    """Rows as the driver gives them, plain tuples: in bulk, rows of SQLAlchemy take twice as long."""
    compiled = wanted.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    order = compiled.positiontup
    given: Any = compiled.params if order is None else tuple(compiled.params[name] for name in order)
    cursor: Any = connection.exec_driver_sql(str(compiled), given).cursor
    while rows := cursor.fetchmany(CHUNK):
        yield rows


def _array(values: Sequence[Any], field: pa.Field) -> pa.Array:
    if field.name in _MOMENTS:
        return pa.array(values, pa.int64()).cast(field.type)
    return pa.array(values, field.type)

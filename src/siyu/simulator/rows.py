"""Events as numpy columns, and their raw form as the importers read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain import columns as c
from siyu.domain.kinds import EventKind
from siyu.simulator.streams import Doubles, Flags, Ints
from siyu.simulator.tastes import DEVICES, People
from siyu.simulator.words import LANGUAGES

IDENTIFY = "identify"
KINDS = (*(str(kind) for kind in EventKind), IDENTIFY)
CURRENCY = "CNY"
MOMENT = pa.timestamp("us", tz="UTC")

RAW = pa.schema(
    [
        (c.EVENT_ID, pa.string()),
        ("user_id", pa.string()),
        ("anonymous_id", pa.string()),
        (c.KIND, pa.string()),
        (c.TS, MOMENT),
        (c.ITEM, pa.string()),
        (c.QUANTITY, pa.float64()),
        (c.UNIT_PRICE, pa.float64()),
        (c.CURRENCY, pa.string()),
        (c.ORDER_ID, pa.string()),
        ("query", pa.string()),
        (c.TEXT, pa.string()),
        (c.RATING, pa.float64()),
        (c.CHANNEL, pa.string()),
        (c.LANGUAGE, pa.string()),
        (c.MESSAGE_ID, pa.string()),
    ]
)
"""Columns of an event file."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Events of one kind. -1 (integers) and nan (floats) stand for "no value".

    Attributes:
        person: row of :class:`People`. cookie: number of the anonymous id; -1 where logged in from the start.
        known: whether the user id is written (an identify row has both ids).
        words: text of a search or a review.
    """

    kind: str
    person: Ints
    ts: Ints
    item: Ints | None = None
    quantity: Doubles | None = None
    price: Doubles | None = None
    order: Ints | None = None
    rating: Doubles | None = None
    cookie: Ints | None = None
    known: Flags | None = None
    words: pa.Array | None = None
    message: pa.Array | None = None

    def keep(self, mask: Flags) -> Rows:
        """Only the rows of ``mask``."""
        chosen: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            arrow = isinstance(value, pa.Array | pa.ChunkedArray)
            chosen[field.name] = value.filter(pa.array(mask)) if arrow else value
            if isinstance(value, np.ndarray):
                chosen[field.name] = value[mask]
        return Rows(**chosen)


def user_ids(person: Ints) -> pa.Array:
    """``u0000000``, ``u0000001`` ... by row of :class:`People`."""
    return _labels("u", person, 7)


def item_ids(item: Ints) -> pa.Array:
    """``P00000``, ``P00001`` ... by row of the catalogue; null for -1."""
    return _labels("P", item, 5)


def _labels(prefix: str, number: Ints, width: int) -> pa.Array:
    distinct, inverse = np.unique(number, return_inverse=True)
    text = pc.utf8_lpad(pc.cast(pa.array(distinct), pa.string()), width, "0")
    names = pc.binary_join_element_wise(prefix, text, "")
    return pc.if_else(pa.array(distinct >= 0), names, None).take(pa.array(inverse))


def _numbers(values: Doubles | None, count: int) -> pa.Array:
    return pa.nulls(count, pa.float64()) if values is None else pa.array(values, pa.float64(), mask=np.isnan(values))


def raw(rows: Rows, people: People) -> pa.Table:
    """``rows`` in the raw columns, without event ids (they are given after sorting by time)."""
    count = len(rows.person)
    none = pa.nulls(count, pa.string())
    users = user_ids(rows.person)
    words = none if rows.words is None else rows.words
    price = _numbers(rows.price, count)
    columns = [
        none,
        users if rows.known is None else pc.if_else(pa.array(rows.known), users, None),
        none if rows.cookie is None else _labels("v", rows.cookie, 10),
        pa.array([rows.kind]).take(pa.array(np.zeros(count, np.int64))),
        pa.array(rows.ts).cast(MOMENT),
        none if rows.item is None else item_ids(rows.item),
        _numbers(rows.quantity, count),
        price,
        pc.if_else(price.is_null(), None, CURRENCY),
        none if rows.order is None else _labels("o", rows.order, 12),
        words if rows.kind == EventKind.SEARCH else none,
        words if rows.kind == EventKind.REVIEW else none,
        _numbers(rows.rating, count),
        pa.array(DEVICES).take(pa.array(people.device[rows.person])),
        pa.array(LANGUAGES).take(pa.array(people.language[rows.person])),
        none if rows.message is None else rows.message,
    ]
    return pa.table(columns, schema=RAW)


def numbered(tables: Sequence[pa.Table], prefix: str) -> pa.Table:
    """All rows by time, with event ids ``<prefix>-<position>``."""
    together = pa.concat_tables([RAW.empty_table(), *tables]).combine_chunks()
    order = np.argsort(together[c.TS].cast(pa.int64()).to_numpy(), kind="stable")
    together = together.take(pa.array(order))
    position = pc.utf8_lpad(pc.cast(pa.array(np.arange(len(together))), pa.string()), 7, "0")
    ids = pc.binary_join_element_wise(prefix, position, "-")
    return together.set_column(0, RAW.field(0), ids)

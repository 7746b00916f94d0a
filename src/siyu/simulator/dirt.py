"""Damaged rows and bots, planted beside the clean ones and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain import columns as c
from siyu.domain.kinds import EventKind, QuarantineReason
from siyu.simulator.rows import RAW, Rows, raw
from siyu.simulator.streams import Ints
from siyu.simulator.tastes import DEVICES
from siyu.simulator.timing import DAY, SECOND
from siyu.simulator.visits import Month

ANY = ""
DamageFunction = Callable[[pa.Table], pa.Table]


def _set(table: pa.Table, column: str, value: object) -> pa.Table:
    index = RAW.get_field_index(column)
    return table.set_column(index, RAW.field(index), pa.array([value] * len(table), RAW.field(index).type))


def _later(table: pa.Table, years: int) -> pa.Table:
    moved = pc.add(table[c.TS].cast(pa.int64()), years * 365 * DAY).cast(RAW.field(c.TS).type)
    return table.set_column(RAW.get_field_index(c.TS), RAW.field(c.TS), moved)


def _missing_person(table: pa.Table) -> pa.Table:
    return _set(_set(table, "user_id", None), "anonymous_id", None)


def _another_item(table: pa.Table) -> pa.Table:
    """Each row with the item of the next one, or an unknown item where that is the same."""
    index = RAW.get_field_index(c.ITEM)
    items = table[c.ITEM].combine_chunks()
    turned = items.take(pa.array(np.roll(np.arange(len(items)), -1)))
    return table.set_column(index, RAW.field(index), pc.if_else(pc.equal(turned, items), "P-other", turned))


DAMAGE: dict[QuarantineReason, tuple[str, DamageFunction]] = {
    QuarantineReason.EXACT_DUPLICATE: (ANY, lambda rows: rows),
    QuarantineReason.CONFLICTING_ID: (EventKind.BROWSE, _another_item),
    QuarantineReason.MISSING_PERSON: (ANY, _missing_person),
    QuarantineReason.UNKNOWN_KIND: (ANY, lambda rows: _set(rows, c.KIND, "pageload")),
    QuarantineReason.MISSING_TIME: (ANY, lambda rows: _set(rows, c.TS, None)),
    QuarantineReason.FUTURE_TIME: (ANY, lambda rows: _later(rows, 20)),
    QuarantineReason.MISSING_ITEM: (EventKind.PURCHASE, lambda rows: _set(rows, c.ITEM, None)),
    QuarantineReason.BAD_QUANTITY: (EventKind.PURCHASE, lambda rows: _set(rows, c.QUANTITY, 0.0)),
    QuarantineReason.BAD_PRICE: (EventKind.PURCHASE, lambda rows: _set(rows, c.UNIT_PRICE, -49.0)),
    QuarantineReason.ZERO_PRICE: (EventKind.PURCHASE, lambda rows: _set(rows, c.UNIT_PRICE, 0.0)),
    QuarantineReason.BAD_RATING: (EventKind.REVIEW, lambda rows: _set(rows, c.RATING, 11.0)),
    QuarantineReason.BAD_CURRENCY: (EventKind.PURCHASE, lambda rows: _set(rows, c.CURRENCY, "YUAN")),
    QuarantineReason.ORPHAN_RETURN: (EventKind.RETURN, lambda rows: _set(rows, "user_id", "u-never-bought")),
}
"""How a clean row is damaged so that it must be set aside for that reason: the kind it needs, and the change."""
SAME_ID = (QuarantineReason.EXACT_DUPLICATE, QuarantineReason.CONFLICTING_ID)


def plant(rng: np.random.Generator, clean: pa.Table, share: float, prefix: str) -> tuple[pa.Table, Counter[str]]:
    """Damaged copies of ``share`` of the clean rows, each damage equally often, and how many of each.

    Each copy has an id of its own, except duplicates. Clean rows stay as they are; no row is taken twice.
    """
    each = round(share * len(clean) / len(DAMAGE))
    planted: Counter[str] = Counter()
    parts = [RAW.empty_table()]
    free = np.ones(len(clean), bool)
    for reason, (kind, damage) in DAMAGE.items():
        wanted = pc.equal(clean[c.KIND], kind) if kind else pc.not_equal(clean[c.KIND], "identify")
        usable = np.flatnonzero(wanted.to_numpy() & free)
        taken = np.sort(rng.choice(usable, min(each, len(usable)), replace=False))
        free[taken] = False
        rows = damage(clean.take(pa.array(taken)))
        if reason not in SAME_ID:
            rows = _renamed(rows, f"{prefix}-{reason}")
        parts.append(rows)
        planted[str(reason)] = len(taken)
    return pa.concat_tables(parts), planted


def _renamed(rows: pa.Table, prefix: str) -> pa.Table:
    names = pc.binary_join_element_wise(prefix, pa.array(np.arange(len(rows))).cast(pa.string()), "-")
    return rows.set_column(0, RAW.field(0), names)


def bots(rng: np.random.Generator, month: Month, visits: Ints) -> pa.Table:
    """Crawlers: each visit opens 150 to 400 products in catalogue order, 0.2 to 1 second apart, under its own id."""
    length = rng.integers(150, 400, len(visits))
    owner = np.repeat(np.arange(len(visits)), length)
    place = np.arange(len(owner)) - (np.cumsum(length) - length)[owner]
    days = (month.settings.block(month.index)[1] - month.settings.block(month.index)[0]).days
    start = month.begin + (rng.random(len(visits)) * (days - 1) * DAY).astype(np.int64)
    gaps = (rng.uniform(0.2, 1.0, len(owner)) * SECOND).astype(np.int64)
    elapsed = np.cumsum(gaps)
    base = elapsed[(np.cumsum(length) - length)] if len(visits) else elapsed
    ts = start[owner] + elapsed - base[owner]
    on_sale = np.flatnonzero(month.catalogue.launch <= month.shelf.first_week)
    if len(on_sale) == 0:
        return RAW.empty_table()
    item = on_sale[(rng.integers(0, len(on_sale), len(visits))[owner] + place) % len(on_sale)]
    person = np.zeros(len(owner), np.int64)
    nobody = np.zeros(len(owner), bool)
    rows = raw(Rows(EventKind.BROWSE, person, ts, item=item, cookie=9_000_000_000 + visits[owner], known=nobody),
               month.people)  # fmt: skip
    return _set(_set(_renamed(rows, f"b{month.index:02d}"), c.CHANNEL, DEVICES[1]), c.LANGUAGE, None)

"""SQL that makes observations of canonical rows: every value of every slot, when it was said and from when it holds.

A value that is NULL ends what was known of its slot.
"""

from __future__ import annotations

from siyu.catalogue.rows import COLUMNS, Rows
from siyu.catalogue.settings import CatalogueSettings
from siyu.engine.sql import literal, quote

_PERISHABLE = ("price", "stock", "availability", "url", "image", "brand")
"""Slots that a full feed ends by saying nothing."""


def decided(rows: Rows) -> str:
    """Query over ``catalogue_rows``: of rows about one item, moment and language the last one counts.

    An equal row is an ``exact-duplicate``; one that contradicts it, a ``conflicting-id``; one that only says more than
    it does stays.
    """
    if rows.settings.sums:
        return "SELECT * FROM catalogue_rows"
    compared = (*rows.slots(), "unit", "list_price", "sale_price")
    same = "PARTITION BY item, moment, language ORDER BY _file DESC, _row DESC, _part DESC"
    lasts = "".join(
        f", CASE WHEN copies > 1 THEN first_value({quote(slot)}) OVER ({same}) END AS {quote('last.' + slot)}"
        for slot in compared
    )
    equal = " AND ".join(f"{quote(slot)} IS NOT DISTINCT FROM {quote('last.' + slot)}" for slot in compared)
    differs = " OR ".join(f"{quote(slot)} <> {quote('last.' + slot)}" for slot in compared)
    kept = ", ".join((*COLUMNS, *map(quote, rows.slots())))
    return f"""
WITH counted AS (
    SELECT *, count(*) OVER (PARTITION BY item, moment, language) AS copies,
        row_number() OVER ({same}) AS place
    FROM catalogue_rows
    WHERE reason IS NULL
), compared AS (
    SELECT *{lasts} FROM counted
)
SELECT {kept}, CASE WHEN place = 1 THEN NULL WHEN {equal} THEN 'exact-duplicate'
    WHEN {differs} THEN 'conflicting-id' END AS reason
FROM compared
UNION ALL
SELECT {kept}, reason FROM catalogue_rows WHERE reason IS NOT NULL
"""


def observed(rows: Rows) -> str:
    """Query over ``catalogue_decided`` and ``catalogue_vanished``: every distinct value of every slot and moment."""
    settings, slots = rows.settings, rows.slots()
    parts = [_part(settings, slot, quote(slot)) for slot in slots if slot != "price"]
    parts += _prices(rows) if "price" in slots or rows.has("sale_price") else []
    parts += [_part(settings, slot, None, where=where) for slot, where in _endings(rows).items()]
    parts += [_gone(slot, value) for slot, value in (("availability", "not_listed"), ("stock", "0"))]
    return " UNION ALL ".join(parts)


def _endings(rows: Rows) -> dict[str, str]:
    """Slot to the condition under which a row ends it."""
    slots = rows.slots()
    found: dict[str, str] = {}
    if rows.settings.coverage == "full":
        silent = {slot for slot in _PERISHABLE if slot in slots} | {"stock", "availability"}
        read = {*slots, "stock"} if "availability" in slots else {*slots}
        found = {slot: f"{quote(slot)} IS NULL" if slot in read else "TRUE" for slot in silent}
    elif "availability" in slots:
        found = {"stock": "availability IS NOT NULL AND stock IS NULL"}
    if "price" in found and rows.has("sale_price"):
        found["price"] = "price IS NULL AND sale_price IS NULL"
    return found


def _prices(rows: Rows) -> list[str]:
    """A sale price holds in its window, the price before and after; ``price.list`` is the price a sale reduces."""
    settings = rows.settings
    price = "price" if "price" in rows.slots() else "CAST(NULL AS VARCHAR)"
    parts: list[str] = []
    if not rows.has("sale_price"):
        parts.append(_part(settings, "price", price))
    else:
        on = (
            "sale_price IS NOT NULL AND (sale_starts IS NULL OR sale_starts <= moment) "
            "AND (sale_ends IS NULL OR moment < sale_ends)"
        )
        due = "sale_price IS NOT NULL AND sale_starts > moment AND (sale_ends IS NULL OR sale_starts < sale_ends)"
        either = f"(({on}) OR ({due}))"
        parts += [
            _part(settings, "price", f"CASE WHEN {on} THEN sale_price ELSE {price} END"),
            _part(settings, "price", "sale_price", where=due, at="sale_starts"),
            _part(settings, "price", price, where=f"{either} AND sale_ends IS NOT NULL", at="sale_ends"),
            _part(settings, "price.list", price, where=on),
            _part(settings, "price.list", price, where=due, at="sale_starts"),
            _part(settings, "price.list", None, where=f"{either} AND sale_ends IS NOT NULL", at="sale_ends"),
            _part(settings, "price.list", None, where=f"NOT coalesce({on}, FALSE)"),
        ]
    if rows.has("list_price"):
        parts.append(_part(settings, "price.list", "list_price"))
        parts.append(_part(settings, "price.list", None, where="list_price IS NULL"))
    return parts


def _part(settings: CatalogueSettings, slot: str, value: str | None, *, where: str = "TRUE", at: str = "moment") -> str:
    """Observations of one slot; ``value`` ``None`` ends it. ``at``: from when the value holds."""
    bucket = f"date_trunc('day', {at})" if settings.moments == "day" else at
    said = f"({where})" if value is None else f"({where}) AND {value} IS NOT NULL"
    unit = "unit" if slot in ("price", "price.list") else "CAST(NULL AS VARCHAR)"
    return (
        f"SELECT item, {literal(slot)} AS slot, {value or 'CAST(NULL AS VARCHAR)'} AS value, {unit} AS unit, "
        f'language, min(_file) AS file, min(_row) AS "row", CAST({bucket} AS TIMESTAMP) AS bucket, '
        f"min({at}) AS moment, min(moment) AS observed, count(*) AS n "
        f"FROM catalogue_decided WHERE reason IS NULL AND {said} GROUP BY item, 3, 4, language, 8"
    )


def _gone(slot: str, value: str) -> str:
    return (
        f"SELECT item, {literal(slot)} AS slot, {literal(value)} AS value, CAST(NULL AS VARCHAR) AS unit, "
        'CAST(NULL AS VARCHAR) AS language, file, CAST(NULL AS BIGINT) AS "row", moment AS bucket, moment, '
        "moment AS observed, CAST(1 AS BIGINT) AS n FROM catalogue_vanished"
    )

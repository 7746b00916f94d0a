"""SQL over the raw rows of a catalogue: canonical columns, row checks, and one observation a value."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from siyu.catalogue.settings import SLOTS, CatalogueSettings
from siyu.domain.errors import SettingsError
from siyu.engine.sql import literal, quote

_OFFSET = r"[T ]\d{2}(:?\d{2}){0,2}([.,]\d+)? ?(Z|z|[+-]\d{2}(:?\d{2})?)$"
BOOKKEEPING = ("_file", "_row", "_malformed")


@dataclass(frozen=True, slots=True)
class Rows:
    """SQL expressions over ``catalogue_raw``, whose columns have the types of ``schema``."""

    settings: CatalogueSettings
    schema: pa.Schema

    def names(self, field: str) -> tuple[str, ...]:
        """The columns ``field`` is made of; none where it is not there.

        Raises:
            SettingsError: the mapping names a column that no file has.
        """
        named = self.settings.columns.get(field)
        if named is None:
            return (field,) if field in self.schema.names else ()
        names = (named,) if isinstance(named, str) else tuple(named)
        return tuple(self._existing(name, field) for name in names)

    def _existing(self, name: str, field: str) -> str:
        if name not in self.schema.names:
            known = ", ".join(column for column in self.schema.names if column not in BOOKKEEPING)
            raise SettingsError(
                f"Source {self.settings.name!r} has no column {name!r} for {field}.",
                why=f"Its columns are: {known[:500]}.",
                next_step="Correct [columns] in the mapping.",
                field=field,
            )
        return name

    def one(self, name: str) -> str:
        """A column as trimmed text; null where empty."""
        column, kind = quote(name), self.schema.field(name).type
        if pa.types.is_floating(kind):
            whole = f"{column} = floor({column}) AND abs({column}) < 1e15"
            return (
                f"CASE WHEN isnan({column}) THEN NULL WHEN {whole} THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) "
                f"ELSE CAST({column} AS VARCHAR) END"
            )
        return f"nullif(trim(CAST({column} AS VARCHAR)), '')"

    def text(self, field: str) -> str:
        """``field`` as text, its columns joined, its constant where they are empty."""
        parts = [self.one(name) for name in self.names(field)]
        constant = literal(self.settings.constants.get(field))
        if not parts:
            return f"CAST({constant} AS VARCHAR)"
        between = literal(" > " if field == "category" else " ")
        joined = parts[0] if len(parts) == 1 else f"nullif(concat_ws({between}, {', '.join(parts)}), '')"
        return f"coalesce({joined}, {constant})" if field in self.settings.constants else joined

    def moment(self) -> str:
        """When the row was true, in UTC."""
        names = self.names("observed_at")
        if not names:
            return "CAST($observed_at AS TIMESTAMP)"
        column, kind = quote(names[0]), self.schema.field(names[0]).type
        if pa.types.is_timestamp(kind):
            plain = f"CAST({column} AS TIMESTAMP)"
            return plain if kind.tz else self._to_utc(plain)
        text = self.one(names[0])
        return "coalesce(" + ", ".join(self._parsed(text, form) for form in self.settings.time_formats) + ", NULL)"

    def _parsed(self, text: str, form: str) -> str:
        if form != "iso":
            return self._to_utc(f"CAST(try_strptime({text}, {literal(form)}) AS TIMESTAMP)")
        plain = self._to_utc(f"TRY_CAST({text} AS TIMESTAMP)")
        return (
            f"CASE WHEN regexp_matches({text}, {literal(_OFFSET)}) "
            f"THEN CAST(TRY_CAST({text} AS TIMESTAMPTZ) AS TIMESTAMP) ELSE {plain} END"
        )

    def _to_utc(self, expression: str) -> str:
        zone = self.settings.timezone
        return expression if zone == "UTC" else f"CAST(({expression} AT TIME ZONE {literal(zone)}) AS TIMESTAMP)"


def canonical(rows: Rows) -> str:
    """Query over ``catalogue_raw``: item, moment, unit, language, the slots there are, and why a row is left out."""
    settings = rows.settings
    item = rows.text("item") if settings.item_case == "keep" else f"{settings.item_case}({rows.text('item')})"
    excluded = ["FALSE"]
    if settings.not_products:
        excluded.append(f"upper(item) IN {literal(tuple(code.upper() for code in settings.not_products))}")
    if settings.not_products_pattern:
        excluded.append(f"regexp_matches(item, {literal(f'(?i)^(?:{settings.not_products_pattern})$')})")
    slots = "".join(f", {expression} AS {quote(slot)}" for slot, expression in _slots(rows).items())
    return f"""
WITH read AS (
    SELECT _file, _row, _malformed, {item} AS item, {rows.moment()} AS moment,
        upper({rows.text("currency")}) AS unit, {rows.text("language")} AS language{slots}
    FROM catalogue_raw
)
SELECT *, CASE WHEN _malformed THEN 'malformed' WHEN item IS NULL THEN 'missing-item'
    WHEN {" OR ".join(excluded)} THEN 'not-a-product'
    WHEN moment IS NULL OR moment < TIMESTAMP '1990-01-01 00:00:00' OR moment >= TIMESTAMP '2100-01-01 00:00:00'
    THEN 'bad-time' END AS reason
FROM read
"""


def _slots(rows: Rows) -> dict[str, str]:
    found = {slot: rows.text(slot) for slot in SLOTS if rows.names(slot) or slot in rows.settings.constants}
    named = {
        f"attr.{name}": rows.one(rows._existing(column, name)) for name, column in rows.settings.attributes.items()
    }
    return found | named


def observed(rows: Rows) -> str:
    """Query over ``catalogue_rows``: every distinct value of every slot at every moment, with how often it was seen."""
    bucket = "date_trunc('day', moment)" if rows.settings.moments == "day" else "moment"
    parts = [
        f"SELECT item, {literal(slot)} AS slot, {quote(slot)} AS value, "
        f"{'unit' if slot == 'price' else 'CAST(NULL AS VARCHAR)'} AS unit, language, "
        "min(regexp_replace(_file, '^.*[/\\\\]', '')) AS source, "
        f"CAST({bucket} AS TIMESTAMP) AS bucket, min(moment) AS moment, count(*) AS n "
        f"FROM catalogue_rows WHERE reason IS NULL AND {quote(slot)} IS NOT NULL "
        f"GROUP BY item, {quote(slot)}, 4, language, 7"
        for slot in _slots(rows)
    ]
    seen = (
        "SELECT item, 'seen' AS slot, '' AS value, CAST(NULL AS VARCHAR) AS unit, '' AS language, "
        "min(regexp_replace(_file, '^.*[/\\\\]', '')) AS source, min(moment) AS bucket, min(moment) AS moment, "
        "count(*) AS n FROM catalogue_rows WHERE reason IS NULL GROUP BY item"
    )
    return " UNION ALL ".join(parts or [seen])

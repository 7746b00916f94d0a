"""SQL over the raw rows of a catalogue: canonical columns, and what can be told of a row alone."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from siyu.catalogue.reading import BOOKKEEPING
from siyu.catalogue.settings import SLOTS, CatalogueSettings
from siyu.catalogue.vocabulary import AVAILABILITY, NOT_SOLD
from siyu.domain.errors import SettingsError
from siyu.engine import values
from siyu.engine.sql import literal, quote
from siyu.engine.values import ROUNDED

_ATTRIBUTE = "attr."

COLUMNS = (
    *("_file", "_row", "_part", "_raw", "said", "item", "moment", "unit", "language"),
    *("list_price", "sale_price", "sale_starts", "sale_ends"),
)
"""Columns of canonical rows beside those of slots."""


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

    def has(self, field: str) -> bool:
        """Whether rows may state ``field``."""
        return bool(self.names(field)) or field in self.settings.constants

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
        return values.text(quote(name), self.schema.field(name).type)

    def text(self, field: str) -> str:
        """``field`` as text, its columns joined, its constant where they are empty."""
        parts = [self.one(name) for name in self.names(field)]
        constant = literal(self.settings.constants.get(field))
        if not parts:
            return f"CAST({constant} AS VARCHAR)"
        between = literal(" > " if field == "category" else " ")
        joined = parts[0] if len(parts) == 1 else f"nullif(concat_ws({between}, {', '.join(parts)}), '')"
        return f"coalesce({joined}, {constant})" if field in self.settings.constants else joined

    def moment(self, field: str) -> str:
        """The UTC moment in ``field``; null where it holds none."""
        names = self.names(field)
        if not names:
            return "CAST(NULL AS TIMESTAMP)"
        settings = self.settings
        kind = self.schema.field(names[0]).type
        return values.moment(quote(names[0]), kind, settings.time_formats, settings.timezone)

    def said(self) -> str:
        """The row in short, to show where it is left out: when it claims to be true, and what its product is called."""
        told = [self.one(name) for field in ("observed_at", "title") for name in self.names(field)]
        return f"concat_ws(' | ', {', '.join(told)})" if told else "''"

    def observed(self) -> str:
        """When the row was true, in UTC."""
        return self.moment("observed_at") if self.names("observed_at") else "CAST($observed_at AS TIMESTAMP)"

    def slots(self) -> dict[str, str]:
        """Slot to the expression of its text, for every slot that rows may state."""
        found = {slot: self.text(slot) for slot in SLOTS if self.has(slot)}
        found |= {name: self.one(name) for name in self.schema.names if name.startswith(_ATTRIBUTE)}
        named = self.settings.attributes.items()
        return found | {f"{_ATTRIBUTE}{name}": self.one(self._existing(column, name)) for name, column in named}


_SPOKEN = {said: state for state, words in AVAILABILITY.items() for said in words.split()}


def availability(text: str) -> str:
    """SQL for one of :data:`.vocabulary.AVAILABILITY`, or the words themselves where they are none."""
    bare = f"regexp_replace(lower({text}), '^https?://schema[.]org/', '')"
    word = f"replace(replace({bare}, ' ', '_'), '-', '_')"
    return (
        f"CASE {word} "
        + " ".join(f"WHEN {literal(k)} THEN {literal(v)}" for k, v in _SPOKEN.items())
        + f" ELSE {text} END"
    )


def canonical(rows: Rows) -> str:
    """Query over ``catalogue_raw``: item, moment, unit, language, the slots there are, and why a row is left out."""
    settings = rows.settings
    item = rows.text("item") if settings.item_case == "keep" else f"{settings.item_case}({rows.text('item')})"
    excluded = ["FALSE"]
    if settings.not_products:
        excluded.append(f"upper(item) IN {literal(tuple(code.upper() for code in settings.not_products))}")
    if settings.not_products_pattern:
        excluded.append(f"regexp_matches(item, {literal(f'(?i)^(?:{settings.not_products_pattern})$')})")
    slots = dict(rows.slots())
    if "availability" in slots:
        slots["availability"] = availability(slots["availability"])
    written = "".join(f", {expression} AS {quote(slot)}" for slot, expression in slots.items())
    sold = f"CASE WHEN availability IN {literal(NOT_SOLD)} THEN '0' ELSE {'stock' if 'stock' in slots else 'NULL'} END"
    kept = "".join(f", {quote(slot)}" for slot in slots if slot != "stock")
    stock = f", {sold} AS stock" if "availability" in slots else ", stock" if "stock" in slots else ""
    return f"""
WITH read AS (
    SELECT _file, _row, _part, _malformed, _raw, {rows.said()} AS said, {item} AS item, {rows.observed()} AS moment,
        upper({rows.text("currency")}) AS unit, {rows.text("language")} AS language,
        {rows.text("list_price")} AS list_price, {rows.text("sale_price")} AS sale_price,
        {rows.moment("sale_starts")} AS sale_starts, {rows.moment("sale_ends")} AS sale_ends{written}
    FROM catalogue_raw
)
SELECT {", ".join(COLUMNS)}{kept}{stock},
    CASE WHEN _malformed THEN 'malformed' WHEN item IS NULL THEN 'missing-item'
    WHEN item LIKE '%+%' AND regexp_matches(item, {literal(ROUNDED)}) THEN 'rounded-item'
    WHEN {" OR ".join(excluded)} THEN 'not-a-product'
    WHEN moment IS NULL OR moment < TIMESTAMP '1990-01-01 00:00:00' OR moment >= TIMESTAMP '2100-01-01 00:00:00'
    THEN 'bad-time' END AS reason
FROM read
"""

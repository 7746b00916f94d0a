"""Turns a source's columns into canonical ones: SQL made of quoted names and literals, never of raw values."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from siyu.domain.errors import SettingsError
from siyu.domain.kinds import EventKind
from siyu.engine import values
from siyu.engine.sql import literal, quote
from siyu.events.settings import SourceSettings

BOOKKEEPING = ("_key", "_file", "_row", "_part", "_malformed", "_raw", "_origin", "_line")
LINK_KINDS = ("identify", "alias")
PRICES = ("unit_price", "total")
"""Fields that hold money."""

_TEXT_KINDS = (EventKind.SEARCH.value, EventKind.REVIEW.value)


@dataclass(frozen=True, slots=True)
class Mapping:
    """SQL expressions over the rows of one source, whose columns have the types of ``schema``."""

    source: SourceSettings
    schema: pa.Schema
    written: tuple[str, ...] = ()  # prices of which some are read from ``import_prices``

    def column(self, field: str) -> str | None:
        """The source's column for ``field``, or ``None``.

        Raises:
            SettingsError: the mapping names a column that no file has.
        """
        named = self.source.columns.get(field)
        if named is None:
            return field if field in self.schema.names else None
        if named not in self.schema.names:
            known = ", ".join(name for name in self.schema.names if name not in BOOKKEEPING)
            raise SettingsError(
                f"Source {self.source.name!r} has no column {named!r} for {field}.",
                why=f"Its columns are: {known[:500]}.",
                next_step="Correct [columns] in the mapping.",
                field=field,
            )
        return named

    def require(self) -> None:
        """Who did what, and when: without a column for each no row could be an event.

        Raises:
            SettingsError: none of the files has a column for it, and no constant stands for it.
        """
        for fields in (("user_id", "anonymous_id"), ("kind",), ("ts",)):
            if not any(self.column(field) or field in self.source.constants for field in fields):
                known = ", ".join(name for name in self.schema.names if name not in BOOKKEEPING)
                raise SettingsError(
                    f"Source {self.source.name!r} has no column for {' or '.join(fields)}.",
                    why=f"Its columns are: {known[:500]}.",
                    next_step=f'Name the column that holds it: columns = {{ {fields[0]} = "..." }}.',
                    field=fields[0],
                )

    def text(self, field: str) -> str:
        """``field`` as trimmed text; null where it is empty. Whole floats lose their ``.0``; NaN is empty."""
        name = self.column(field)
        constant = literal(self.source.constants.get(field))
        if name is None:
            return f"CAST({constant} AS VARCHAR)"
        kind = self.schema.field(name).type
        found = (
            "CAST(NULL AS VARCHAR)" if pa.types.is_nested(kind) else values.text(quote(name), kind)
        )  # no id is a list
        return found if field not in self.source.constants else f"coalesce({found}, {constant})"

    def number(self, field: str) -> str:
        """``field`` as a double; null where it is empty or no number."""
        name = self.column(field)
        kind = pa.null() if name is None else self.schema.field(name).type
        counts = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
        if name is None or not (counts or pa.types.is_boolean(kind)):
            return f"TRY_CAST({self.text(field)} AS DOUBLE)"
        return f"CAST({quote(name)} AS DOUBLE)"

    def is_written(self, field: str) -> bool:
        """Whether a column of text holds ``field``."""
        name = self.column(field)
        return name is not None and pa.types.is_string(self.schema.field(name).type)

    def price(self, field: str) -> str:
        """``field`` as a double, however it is written."""
        return (
            f"coalesce({self.number(field)}, {field}_read.price_amount)"
            if field in self.written
            else self.number(field)
        )

    def currency(self) -> str:
        """What the row, or else its price, says of the currency; not one where they do not agree."""
        stated = f"upper({self.text('currency')})"
        for field in self.written:
            code = f"{field}_read.price_code"
            stated = f"CASE WHEN {code} <> {stated} THEN '?' ELSE coalesce({stated}, {code}) END"
        return stated

    def prices(self) -> str:
        """Joins that bring the prices that are written in words of their own."""
        return " ".join(
            f"LEFT JOIN import_prices {field}_read ON {field}_read.price_said = {self.text(field)}"
            for field in self.written
        )

    def moment(self) -> str:
        """The row's moment in UTC; null where it cannot be read."""
        name = self.column("ts")
        if name is None:
            return "CAST(NULL AS TIMESTAMP)"
        return values.moment(quote(name), self.schema.field(name).type, self.source.time_formats, self.source.timezone)

    def has(self, field: str) -> str:
        """Whether ``field`` holds anything."""
        name = self.column(field)
        if name is None or pa.types.is_string(self.schema.field(name).type):
            return f"{self.text(field)} IS NOT NULL"
        return f"{quote(name)} IS NOT NULL"

    def whole(self, alias: str) -> str:
        """Everything a row says, as one text: what makes two rows exact duplicates."""
        names = [name for name in self.schema.names if self._is_content(name)]
        parts = [f"coalesce(CAST({alias}.{quote(name)} AS VARCHAR), chr(1))" for name in names] or ["''"]
        said = f"{alias}._raw || chr(31) || CAST({alias}._part AS VARCHAR)"
        return f"coalesce({said}, concat_ws(chr(31), {', '.join(parts)}))"

    def payload(self, alias: str) -> str:
        """The row as JSON text, or as it came where it is no table row."""
        names = [name for name in self.schema.names if name not in BOOKKEEPING]
        pairs = ", ".join(f"{quote(name)} := {alias}.{quote(name)}" for name in names)
        packed = f"CAST(to_json(struct_pack({pairs})) AS VARCHAR)" if names else "''"
        return f"coalesce({alias}._raw, {packed})"

    def _is_content(self, name: str) -> bool:
        written_by_pandas = name.startswith("__index_level_")
        return name not in BOOKKEEPING and name not in self.source.ignore and not written_by_pandas


def _kind(mapping: Mapping) -> str:
    source = mapping.source
    word = f"lower({mapping.text('kind')})"
    if "kind" not in source.columns and "kind" in source.constants and "kind" not in mapping.schema.names:
        return literal(_known(source.kinds.get(source.constants["kind"], source.constants["kind"]).lower()))
    if source.kinds:
        cases = " ".join(f"WHEN {literal(k.lower())} THEN {literal(v.lower())}" for k, v in source.kinds.items())
        word = f"CASE {word} {cases} ELSE {word} END"
    known = literal(tuple(kind.value for kind in EventKind) + LINK_KINDS)
    return f"CASE WHEN {word} IN {known} THEN {word} END"


def _known(kind: str) -> str | None:
    return kind if kind in {*EventKind, *LINK_KINDS} else None


def _item(mapping: Mapping) -> str:
    found = mapping.text("item")
    case = mapping.source.item_case
    return found if case == "keep" else f"{case}({found})"


def _is_return(source: SourceSettings) -> str:
    rules = ["FALSE"]
    if source.return_order_prefix:
        size = len(source.return_order_prefix)
        rules.append(f"left(order_id, {size}) = {literal(source.return_order_prefix)}")
    if source.negative_is_return:
        rules.append("signed_quantity < 0")
    return " OR ".join(rules)


def _is_excluded(source: SourceSettings) -> str:
    rules = ["FALSE"]
    if source.not_products:
        rules.append(f"upper(item) IN {literal(tuple(code.upper() for code in source.not_products))}")
    if source.not_products_pattern:
        rules.append(f"regexp_matches(item, {literal(f'(?i)^(?:{source.not_products_pattern})$')})")
    return " OR ".join(rules)


ANONYMOUS = "anonymous:"
"""Put before anonymous ids: a browser sends what it likes, and "17850" must not become customer 17850."""


def mapped(mapping: Mapping, rows: str = "import_raw", *, whole: bool = False) -> str:
    """Query over ``rows`` that gives the canonical columns; see ``sql/check.sql`` for what is made of them.

    Args:
        whole: with a column more, a hash of everything each row says.
    """
    source = mapping.source
    words = f"CASE WHEN kind IN {literal(_TEXT_KINDS)} THEN CASE WHEN kind = 'search' THEN query ELSE body END END"
    agents = literal(f"(?i)(?:{source.bots.agents})") if source.bots.agents else "NULL"
    content = f" md5({mapping.whole('r')}) AS whole," if whole else ""
    is_bot = f"regexp_matches({mapping.text('user_agent')}, {agents})" if mapping.column("user_agent") else "FALSE"
    return f"""
WITH read AS (
    SELECT _key, _malformed,{content}
        {mapping.text("event_id")} AS given_id,
        {mapping.text("user_id")} AS user_raw,
        '{ANONYMOUS}' || {mapping.text("anonymous_id")} AS anonymous_raw,
        {_kind(mapping)} AS read_kind,
        {mapping.has("ts")} AS has_ts,
        {mapping.moment()} AS ts,
        {_item(mapping)} AS item,
        {mapping.has("quantity")} AS has_quantity,
        {mapping.number("quantity")} AS signed_quantity,
        {mapping.has("unit_price")} OR {mapping.has("total")} AS has_price,
        {mapping.price("unit_price")} AS read_price,
        {mapping.price("total")} AS total,
        {mapping.currency()} AS currency,
        {mapping.text("order_id")} AS order_id,
        {mapping.text("query")} AS query,
        {mapping.text("text")} AS body,
        {mapping.has("rating")} AS has_rating,
        {mapping.number("rating")} AS rating,
        {mapping.text("channel")} AS channel,
        {mapping.text("language")} AS language,
        {mapping.text("message_id")} AS message_id,
        coalesce({is_bot}, FALSE) AS by_bot
    FROM {rows} r {mapping.prices()}
), named AS (
    SELECT *, CASE WHEN read_kind = 'purchase' AND ({_is_return(source)}) THEN 'return' ELSE read_kind END AS kind
    FROM read
)
SELECT *,
    CASE WHEN kind = 'return' THEN abs(signed_quantity) WHEN has_quantity THEN signed_quantity
        ELSE CAST(1 AS DOUBLE) END AS quantity,
    coalesce(read_price, CASE WHEN signed_quantity <> 0 OR NOT has_quantity
        THEN total / CASE WHEN has_quantity THEN signed_quantity ELSE CAST(1 AS DOUBLE) END END) AS unit_price,
    {words} AS words,
    coalesce({_is_excluded(source)}, FALSE) AS excluded
FROM named
"""

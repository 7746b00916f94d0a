"""DuckDB's SQL, in the subset of ``docs/reference/sql-subset.md``, as Spark's. Needs the extra ``spark`` (sqlglot).

sqlglot translates nearly all of it. What it gets wrong, or leaves as it is, stands here: one function each, in one
table, with a test each in ``tests/unit/engine/test_dialect.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import sqlglot
from sqlglot import ErrorLevel, exp

_JAVA_TIMES: Final = {
    "%Y": "yyyy", "%y": "yy", "%m": "M", "%-m": "M", "%d": "d", "%-d": "d", "%H": "H", "%-H": "H", "%I": "h",
    "%-I": "h", "%M": "m", "%-M": "m", "%S": "s", "%-S": "s", "%f": "SSSSSS", "%g": "SSS", "%p": "a",
    "%b": "MMM", "%B": "MMMM", "%a": "E", "%A": "EEEE", "%z": "Z", "%%": "%",
}  # fmt: skip
"""Directives of strptime as patterns of java.time; single letters take one digit or two."""


@dataclass(frozen=True, slots=True)
class Translated:
    """A query for Spark, and the names it reads from, common table expressions left out."""

    text: str
    reads: frozenset[str]


@lru_cache(maxsize=512)
def to_spark(sql: str) -> Translated:
    """``sql`` as Spark reads it; every name is quoted, so none is a keyword.

    Example:
        >>> to_spark("SELECT list(struct_pack(a := x)) AS xs FROM t ORDER BY 1").text
        'SELECT COLLECT_LIST(STRUCT(`x` AS `a`)) AS `xs` FROM `t` ORDER BY 1 NULLS LAST'

    Raises:
        sqlglot.errors.SqlglotError: it does not parse, or says what Spark cannot.
    """
    tree = sqlglot.parse_one(sql, read="duckdb")
    reads = frozenset(table.name for table in tree.find_all(exp.Table) if table.name)
    named = frozenset(cte.alias for cte in tree.find_all(exp.CTE))
    for node in reversed(list(tree.walk())):  # from the leaves up, so that what stands inside is mended first
        other = _mended(node)
        if other is not node:
            node.replace(other)
    text = tree.sql(dialect="spark", identify=True, unsupported_level=ErrorLevel.RAISE, comments=False)
    return Translated(text, reads - named)


def _mended(node: exp.Expr) -> exp.Expr:
    mend = _MENDS.get(type(node))
    return mend(node) if mend else node


def java_time(pattern: str) -> str:
    """A pattern of strptime as one of java.time; other letters are quoted.

    Example:
        >>> java_time("%d.%m.%Y um %H:%M")
        "d.M.yyyy 'um' H:m"
    """
    parts: list[str] = []
    place = 0
    while place < len(pattern):
        size = 3 if pattern.startswith("%-", place) else 2
        directive = pattern[place : place + size]
        if directive in _JAVA_TIMES:
            parts.append(_JAVA_TIMES[directive])
            place += size
            continue
        end = place + 1
        while pattern[place].isalpha() and end < len(pattern) and pattern[end].isalpha():
            end += 1
        literal = pattern[place:end]
        parts.append(f"'{literal}'" if literal.isalpha() else literal.replace("'", "''"))
        place = end
    return "".join(parts)


def _in_utc(node: exp.Expr) -> exp.Expr:
    """A time of a zone as UTC: ``x AT TIME ZONE z``, where x states no zone."""
    return exp.Anonymous(this="CONVERT_TIMEZONE", expressions=[node.args["zone"], exp.Literal.string("UTC"), node.this])


def _seconds_between(node: exp.Expr) -> exp.Expr:
    """``date_diff`` counts borders crossed; Spark's counts whole units. Days and seconds are what we ask for."""
    unit = str(node.args["unit"].name).upper()
    later, earlier = node.this, node.expression
    if unit == "DAY":
        dates = [exp.cast(side, "DATE") for side in (later, earlier)]
        return exp.Anonymous(this="DATEDIFF", expressions=dates)
    if unit != "SECOND":
        return node
    seconds = [
        exp.Anonymous(this="UNIX_SECONDS", expressions=[exp.cast(side, exp.DataType.Type.TIMESTAMPLTZ)])
        for side in (later, earlier)
    ]
    return exp.paren(exp.Sub(this=seconds[0], expression=seconds[1]), copy=False)


def _zoned(node: exp.Expr) -> exp.Expr:
    """TIMESTAMPTZ by its exact name: with ``spark.sql.timestampType`` TIMESTAMP means the other one."""
    if node.args.get("this") == exp.DataType.Type.TIMESTAMPTZ:
        return exp.DataType.build("TIMESTAMPLTZ")
    return node


def _called(node: exp.Expr) -> exp.Expr:
    """Functions that sqlglot does not know by name."""
    call = CALLS.get(str(node.this).lower())
    return call(node) if call else node


def _parsed_time(node: exp.Expr) -> exp.Expr:
    text, pattern = node.expressions
    return exp.Anonymous(this="TRY_TO_TIMESTAMP", expressions=[text, exp.Literal.string(java_time(pattern.name))])


def _hashed(node: exp.Expr) -> exp.Expr:
    """A number to look things up by within one query: equal for equal values, another one on another engine."""
    return exp.Anonymous(this="XXHASH64", expressions=node.expressions)


def _plain_moment(node: exp.Expr) -> exp.Expr:
    """``make_timestamp`` of microseconds gives a moment without a zone."""
    return exp.cast(node.copy(), exp.DataType.Type.TIMESTAMPNTZ)


def _counted_up(node: exp.Expr) -> exp.Expr:
    """``range(n) AS r(i)`` as a table."""
    series, alias = node.this, node.args.get("alias")
    if not isinstance(series, exp.GenerateSeries) or alias is None:
        return node
    numbers = exp.Explode(this=series.copy())
    column = alias.columns[0].copy() if alias.columns else exp.to_identifier("range")
    return exp.select(exp.alias_(numbers, column)).subquery(alias.this.copy())


def _of_the_rows(node: exp.Expr) -> exp.Expr:
    """In HAVING, ``sum(x)`` sums the rows' x, also where the query calls its own sum x: Spark would sum the sum."""
    having, source = node.args.get("having"), node.args.get("from_")
    if having is None or source is None or node.args.get("joins"):
        return node
    made = {item.alias for item in node.expressions if isinstance(item, exp.Alias)}
    for total in having.find_all(exp.AggFunc):
        for column in total.find_all(exp.Column):
            if column.name in made and not column.table:
                column.set("table", exp.to_identifier(source.this.alias_or_name))
    return node


_MENDS: Final[dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]]] = {
    exp.AtTimeZone: _in_utc,
    exp.DateDiff: _seconds_between,
    exp.DataType: _zoned,
    exp.Anonymous: _called,
    exp.Table: _counted_up,
    exp.UnixToTime: _plain_moment,
    exp.Select: _of_the_rows,
}

CALLS: Final[dict[str, Callable[[exp.Expr], exp.Expr]]] = {"hash": _hashed, "try_strptime": _parsed_time}

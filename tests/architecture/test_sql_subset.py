"""SQL files stay in the subset that also runs on Spark (docs/reference/sql-subset.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from siyu.engine.dialect import CALLS, to_spark

SOURCE = Path(__file__).resolve().parents[2] / "src" / "siyu"
FILES = sorted(SOURCE.rglob("*.sql"))


def parsed(path: Path) -> exp.Expression:
    """The file with its parameters filled, as a tree. Some stand for a condition or a CASE made in Python."""
    text = re.sub(r"\bIN \$[a-z_]+", "IN ('x')", path.read_text("utf-8"))
    text = re.sub(r"\bCASE\s+\$[a-z_]+", "CASE WHEN TRUE THEN 1 ", text)
    tree = sqlglot.parse_one(re.sub(r"\$[a-z_][a-z0-9_]*", "1", text), read="duckdb")
    assert isinstance(tree, exp.Expression)
    return tree


def test_there_are_sql_files_in_every_stage() -> None:
    assert {"events", "profiles", "recommendations", "copywriting", "feedback", "reports"} <= {
        path.relative_to(SOURCE).parts[0] for path in FILES
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_it_translates_to_spark_whole(path: Path) -> None:
    tree = parsed(path)
    assert to_spark(tree.sql(dialect="duckdb")).text
    banned = {
        exp.Qualify: "QUALIFY",
        exp.Pivot: "PIVOT",
        exp.Lambda: "a lambda",
        exp.Comprehension: "a comprehension",
        exp.PercentileCont: "quantile_cont",
    }
    found = [name for kind, name in banned.items() if tree.find(kind)]
    found += ["list(x ORDER BY y)" for one in tree.find_all(exp.ArrayAgg) if one.find(exp.Order)]
    found += ["DISTINCT ON" for one in tree.find_all(exp.Distinct) if one.args.get("on")]
    found += ["GROUP BY ALL" for one in tree.find_all(exp.Group) if one.args.get("all")]
    found += [
        "* EXCLUDE or * REPLACE"
        for one in tree.find_all(exp.Star)
        if one.args.get("except_") or one.args.get("replace")
    ]
    found += ["range()" for _ in tree.find_all(exp.GenerateSeries)]
    found += [
        f"{one.name}(), which Spark may not have" for one in tree.find_all(exp.Anonymous) if one.name not in CALLS
    ]
    found += list(sorted_by_formula(tree)) + list(decimals(tree)) + list(unclear_totals(tree)) + list(unordered(tree))
    assert found == []


def sorted_by_formula(tree: exp.Expr) -> Iterator[str]:
    """Rows are ordered by columns: Sail 0.7 cannot plan some formulas there."""
    for query in tree.find_all(exp.Query):
        order = query.args.get("order")
        for key in order.expressions if order else ():
            if not isinstance(key.this, (exp.Column, exp.Literal)):
                yield f"ORDER BY {key}"


def decimals(tree: exp.Expr) -> Iterator[str]:
    """Numbers such as 0.5 in sums and products: DECIMAL on other engines, DOUBLE in DuckDB."""
    for number in tree.find_all(exp.Literal):
        is_decimal = number.is_number and "." in number.name and "e" not in number.name.lower()
        reckoned = isinstance(number.parent, (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Alias, exp.Func))
        if is_decimal and reckoned and not isinstance(number.parent, exp.Cast):
            yield f"{number.parent.sql(dialect='duckdb')[:60]}: CAST({number.name} AS DOUBLE)"


def unclear_totals(tree: exp.Expr) -> Iterator[str]:
    """A total in HAVING of a column that the query also calls a result: which one is meant differs by engine."""
    for query in tree.find_all(exp.Select):
        having, joins = query.args.get("having"), query.args.get("joins")
        if having is None or not joins:  # of one table the translation knows what is meant
            continue
        made = {item.alias for item in query.expressions if isinstance(item, exp.Alias)}
        for total in having.find_all(exp.AggFunc):
            yield from (f"HAVING {total}" for one in total.find_all(exp.Column) if one.name in made and not one.table)


def unordered(tree: exp.Expr) -> Iterator[str]:
    """Numbers and neighbours without an order: every engine has its own."""
    for window in tree.find_all(exp.Window):
        ranks = isinstance(window.this, (exp.RowNumber, exp.Rank, exp.DenseRank, exp.Lag, exp.Lead, exp.FirstValue))
        if ranks and window.args.get("order") is None:
            yield window.sql(dialect="duckdb")[:80]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT a * 0.5 AS b FROM t", "CAST(0.5 AS DOUBLE)"),
        ("SELECT t.a, sum(x) AS x FROM t JOIN u ON u.a = t.a GROUP BY t.a HAVING sum(x) > 1", "HAVING"),
        ("SELECT a FROM t ORDER BY round(a, 9)", "ORDER BY"),
        ("SELECT row_number() OVER (PARTITION BY a) AS n FROM t", "ROW_NUMBER"),
    ],
)
def test_what_is_banned_is_seen(sql: str, said: str) -> None:
    tree = sqlglot.parse_one(sql, read="duckdb")
    found = [*sorted_by_formula(tree), *decimals(tree), *unclear_totals(tree), *unordered(tree)]
    assert len(found) == 1
    assert said in found[0]

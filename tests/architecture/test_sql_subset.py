"""SQL files stay in the subset that also runs on Spark (docs/reference/sql-subset.md)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlglot
from sqlglot import ErrorLevel, exp

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
    assert tree.sql(dialect="spark", unsupported_level=ErrorLevel.RAISE)
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
    assert found == []

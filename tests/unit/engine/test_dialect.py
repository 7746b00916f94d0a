"""Each thing sqlglot gets wrong, or that engines are apt to do differently: the same answer, known by hand, on both."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from siyu.engine import Engine, open_engine
from siyu.engine.dialect import java_time, to_spark
from siyu.engine.port import Sql

at = datetime.fromisoformat
NULLS = "(SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT CAST(NULL AS INT)) AS t"
MOMENT = "TIMESTAMP '2026-03-01 23:59:59.5'"

CASES: dict[str, tuple[str, list[object]]] = {
    # Borders crossed, as DuckDB counts: one second before midnight to one after is a day and two seconds.
    "days": ("SELECT date_diff('day', TIMESTAMP '2026-01-01 23:59:59', TIMESTAMP '2026-01-02 00:00:01')", [1]),
    "seconds": ("SELECT date_diff('second', TIMESTAMP '2026-01-01 23:59:59', TIMESTAMP '2026-01-02 00:00:01')", [2]),
    "seconds backwards": ("SELECT date_diff('second', TIMESTAMP '2026-01-01 00:01:00', TIMESTAMP '2026-01-01')", [-60]),
    # Shanghai is eight hours ahead of UTC all year; New York five in winter and four in summer.
    "a zone": (
        "SELECT CAST((TIMESTAMP '2026-07-01 08:00:00' AT TIME ZONE 'Asia/Shanghai') AS TIMESTAMP)",
        [at("2026-07-01 00:00:00")],
    ),
    "summer time": (
        "SELECT CAST((TIMESTAMP '2026-07-01 08:00:00' AT TIME ZONE 'America/New_York') AS TIMESTAMP)",
        [at("2026-07-01 12:00:00")],
    ),
    "an offset in the text": (
        "SELECT CAST(TRY_CAST('2026-07-01T08:00:00+08:00' AS TIMESTAMPTZ) AS TIMESTAMP)",
        [at("2026-07-01 00:00:00")],
    ),
    "no moment": ("SELECT TRY_CAST('31/12/2026' AS TIMESTAMP)", [None]),
    "a form of times": ("SELECT CAST(try_strptime('5/11/2026 7:08', '%d/%m/%Y %H:%M') AS TIMESTAMP)",
                        [at("2026-11-05 07:08:00")]),
    "a form with words": ("SELECT CAST(try_strptime('05.11.2026 um 07:08', '%d.%m.%Y um %H:%M') AS TIMESTAMP)",
                          [at("2026-11-05 07:08:00")]),
    "another form": ("SELECT CAST(try_strptime('2026-11-05', '%d/%m/%Y') AS TIMESTAMP)", [None]),
    "microseconds": ("SELECT make_timestamp(CAST(1767225600500000 AS BIGINT))", [at("2026-01-01 00:00:00.500000")]),
    "a day": (f"SELECT CAST(date_trunc('day', {MOMENT}) AS TIMESTAMP)", [at("2026-03-01 00:00:00")]),
    "a date": (f"SELECT CAST({MOMENT} AS DATE)", [date(2026, 3, 1)]),
    "an hour": (f"SELECT CAST(extract(hour FROM {MOMENT}) AS INT)", [23]),
    "a moment as text": (f"SELECT CAST({MOMENT} AS VARCHAR)", ["2026-03-01 23:59:59.5"]),
    "an interval": ("SELECT TIMESTAMP '2026-01-01' + 90 * INTERVAL '1' SECOND", [at("2026-01-01 00:01:30")]),
    # In HAVING the rows' x, not the query's own x: 3 + 4 = 7 is above 6, and so is the group's 5 * 7.
    "a total that shares a column's name": (
        "SELECT 5 * sum(x) AS x FROM (SELECT 3 AS x UNION ALL SELECT 4) AS t HAVING sum(x) > 6", [35],
    ),
    "a series": ("SELECT i * 2 FROM range(3) AS r(i) ORDER BY 1", [0, 2, 4]),
    "nothing comes last": (f"SELECT n FROM {NULLS} ORDER BY n", [1, 2, None]),
    "nothing comes last, backwards": (f"SELECT n FROM {NULLS} ORDER BY n DESC", [2, 1, None]),
    "nothing comes last in a window": (
        f"SELECT place FROM (SELECT n, CAST(row_number() OVER (ORDER BY n DESC) AS INT) AS place FROM {NULLS}) AS p "
        "WHERE n IS NULL", [3],
    ),
    "division": ("SELECT 7 / 2", [3.5]),
    "text and nothing": ("SELECT 'a' || CAST(NULL AS VARCHAR)", [None]),
    "concat and nothing": ("SELECT concat('a', CAST(NULL AS VARCHAR), 'b')", ["ab"]),
    "concat_ws and nothing": ("SELECT concat_ws('-', 'a', CAST(NULL AS VARCHAR), 'b')", ["a-b"]),
    # md5 of the three letters "abc", from RFC 1321.
    "md5": ("SELECT md5('abc')", ["900150983cd24fb0d6963f7d28e17f72"]),
    "a hash": ("SELECT hash('a' || 'b') = hash('ab') AND hash('ab') <> hash('ba')", [True]),
    "a backslash": ("SELECT regexp_replace('a/b\\c.parquet', '^.*[/\\\\]', '')", ["c.parquet"]),
    "a pattern": ("SELECT regexp_matches('P12', '(?i)^(?:p\\d+)$')", [True]),
    "a quote": ("SELECT 'it''s'", ["it's"]),
    "the first of a list": ("SELECT x[1] FROM (SELECT list(n) AS x FROM (SELECT 7 AS n) AS t) AS l", [7]),
    "how long a list is": (f"SELECT array_length(list(n)) FROM {NULLS} WHERE n IS NOT NULL", [2]),
    "a list unfolded": (f"SELECT unnest(x) FROM (SELECT list(n) AS x FROM {NULLS} WHERE n = 2) AS l", [2]),
    "a struct": ("SELECT s.a FROM (SELECT struct_pack(a := 1, \"value\" := 2) AS s) AS t", [1]),
    "a keyword as a name": ("SELECT \"end\" FROM (SELECT 1 AS \"end\") AS \"table\"", [1]),
    "half up": ("SELECT round(CAST(2.5 AS DOUBLE)), round(CAST(0.125 AS DOUBLE), 2)", [3.0]),
    "a power": ("SELECT power(CAST(0.5 AS DOUBLE), 3 / 2)", [0.5**1.5]),
    "no number": ("SELECT TRY_CAST('many' AS DOUBLE)", [None]),
    "the least, nothing left out": ("SELECT least(3, CAST(NULL AS INT), 2)", [2]),
    "rows without a partner": (
        f"SELECT t.n FROM {NULLS} ANTI JOIN (SELECT 1 AS n) AS b ON b.n = t.n WHERE t.n IS NOT NULL", [2],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def both(sail: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> tuple[Engine, Engine]:
    root = tmp_path_factory.mktemp("tables")
    return open_engine("embedded", root), open_engine("spark", root, options=sail)


@pytest.mark.parametrize("case", CASES)
def test_it_is_the_same_on_both(case: str, both: tuple[Engine, Engine]) -> None:
    sql, expected = CASES[case]
    for engine in both:
        found = [value for batch in engine.batches(sql) for value in batch.column(0).to_pylist()]
        assert found == expected, type(engine).__name__


def test_a_view_means_what_its_names_mean_when_it_is_asked(both: tuple[Engine, Engine]) -> None:
    for engine in both:
        engine.table("a", Sql("SELECT 1 AS n"))
        engine.table("b", Sql("SELECT n + 10 AS n FROM a"))
        engine.table("c", Sql("SELECT n + 100 AS n FROM b"))
        seen = [next(iter(engine.batches("SELECT n FROM c"))).column(0)[0].as_py()]
        engine.table("a", Sql("SELECT 2 AS n"))
        seen += [next(iter(engine.batches("SELECT n FROM c"))).column(0)[0].as_py()]
        assert seen == [111, 112], type(engine).__name__


def test_names_of_common_tables_are_not_read_from_outside() -> None:
    assert to_spark("WITH a AS (SELECT 1 AS n FROM b) SELECT n FROM a JOIN c ON TRUE").reads == {"b", "c"}


def test_directives_of_times() -> None:
    assert java_time("%Y-%m-%dT%H:%M:%S") == "yyyy-M-d'T'H:m:s"


def test_root_of_both_is_one(both: tuple[Engine, Engine]) -> None:
    """What one writes the other reads, with its types."""
    here, there = both
    sql = f"SELECT CAST(1 AS INT) AS i, CAST(2 AS BIGINT) AS b, 'x' AS s, {MOMENT} AS t, CAST(1 AS DOUBLE) AS d"
    here.write(sql, "here")
    there.write(sql, "there")
    tables = []
    for engine in both:
        for name in ("here", "there"):
            engine.table("t", name)
            (batch,) = engine.batches("SELECT * FROM t")
            tables.append((batch.schema.types, batch.to_pylist()))
    assert tables == [tables[0]] * 4
    assert Path(here.root) == Path(there.root)

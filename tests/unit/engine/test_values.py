"""Columns of any type from outside: as text, as moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from siyu.engine import values
from siyu.engine.embedded import EmbeddedEngine
from siyu.engine.port import Sql
from siyu.engine.values import require_unambiguous

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)  # 1777636800 seconds after 1970; 46143.5 days after 1899-12-30
NAIVE = AT.replace(tzinfo=None)


def read(folder: Path, column: pa.Array, sql: str) -> object:
    engine = EmbeddedEngine(folder / "data")
    engine.table("given", pa.table({"x": column}))
    engine.table("read", Sql(f"SELECT {sql} AS y FROM given"))
    return next(iter(engine.batches("SELECT y FROM read"))).column(0)[0].as_py()


@pytest.mark.parametrize(
    ("column", "form"),
    [
        (pa.array([AT], pa.timestamp("ns", "America/New_York")), "iso"),
        (pa.array([AT], pa.timestamp("us", "UTC")), "iso"),
        (pa.array([NAIVE], pa.timestamp("ns")), "iso"),
        (pa.array([1_777_636_800]), "iso"),
        (pa.array([1_777_636_800_000]), "iso"),
        (pa.array([1_777_636_800_000_000]), "iso"),
        (pa.array([Decimal("1777636800.0")]), "iso"),
        (pa.array(["1777636800"]), "epoch_s"),
        (pa.array(["1777636800000000"]), "epoch_us"),
        (pa.array(["46143.5"]), "excel"),
        (pa.array([46143.5]), "excel"),
        (pa.array(["2026-05-01T20:00:00+08:00"]), "iso"),
    ],
)
def test_one_moment_in_many_types(tmp_path: Path, column: pa.Array, form: str) -> None:
    assert read(tmp_path, column, values.moment("x", column.type, (form,), "UTC")) == NAIVE


def test_cells_are_of_the_shops_zone(tmp_path: Path) -> None:
    cell = pa.array([46143.5])
    sql = values.moment("x", cell.type, ("excel",), "Asia/Shanghai")
    assert read(tmp_path, cell, sql) == NAIVE - timedelta(hours=8)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pa.array([17850.0]), "17850"),
        (pa.array([float("nan")]), None),
        (pa.array([float("inf")]), "inf"),
        (pa.array([1.5]), "1.5"),
        (pa.array([Decimal("9.90")]), "9.90"),
        (pa.array(["  "]), None),
        (pa.array([["a", "b"]]), '["a","b"]'),
        (pa.array([{"a": 1}]), '{"a":1}'),
        (pa.array([None], pa.list_(pa.string())), None),
        (pa.array(["a"]).dictionary_encode(), "a"),
        (pa.array([date(2026, 5, 1)]), "2026-05-01"),
    ],
)
def test_every_type_is_text(tmp_path: Path, column: pa.Array, said: str | None) -> None:
    assert read(tmp_path, column, values.text("x", column.type)) == said


def test_a_word_that_is_no_format_is_refused() -> None:
    with pytest.raises(ValueError, match="'epoch' is no format of times"):
        require_unambiguous(("iso", "epoch"))

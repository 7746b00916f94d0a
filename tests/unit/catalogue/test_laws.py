"""Laws of the import: whatever a feed holds, every row is accounted for, and what is kept is sound."""

from __future__ import annotations

import csv
import io
import math
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.catalogue import CatalogueReport, CatalogueSettings, import_products
from siyu.domain.clock import FixedClock
from siyu.domain.errors import InputError
from siyu.engine.embedded import EmbeddedEngine

NAMES = ("item", "title", "price", "currency", "stock", "availability", "sale_price", "sale_starts", "sale_ends")
NOW = datetime(2026, 6, 1, tzinfo=UTC)

words = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=12)
cells = st.one_of(
    words,
    st.sampled_from(["", "9", "9.50 USD", "-1", "NaN", "1e308", "0", "USD", "CNY", "in_stock", "缺货", "3", "=1+1"]),
    st.datetimes(datetime(2026, 5, 1), datetime(2026, 7, 1)).map(lambda moment: moment.isoformat(sep=" ")),  # noqa: DTZ001
)
lines = st.lists(st.lists(cells, min_size=len(NAMES) - 1, max_size=len(NAMES) + 1).map(tuple), max_size=12)
ids = st.sampled_from(["a", "b", "c", ""])


def written(rows: list[tuple[str, ...]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([NAMES, *rows])
    return buffer.getvalue()


def take(engine: EmbeddedEngine, path: Path, text: str, clock: datetime, **more: Any) -> CatalogueReport:
    path.write_text(text, "utf-8", newline="")
    source = CatalogueSettings(name="shop", paths=(str(path),), **more)
    return import_products(engine, source, clock=FixedClock(clock))


def facts(engine: EmbeddedEngine) -> list[tuple[Any, ...]]:
    engine.table("law_facts", "facts")
    columns = "item, slot, language, value, number, unit, valid_from, valid_until"
    sql = f"SELECT {columns} FROM law_facts ORDER BY 1, 2, 3, 7, 4"
    return [tuple(row.values()) for batch in engine.batches(sql) for row in batch.to_pylist()]


@pytest.mark.slow
@settings(max_examples=25)
@given(st.lists(st.tuples(ids, lines), min_size=1, max_size=3), st.sampled_from(["delta", "full"]))
def test_every_row_is_accounted_for_and_windows_never_overlap(days: list[tuple[str, Any]], coverage: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = EmbeddedEngine(Path(folder) / "tables", memory="500MB", threads=1)
        for day, (item, rows) in enumerate(days):
            text = written([(item, *row[1:]) for row in rows])
            moment = NOW - timedelta(days=len(days) - day)
            done = take(engine, Path(folder) / "p.csv", text, moment, coverage=coverage)
            assert done.rows == len(rows) == done.used + sum(done.rejected.values()) or done.skipped
        before = facts(engine)
        spans: dict[tuple[Any, ...], list[tuple[Any, Any]]] = {}
        for fact in before:
            spans.setdefault(fact[:3], []).append(fact[6:])
            assert fact[3]
            assert fact[4] is None or math.isfinite(fact[4])
        for held in spans.values():
            assert all(end is None or start < end for start, end in held)
            assert all(end is not None and end <= later for (_, end), (later, _) in pairwise(held))
        # the same once more, under another setting so that it is read: nothing changes
        take(engine, Path(folder) / "p.csv", text, moment, coverage=coverage, title_length=199)
        assert [fact[:6] for fact in facts(engine)] == [fact[:6] for fact in before]


@settings(max_examples=40)
@given(st.binary(max_size=400), st.sampled_from(["p.csv", "p.jsonl", "p.xml", "p.csv.gz", "p.csv.zip", "p.parquet"]))
def test_any_bytes_are_read_or_refused_by_name(content: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = EmbeddedEngine(Path(folder) / "tables", memory="500MB", threads=1)
        path = Path(folder) / name
        path.write_bytes(content)
        source = CatalogueSettings(name="shop", paths=(str(path),))
        done = read_or_refused(engine, source)
        if isinstance(done, InputError):
            assert name in str(done)
            assert done.next_step
        else:
            assert done.rows == done.used + sum(done.rejected.values())


def read_or_refused(engine: EmbeddedEngine, source: CatalogueSettings) -> CatalogueReport | InputError:
    try:
        return import_products(engine, source, clock=FixedClock(NOW))
    except InputError as error:
        return error

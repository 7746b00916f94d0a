"""A sealed engine: what lies outside its folder cannot be read or written, by whatever road."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from siyu.engine.embedded import EmbeddedEngine
from siyu.engine.port import ParquetFiles, Source, Sql


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A dataset of another engine, and its only file."""
    EmbeddedEngine(tmp_path / "other").write("SELECT 'secret' AS word", "later")
    return next((tmp_path / "other").rglob("*.parquet"))


@pytest.fixture
def sealed(tmp_path: Path) -> EmbeddedEngine:
    engine = EmbeddedEngine(tmp_path / "mine")
    engine.write("SELECT 1 AS n", "numbers")
    engine.seal()
    return engine


def read(engine: EmbeddedEngine, source: Source) -> list[object]:
    engine.table("asked", source)
    return [row for batch in engine.batches("SELECT * FROM asked") for row in batch.to_pylist()]


def test_inside_everything_works(sealed: EmbeddedEngine) -> None:
    assert read(sealed, "numbers") == [{"n": 1}]
    assert read(sealed, pa.table({"n": [1, 2]})) == [{"n": 1}, {"n": 2}]
    sealed.write("SELECT n + 1 AS n FROM asked", "more")
    sealed.write(pa.table({"n": [9]}).to_reader(), "more", append=True)
    sealed.map_arrow("SELECT n FROM asked", lambda batch: batch, pa.schema([("n", pa.int64())]), "mapped")
    assert sorted(str(row) for row in read(sealed, "more")) == ["{'n': 2}", "{'n': 3}", "{'n': 9}"]
    sealed.drop("more")


@pytest.mark.parametrize("road", ["dataset", "files", "view", "function", "link"])
def test_outside_nothing_can_be_read(sealed: EmbeddedEngine, outside: Path, road: str) -> None:
    os.symlink(outside.parent.parent.parent, sealed.root / "linked")
    roads: dict[str, Source] = {
        "dataset": "../other/later",
        "files": ParquetFiles((str(outside),)),
        "view": Sql(f"SELECT * FROM '{outside}'"),
        "function": Sql(f"SELECT * FROM read_text('{outside}')"),
        "link": "linked/../../other/later",
    }
    with pytest.raises(duckdb.PermissionException):
        read(sealed, roads[road])


@pytest.mark.parametrize(
    "sql", ["SET enable_external_access = true", "SET allowed_directories = ['/']", "COPY (SELECT 1) TO '{}/x.csv'"]
)
def test_the_seal_cannot_be_broken(sealed: EmbeddedEngine, outside: Path, sql: str) -> None:
    with pytest.raises(duckdb.Error):
        list(sealed.batches(sql.replace("{}", str(outside.parent))))
    with pytest.raises(duckdb.PermissionException):
        read(sealed, ParquetFiles((str(outside),)))

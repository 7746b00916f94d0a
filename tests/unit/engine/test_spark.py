"""The Spark engine's ends: no extra, no server, what a dead one left; and what goes to workers."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from siyu.app.settings import Settings
from siyu.domain.errors import SettingsError, StorageError
from siyu.engine import ParquetFiles, open_engine
from siyu.engine.spark import SPOOL, SparkEngine
from siyu.engine.spark_batches import OutsideReader, Worker, task_list
from siyu.engine.spark_options import SparkOptions

WITHOUT = """
import sys
from pathlib import Path
sys.modules["{package}"] = None  # as if it were not installed
from siyu.app.settings import Settings
from siyu.domain.errors import MissingExtraError
from siyu.engine import open_engine
assert Settings().engines.spark.url == "local[*]"
try:
    open_engine("spark", Path("{root}"))
except MissingExtraError as error:
    print(error.next_step)
"""


@pytest.mark.parametrize("package", ["pyspark", "grpc", "sqlglot"])
def test_without_the_extra_it_says_what_to_install(package: str, tmp_path: Path) -> None:
    code = WITHOUT.format(package=package, root=tmp_path / "tables")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "Install it: pip install 'siyu[spark]'\n"


def test_where_nobody_listens_it_says_so_at_once(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"sc://127\.0\.0\.1:1") as found:
        open_engine("spark", tmp_path, options={"url": "sc://127.0.0.1:1"})
    assert "embedded" in found.value.next_step


@pytest.mark.parametrize("url", ["http://spark:15002", "spark", "sc://", ""])
def test_a_url_that_is_none_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="url"):
        open_engine("spark", tmp_path, options={"url": url})


def test_settings_refuse_what_the_engine_does_not_know() -> None:
    with pytest.raises(ValidationError, match="remote"):
        Settings.model_validate({"engines": {"spark": {"remote": "sc://x"}}})
    with pytest.raises(ValidationError, match="flink"):
        Settings.model_validate({"engines": {"flink": {}}})


def test_a_token_is_not_shown() -> None:
    assert "tell-nobody" not in repr(SparkOptions.model_validate({"token": "tell-nobody"}))


def test_what_dead_sessions_left_is_removed(sail: dict[str, object], tmp_path: Path) -> None:
    """Small tables may hold the shop's own ids."""
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True
    )
    left = tmp_path / SPOOL / f"{os.uname().nodename}-{gone.stdout.strip()}-abc"
    alive = tmp_path / SPOOL / f"{os.uname().nodename}-{os.getpid()}-abc"
    for folder in (left, alive):
        folder.mkdir(parents=True)
    engine = SparkEngine(tmp_path, options=SparkOptions.model_validate(sail))
    engine.table("t", pa.table({"n": [1]}))
    assert not left.exists()
    assert alive.exists()
    (own,) = (folder for folder in (tmp_path / SPOOL).iterdir() if folder != alive)
    assert own.stat().st_mode & 0o077 == 0
    del engine
    gc.collect()  # its views refer to it
    assert not own.exists()


def test_a_server_that_is_gone_says_so_and_leaves_what_was(tmp_path: Path) -> None:
    from pysail.spark import SparkConnectServer
    from pyspark.sql.connect.client.retries import DefaultPolicy

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    engine = SparkEngine(tmp_path, options=SparkOptions(url=f"sc://{host}:{port}"))
    engine.write("SELECT 1 AS n", "some")
    engine._session.client.set_retry_policies([DefaultPolicy(max_retries=0)])  # a minute less
    server.stop()
    with pytest.raises(StorageError, match="Spark failed while writing"):
        engine.write("SELECT 2 AS n", "some")
    here = open_engine("embedded", tmp_path)
    here.table("t", "some")
    assert [batch.to_pylist() for batch in here.batches("SELECT n FROM t")] == [[{"n": 1}]]


def test_a_spark_that_takes_no_code_says_what_to_do(sail: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ship = false"):
        open_engine("spark", tmp_path, options={**sail, "ship": True})


def test_a_worker_cuts_batches_and_keeps_to_the_schema() -> None:
    sizes: list[int] = []

    def seen(batch: pa.RecordBatch) -> pa.RecordBatch:
        sizes.append(batch.num_rows)
        return batch

    given = pa.record_batch({"n": pa.array(range(7), pa.int32())})
    made = list(Worker(seen, pa.schema([("n", pa.int64())]), rows=3)([given]))
    assert sizes == [3, 3, 1]
    assert [value for batch in made for value in batch["n"].to_pylist()] == list(range(7))
    assert {batch.schema.field("n").type for batch in made} == {pa.int64()}


def test_files_of_different_columns_are_read_as_one(sail: dict[str, object], tmp_path: Path) -> None:
    """Row groups are read on their own, and rows are counted over the file."""
    one, other = str(tmp_path / "one.parquet"), str(tmp_path / "other.parquet")
    pq.write_table(pa.table({"a": [10, 11, 12, 13, 14]}), one, row_group_size=2)
    pq.write_table(pa.table({"b": ["x"], "a": pa.array([1], pa.int32())}), other)
    assert task_list([one, other]).to_pylist() == [
        {"path": one, "row_group": 0, "before": 0},
        {"path": one, "row_group": 1, "before": 2},
        {"path": one, "row_group": 2, "before": 4},
        {"path": other, "row_group": 0, "before": 0},
    ]
    assert OutsideReader.of([one, other]).schema.names == ["a", "b", "_file", "_row"]
    for engine in (open_engine("embedded", tmp_path / "t"), open_engine("spark", tmp_path / "t", options=sail)):
        engine.table("raw", ParquetFiles((one, other)))
        found = [
            r for b in engine.batches("SELECT a, b, _row, _file FROM raw ORDER BY _file, _row") for r in b.to_pylist()
        ]
        assert [(row["a"], row["b"], row["_row"]) for row in found] == [
            (10, None, 1), (11, None, 2), (12, None, 3), (13, None, 4), (14, None, 5), (1, "x", 1),
        ]  # fmt: skip

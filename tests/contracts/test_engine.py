"""What every engine must do, driven by the registry."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from siyu.domain.errors import MissingDataError, SettingsError, StorageError
from siyu.engine import ENGINES, Engine, ParquetFiles, Sql, open_engine
from siyu.engine.manifest import find

NUMBERS = pa.schema([("n", pa.int64())])


ON = {
    "embedded": ("embedded", None),
    "spark-on-sail": ("spark", "sail"),
    "spark-on-java": ("spark", "java_spark"),
}
"""Every engine of the table, and the fixture that knows where it runs."""


@dataclass(frozen=True)
class Opened:
    """An engine's name and options, for those who open it again."""

    kind: str
    options: dict[str, object]

    def over(self, root: Path) -> Engine:
        return open_engine(self.kind, root, memory="1GB", threads=1, options=self.options)


@pytest.fixture(
    params=[pytest.param(name, marks=[pytest.mark.slow, pytest.mark.java] if "java" in name else []) for name in ON]
)
def opened(request: pytest.FixtureRequest) -> Opened:
    kind, where = ON[request.param]
    return Opened(kind, request.getfixturevalue(where) if where else {})


@pytest.fixture
def engine(opened: Opened, tmp_path: Path) -> Engine:
    return opened.over(tmp_path / "tables")


def test_every_engine_of_the_table_is_tested() -> None:
    assert {kind for kind, _ in ON.values()} == set(ENGINES)


def test_an_unknown_option_is_refused(tmp_path: Path) -> None:
    for kind in ENGINES:
        with pytest.raises(SettingsError, match="no_such_option"):
            open_engine(kind, tmp_path, options={"no_such_option": 1})


def rows(engine: Engine, sql: str) -> list[dict[str, object]]:
    return [row for batch in engine.batches(sql) for row in batch.to_pylist()]


def numbers(*values: int) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(NUMBERS, [pa.record_batch({"n": pa.array(values, pa.int64())})])


def test_a_query_is_published_and_read_back(engine: Engine) -> None:
    assert engine.write("SELECT 1 AS n UNION ALL SELECT 2", "some") == 1
    engine.table("t", "some")
    assert rows(engine, "SELECT n FROM t ORDER BY n") == [{"n": 1}, {"n": 2}]


def test_a_stream_is_published_with_its_schema_even_when_empty(engine: Engine) -> None:
    engine.write(pa.RecordBatchReader.from_batches(NUMBERS, []), "none")
    engine.table("t", "none")
    assert rows(engine, "SELECT count(n) AS c FROM t") == [{"c": 0}]


def test_append_keeps_and_replace_drops(engine: Engine) -> None:
    engine.write(numbers(1, 2), "some")
    assert engine.write(numbers(3), "some", append=True) == 2
    engine.table("t", "some")
    assert rows(engine, "SELECT CAST(sum(n) AS BIGINT) AS s FROM t") == [{"s": 6}]
    engine.write(numbers(9), "some")
    engine.table("t", "some")
    assert rows(engine, "SELECT n FROM t") == [{"n": 9}]


def test_after_reads_only_what_later_versions_appended(engine: Engine) -> None:
    first = engine.write(numbers(1, 2), "some")
    second = engine.write(numbers(3), "some", append=True)
    engine.table("new", "some", after=first)
    assert rows(engine, "SELECT n FROM new") == [{"n": 3}]
    engine.table("nothing", "some", after=second)
    assert rows(engine, "SELECT n FROM nothing") == []


def test_a_dataset_may_be_rewritten_from_itself(engine: Engine) -> None:
    engine.write(numbers(1, 2), "some")
    engine.table("t", "some")
    engine.write("SELECT n * 10 AS n FROM t", "some")
    engine.table("t", "some")
    assert rows(engine, "SELECT n FROM t ORDER BY n") == [{"n": 10}, {"n": 20}]


def test_partitions_keep_every_row_and_column(engine: Engine) -> None:
    engine.write("SELECT i, i % 3 AS k FROM range(30) AS r(i)", "parts", partition_by=["k"])
    engine.table("t", "parts")
    assert rows(engine, "SELECT k, count(i) AS c FROM t GROUP BY k ORDER BY k") == [{"k": k, "c": 10} for k in range(3)]


def test_a_batch_function_sees_every_row_once(engine: Engine) -> None:
    engine.table("source", pa.table({"n": list(range(1000))}))

    def double(batch: pa.RecordBatch) -> pa.RecordBatch:
        return pa.record_batch({"n": pa.array([2 * n for n in batch["n"].to_pylist()], pa.int64())})

    engine.map_arrow("SELECT n FROM source", double, NUMBERS, "doubled")
    engine.table("t", "doubled")
    # 2 * (0 + ... + 999) = 2 * 499,500
    assert rows(engine, "SELECT CAST(sum(n) AS BIGINT) AS s, count(n) AS c FROM t") == [{"s": 999_000, "c": 1000}]


def test_batches_may_be_nested_and_left_early(engine: Engine) -> None:
    engine.table("t", pa.table({"n": list(range(10))}))
    outer: Iterator[pa.RecordBatch] = engine.batches("SELECT n FROM t", rows=3)
    assert next(outer).num_rows <= 3
    assert rows(engine, "SELECT count(n) AS c FROM t") == [{"c": 10}]
    del outer
    assert rows(engine, "SELECT count(n) AS c FROM t") == [{"c": 10}]


def test_outside_parquet_gets_file_and_row(engine: Engine, tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": ["x", "y"]}), tmp_path / "in.parquet")
    engine.table("raw", ParquetFiles((str(tmp_path / "in.parquet"),)))
    found = rows(engine, "SELECT a, _row, _file FROM raw ORDER BY _row")
    assert [(row["a"], row["_row"]) for row in found] == [("x", 1), ("y", 2)]
    assert str(found[0]["_file"]).endswith("in.parquet")


def test_a_query_becomes_a_table(engine: Engine) -> None:
    engine.table("t", Sql("SELECT 7 AS n"))
    engine.table("t", Sql("SELECT 8 AS n"))
    assert rows(engine, "SELECT n FROM t") == [{"n": 8}]


def some_people(**values: int) -> pa.RecordBatchReader:
    batch = pa.record_batch({"person": pa.array(values, pa.string()), "n": pa.array(values.values(), pa.int64())})
    return pa.RecordBatchReader.from_batches(batch.schema, [batch])


def people(engine: Engine, name: str = "people") -> dict[object, list[object]]:
    engine.table("seen", name)
    found: dict[object, list[object]] = {}
    for row in rows(engine, "SELECT person, n FROM seen ORDER BY person, n"):
        found.setdefault(row["person"], []).append(row["n"])
    return found


def test_new_rows_hide_the_old_ones_of_their_keys(engine: Engine) -> None:
    engine.write(
        "SELECT 'p' || CAST(i % 50 AS VARCHAR) AS person, CAST(i AS BIGINT) AS n FROM range(100) t(i)", "people"
    )
    engine.write(
        some_people(p1=7, new=8), "people", supersede="SELECT * FROM (VALUES ('p1'), ('p2'), ('new')) t(person)"
    )
    found = people(engine)
    assert found["p1"] == [7]
    assert found["new"] == [8]
    assert "p2" not in found  # a key without new rows is gone
    assert found["p3"] == [3, 53]
    assert len(found) == 50
    known = find(engine.root, "people")
    assert known is not None
    assert known.rows == 98  # 100 - 4 hidden + 2


def test_layers_on_layers_read_as_one_and_are_written_as_one_in_time(engine: Engine) -> None:
    base = "SELECT 'p' || CAST(i AS VARCHAR) AS person, CAST(i AS BIGINT) AS n FROM range(100) t(i)"
    engine.write(base, "people")
    truth: dict[object, list[object]] = {f"p{i}": [i] for i in range(100)}
    layered = 0
    for step in range(12):
        keys = f"SELECT * FROM (VALUES ('p{step}'), ('p{step + 1}')) t(person)"
        engine.write(some_people(**{f"p{step}": 1000 + step}), "people", supersede=keys)
        truth[f"p{step}"] = [1000 + step]
        truth.pop(f"p{step + 1}", None)
        assert people(engine) == truth
        known = find(engine.root, "people")
        assert known is not None
        assert known.rows == len(truth)
        layered = max(layered, len(known.hides))
        folders = {entry.name for entry in (engine.root / "people").iterdir() if entry.is_dir()}
        assert len(folders) == len({file.path.split("/")[0] for file in known.files})
    assert 1 < layered < 12


def test_a_large_change_is_written_as_one_at_once(engine: Engine) -> None:
    engine.write(some_people(a=1, b=2, c=3), "people")
    engine.write(some_people(a=10, b=20), "people", supersede="SELECT * FROM (VALUES ('a'), ('b')) t(person)")
    known = find(engine.root, "people")
    assert known is not None
    assert (known.hides, known.rows) == ((), 3)
    assert people(engine) == {"a": [10], "b": [20], "c": [3]}


def test_the_first_write_may_supersede(engine: Engine) -> None:
    engine.write(some_people(a=1), "people", supersede="SELECT 'a' AS person")
    assert people(engine) == {"a": [1]}


def test_an_empty_answer_supersedes_nobody(engine: Engine) -> None:
    engine.write(some_people(**{f"p{i}": i for i in range(20)}), "people")
    engine.write(some_people(x=1), "people", supersede="SELECT CAST(NULL AS VARCHAR) AS person WHERE 1 = 0")
    assert len(people(engine)) == 21


def test_after_reads_the_rows_that_layers_added(engine: Engine) -> None:
    first = engine.write(some_people(**{f"p{i}": i for i in range(20)}), "people")
    second = engine.write(some_people(p1=100), "people", supersede="SELECT 'p1' AS person")
    engine.write(some_people(p2=200), "people", supersede="SELECT * FROM (VALUES ('p2'), ('p1')) t(person)")
    engine.table("new", "people", after=first)
    assert rows(engine, "SELECT person, n FROM new") == [{"person": "p2", "n": 200}]
    engine.table("newest", "people", after=second)
    assert rows(engine, "SELECT person, n FROM newest") == [{"person": "p2", "n": 200}]


def test_after_reads_no_kept_rows_where_all_was_written_as_one(engine: Engine) -> None:
    engine.write(some_people(a=1, b=2, c=3), "people")
    first = engine.write(some_people(a=10), "people", supersede="SELECT 'a' AS person")
    engine.write(some_people(b=20, c=30), "people", supersede="SELECT * FROM (VALUES ('b'), ('c')) t(person)")
    known = find(engine.root, "people")
    assert known is not None
    assert known.hides == ()
    engine.table("new", "people", after=first)
    assert rows(engine, "SELECT person, n FROM new ORDER BY n") == [{"person": "b", "n": 20}, {"person": "c", "n": 30}]


def test_a_batch_function_may_supersede_and_sees_batches_of_the_size_asked_for(engine: Engine) -> None:
    engine.write(some_people(**{f"p{i}": i for i in range(20)}), "people")
    sizes: list[int] = []

    def tenfold(batch: pa.RecordBatch) -> pa.RecordBatch:
        sizes.append(batch.num_rows)
        n = pa.array([10 * value for value in batch["n"].to_pylist()], pa.int64())
        return pa.record_batch({"person": batch["person"], "n": n})

    schema = pa.schema([("person", pa.string()), ("n", pa.int64())])
    engine.table("t", "people")
    picked = "SELECT person, n FROM t WHERE n < 4"
    engine.map_arrow(picked, tenfold, schema, "people", supersede="SELECT person FROM t WHERE n < 4", rows=3)
    assert people(engine)["p3"] == [30]
    assert people(engine)["p4"] == [4]
    assert all(size <= 3 for size in sizes)


def test_a_dropped_dataset_is_gone(engine: Engine) -> None:
    engine.write(numbers(1), "aside", scratch=True)
    engine.table("t", "aside")
    assert rows(engine, "SELECT n FROM t") == [{"n": 1}]
    engine.drop("aside")
    engine.drop("aside")
    assert find(engine.root, "aside") is None
    assert not (engine.root / "aside").exists()


def test_a_missing_dataset_says_what_to_do(engine: Engine) -> None:
    with pytest.raises(MissingDataError, match="siyu run"):
        engine.table("t", "never")


def test_meta_is_kept_with_the_version(engine: Engine) -> None:
    engine.write(numbers(1), "some", meta={"as_of": "2026-01-01", "counts": {"read": 1}})
    found = find(engine.root, "some")
    assert found is not None
    assert found.meta == {"as_of": "2026-01-01", "counts": {"read": 1}}
    assert (found.version, found.rows) == (1, 1)


def test_a_failed_write_leaves_the_old_version_and_no_debris(engine: Engine) -> None:
    engine.write(numbers(1), "some")

    def broken() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"n": pa.array([2], pa.int64())})
        raise RuntimeError("the stage broke")

    with pytest.raises(RuntimeError, match="broke"):
        engine.write(pa.RecordBatchReader.from_batches(NUMBERS, broken()), "some")
    engine.table("t", "some")
    assert rows(engine, "SELECT n FROM t") == [{"n": 1}]
    assert sum(1 for entry in (engine.root / "some").iterdir() if entry.is_dir()) == 1


def test_a_damaged_manifest_is_named(engine: Engine) -> None:
    engine.write(numbers(1), "some")
    (engine.root / "some" / "_manifest.json").write_text("{", "utf-8")
    with pytest.raises(StorageError, match="some"):
        engine.table("t", "some")


DEADLY = """
import json, os, signal, sys
from pathlib import Path
import pyarrow as pa
from siyu.engine import open_engine

engine = open_engine(sys.argv[1], Path(sys.argv[2]), memory="1GB", threads=1, options=json.loads(sys.argv[3]))

def deadly():
    yield pa.record_batch({"n": pa.array([2], pa.int64())})
    os.kill(os.getpid(), signal.SIGKILL)

engine.write(pa.RecordBatchReader.from_batches(pa.schema([("n", pa.int64())]), deadly()), "some")
"""


def test_a_kill_in_the_middle_of_a_write_changes_nothing(engine: Engine, opened: Opened) -> None:
    engine.write(numbers(1), "some")
    told = [opened.kind, str(engine.root), json.dumps(opened.options)]
    done = subprocess.run([sys.executable, "-c", DEADLY, *told], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    engine.table("t", "some")
    assert rows(engine, "SELECT n FROM t") == [{"n": 1}]
    engine.write(numbers(5), "some")  # the next run cleans up what the dead one left
    assert sum(1 for entry in (engine.root / "some").iterdir() if entry.is_dir()) == 1

"""The same two rows in every format, encoding and compression; and files that are not what they claim."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from siyu.domain.errors import InputError
from siyu.engine.embedded import EmbeddedEngine

from .conftest import Importer, jsonl, rows, set_aside

HEADER = "user_id,kind,ts,item,query\n"
LINES = HEADER + '1,search,2026-05-01 10:00:00,,"红色, 真丝裙子"\n2,browse,2026-05-01 10:00:01,裙-1,\n'


def zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return bytes(sink.getvalue().to_pybytes())


def check(engine: EmbeddedEngine) -> None:
    search, browse = sorted(rows(engine, "events"), key=lambda row: row["ts"])
    assert (search["kind"], search["text"], search["language"]) == ("search", "红色, 真丝裙子", "zh")
    assert "裙子" in search["tokens"]
    assert (browse["kind"], browse["item"], browse["tokens"], browse["text"]) == ("browse", "裙-1", None, None)


@pytest.mark.parametrize(
    ("name", "data", "settings"),
    [
        ("e.csv", LINES.encode(), {}),
        ("e.csv", b"\xef\xbb\xbf" + LINES.encode(), {}),
        ("e.csv", LINES.encode("gb18030"), {"encoding": "gb18030"}),
        ("e.csv", LINES.encode("utf-16"), {"encoding": "utf-16"}),
        ("e.csv", LINES.replace("\n", "\r\n").encode(), {}),
        ("e.csv.gz", gzip.compress(LINES.encode(), mtime=0), {}),
        ("e.csv.zst", zstd(LINES.encode()), {}),
        ("e.csv.gz", b"".join(gzip.compress(part.encode(), mtime=0) for part in (HEADER, LINES[len(HEADER) :])), {}),
        ("e.tsv", LINES.replace('"红色, 真丝裙子"', "红色@ 真丝裙子").replace(",", "\t").replace("@", ",").encode(),
         {"delimiter": "\t"}),
    ],
)  # fmt: skip
def test_csv(
    take: Importer, engine: EmbeddedEngine, tmp_path: Path, name: str, data: bytes, settings: dict[str, str]
) -> None:
    (tmp_path / name).write_bytes(data)
    assert take(paths=(str(tmp_path / "*"),), **settings).accepted == 2
    check(engine)


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "ndjson.zst", "json"])
def test_json_with_paths_into_objects(take: Importer, engine: EmbeddedEngine, tmp_path: Path, ending: str) -> None:
    found = [
        {"who": {"id": 1}, "kind": "search", "ts": "2026-05-01 10:00:00", "query": "红色, 真丝裙子"},
        {"who": {"id": 2}, "kind": "browse", "ts": "2026-05-01 10:00:01", "item": "裙-1"},
    ]
    text = json.dumps(found) if ending == "json" else "\n".join(json.dumps(row) for row in found)
    pack = gzip.compress if ending.endswith("gz") else zstd if ending.endswith("zst") else bytes
    (tmp_path / f"e.{ending}").write_bytes(pack(text.encode()))
    assert take(paths=(str(tmp_path / f"e.{ending}"),), columns={"user_id": "who.id"}).accepted == 2
    check(engine)


def test_parquet_ids_of_floats_and_nan(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    table = pa.table(
        {
            "user_id": pa.array([17850.0, float("nan")]),
            "kind": ["browse", "browse"],
            "ts": pa.array([0, 0], pa.timestamp("ms", "Asia/Shanghai")).cast(pa.int64()).cast(pa.timestamp("ms")),
            "item": [85123, 85123],
        }
    )
    table = table.set_column(2, "ts", pa.array([1777629600000] * 2, pa.timestamp("ms", "Asia/Shanghai")))
    pq.write_table(table, tmp_path / "e.parquet")
    report = take(paths=(str(tmp_path / "e.parquet"),))
    assert (report.accepted, dict(report.quarantined)) == (1, {"missing-person": 1})
    (row,) = rows(engine, "events")
    assert (row["item"], row["ts"].isoformat()) == ("85123", "2026-05-01T10:00:00")


def test_broken_csv_lines_cost_themselves_only(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    good = "{},browse,2026-05-01 10:00:0{},a,\n"
    data = (
        HEADER
        + good.format(1, 1)  # line 2
        + '2,browse,"never closed\n'  # 3
        + good.format(3, 2)  # 4
        + "4,browse\n"  # 5: too few
        + ",".join("x" * 3000)  # 6: far too many
        + "\n\n"  # 7: blank, not a row
        + '5,search,2026-05-01 10:00:03,,"over\ntwo lines"\n'  # 8 and 9
        + good.format(6, 4)  # 10
    ).encode() + "7,browse,2026-05-01,红,\n".encode("gb18030")  # 11: not UTF-8
    (tmp_path / "e.csv").write_bytes(b"\xef\xbb\xbf" + data)
    report = take(paths=(str(tmp_path / "e.csv"),))
    assert [(row, reason) for row, reason, _ in set_aside(engine)] == [
        (3, "malformed"),
        (5, "malformed"),
        (6, "malformed"),
        (11, "malformed"),
    ]
    assert (report.read, report.accepted) == (8, 4)


def test_a_record_across_chunks(
    take: Importer, engine: EmbeddedEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("siyu.files.opening.LINES", 3)
    lines = [f'{n},search,2026-05-01 10:00:{n:02d},,"a\nb\nc\n{n}"\n' for n in range(10)]
    (tmp_path / "e.csv").write_text(HEADER + "".join(lines) + '99,search,2026-05-01,,"open\n')
    report = take(paths=(str(tmp_path / "e.csv"),))
    assert (report.accepted, dict(report.quarantined)) == (10, {"malformed": 1})


def test_json_lines_that_are_no_objects(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    path = jsonl(tmp_path / "e.jsonl", "[1]", "42", deep, '{"user_id": "\\ud800"}', "\x00", '{"a": 1')
    report = take(paths=(path,))
    assert dict(report.quarantined) == {"malformed": 6}


@pytest.mark.parametrize(
    ("name", "data", "settings"),
    [
        ("bomb.csv.gz", gzip.compress(b"0" * 30_000_000, mtime=0), {}),
        ("large.csv", LINES.encode(), {"limits": {"expanded_bytes": 10}}),
        ("cut.csv.gz", gzip.compress(LINES.encode(), mtime=0)[:-20], {}),
        ("wide.csv", (",".join(f"c{n}" for n in range(100_000)) + "\n").encode(), {}),
        ("twice.csv", b"user_id,User_ID\n1,2\n", {}),
        ("e.parquet", b"PAR1 but not really", {}),
        ("e.xls", b"", {}),
    ],
)
def test_files_that_are_refused_change_nothing(
    take: Importer, engine: EmbeddedEngine, tmp_path: Path, name: str, data: bytes, settings: dict[str, object]
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError):
        take(paths=(str(tmp_path / name),), **settings)
    assert not [path for path in engine.root.iterdir() if path.name not in (".spill",)]


def test_empty_files(take: Importer, tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("")
    (tmp_path / "f.csv").write_text(HEADER)
    report = take(paths=(str(tmp_path / "*.csv"),))
    assert (report.read, sorted(report.files + report.skipped)) == (0, ["e.csv", "f.csv"])
    assert take(paths=(str(tmp_path / "*.csv"),)).skipped == ("e.csv", "f.csv")

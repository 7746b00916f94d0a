"""Every kind of dirt, one line of a table each: what becomes of it, and that nothing is lost.

``report.read == report.accepted + sum(report.quarantined)`` is checked by the fixture for every import here.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from siyu.app.words import say
from siyu.domain.errors import InputError, SettingsError
from siyu.domain.kinds import QuarantineReason
from siyu.engine.embedded import EmbeddedEngine
from siyu.events import SourceSettings

from .conftest import Importer, jsonl, rows, set_aside

HEADER = "user_id,kind,ts,item,quantity,unit_price,text\n"
GOOD = "u,purchase,2026-05-01T10:00:00Z,a,1,2.5,\n"
CHINESE = "user_id,kind,ts,item,text\n张三,review,2026-05-01,裙-1,真丝很舒服，颜色正\n"

FILES: dict[str, tuple[bytes, Mapping[str, Any], int, Mapping[str, int]]] = {
    # name: bytes, settings, rows accepted, rows set aside by reason; all counted by eye from the bytes
    "empty": (b"", {}, 0, {}),
    "only a header": (HEADER.encode(), {}, 0, {}),
    "only a byte-order mark": (b"\xef\xbb\xbf", {}, 0, {}),
    "one row": ((HEADER + GOOD).encode(), {}, 1, {}),
    "one row without its line end": ((HEADER + GOOD).rstrip("\n").encode(), {}, 1, {}),
    "byte-order mark": (b"\xef\xbb\xbf" + (HEADER + GOOD).encode(), {}, 1, {}),
    "line ends of old Macs": ((HEADER + GOOD).replace("\n", "\r").encode(), {}, 1, {}),
    "line ends of Windows": ((HEADER + GOOD).replace("\n", "\r\n").encode(), {}, 1, {}),
    "blank lines": ((HEADER + "\n\n" + GOOD + "\n").encode(), {}, 1, {}),
    "GB18030, declared": (CHINESE.encode("gb18030"), {"encoding": "gb18030"}, 1, {}),
    "UTF-16, declared": (CHINESE.encode("utf-16"), {"encoding": "utf-16"}, 1, {}),
    "a byte-order mark and one line of GBK": (
        b"\xef\xbb\xbf" + CHINESE.encode() + "李四,browse,2026-05-02,包-1,\n".encode("gbk"),
        {},
        1,
        {"malformed": 1},
    ),
    "embedded newlines": ((HEADER + GOOD[:-1] + '"two\nlines"\n' + GOOD.replace(",a,", ",b,")).encode(), {}, 2, {}),
    "a quote that is never closed": ((HEADER + GOOD[:-1] + '"open\n' + GOOD).encode(), {}, 1, {"malformed": 1}),
    "NUL": ((HEADER + "u\0,browse,2026-05-01,a,,,\n" + GOOD).encode(), {}, 1, {"malformed": 1}),
    "a field of 10 MB": ((HEADER + GOOD[:-1] + "x" * 10_000_000 + "\n" + GOOD).encode(), {}, 1, {"malformed": 1}),
    "a line of a million columns": ((HEADER + "," * 1_000_000 + "\n" + GOOD).encode(), {}, 1, {"malformed": 1}),
    "too few columns": ((HEADER + "u,browse\n" + GOOD).encode(), {}, 1, {"malformed": 1}),
    "an extra column": (b"user_id,kind,ts,item,colour\nu,browse,2026-05-01,a,red\n", {}, 1, {}),
    "an optional column is missing": (b"user_id,kind,ts,item\nu,browse,2026-05-01,a\n", {}, 1, {}),
    "a formula": ((HEADER + "=1+1,browse,2026-05-01,=cmd|' /C calc'!A0,,,\n").encode(), {}, 1, {}),
    "markup": ((HEADER + "u,review,2026-05-01,a,,,<b>{{7*7}}</b> {% raw %} ${x}\n").encode(), {}, 1, {}),
    "a product nobody knows": ((HEADER + GOOD.replace(",a,", ",no-such-product,")).encode(), {}, 1, {}),
}


@pytest.mark.parametrize("name", FILES)
def test_file(take: Importer, engine: EmbeddedEngine, tmp_path: Path, name: str) -> None:
    data, settings, accepted, quarantined = FILES[name]
    (tmp_path / "e.csv").write_bytes(data)
    report = take(paths=(str(tmp_path / "e.csv"),), **settings)
    assert (report.accepted, dict(report.quarantined)) == (accepted, quarantined)
    assert report.read == accepted + sum(quarantined.values())


def test_text_from_outside_stays_text(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_bytes(FILES["markup"][0])
    take(paths=(str(tmp_path / "e.csv"),))
    assert rows(engine, "events")[0]["text"] == "<b>{{7*7}}</b> {% raw %} ${x}"


REFUSED: dict[str, tuple[str, bytes, Mapping[str, Any], str]] = {
    # name: file, bytes, settings, a part of what the error says
    "truncated gzip": ("e.csv.gz", gzip.compress((HEADER + GOOD * 999).encode(), mtime=0)[:-30], {}, "cut off"),
    "gzip bomb": ("e.csv.gz", gzip.compress(b"0" * 210_000_000, mtime=0), {}, "raise ratio"),
    "GB18030, not declared": ("e.csv", CHINESE.encode("gb18030"), {}, 'Set encoding = "gb18030"'),
    "GB18030 JSON, not declared": ("e.jsonl", '{"text": "真丝很舒服"}\n'.encode("gb18030"), {}, '"gb18030"'),
    "a header of a million columns": ("e.csv", b"c," * 1_000_000 + b"c\n", {}, "at most 2,000"),
    "columns of one name": ("e.csv", b"user_id,kind,ts,kind\n", {}, "names 'kind' twice"),
    "no header": ("e.csv", b"u,browse,2026-05-01,,a\nu,browse,2026-05-02,,a\n", {}, "no column for user_id"),
    "a mapped column is missing": (
        "e.csv", (HEADER + GOOD).encode(), {"columns": {"item": "sku"}}, "no column 'sku' for item"),
    "nobody": ("e.csv", b"kind,ts,item\nbrowse,2026-05-01,a\n", {}, "no column for user_id or anonymous_id"),
    "no kind": ("e.csv", b"user_id,ts,item\nu,2026-05-01,a\n", {}, "no column for kind"),
    "no time": ("e.csv", b"user_id,kind,item\nu,browse,a\n", {}, "no column for ts"),
    "another delimiter": ("e.csv", (HEADER + GOOD).replace(",", ";").encode(), {}, "Set delimiter = \";\""),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_file_that_is_refused(take: Importer, engine: EmbeddedEngine, tmp_path: Path, name: str) -> None:
    """The error names the file or its source and the next step; nothing is changed."""
    file, data, settings, said = REFUSED[name]
    (tmp_path / file).write_bytes(data)
    with pytest.raises((InputError, SettingsError)) as caught:
        take(paths=(str(tmp_path / file),), **settings)
    assert said in str(caught.value)
    assert caught.value.next_step
    assert file in str(caught.value) or "'shop'" in str(caught.value)
    assert not [path for path in engine.root.iterdir() if path.name not in (".spill",)]


@pytest.mark.parametrize(
    ("said", "settings", "expected"),
    [
        ("2026-05-01T10:00:00Z", {}, "2026-05-01T10:00:00"),
        ("2026-05-01 18:00:00+08:00", {}, "2026-05-01T10:00:00"),
        ("2026-05-01 18:00:00", {"timezone": "Asia/Shanghai"}, "2026-05-01T10:00:00"),
        ("2026-05-01T12:00:00+02", {"timezone": "Asia/Shanghai"}, "2026-05-01T10:00:00"),
        ("1777629600", {"time_formats": ("epoch_s",)}, "2026-05-01T10:00:00"),
        ("1777629600000", {"time_formats": ("iso", "epoch_ms")}, "2026-05-01T10:00:00"),
        ("01/05/2026 10:00", {"time_formats": ("iso", "%d/%m/%Y %H:%M")}, "2026-05-01T10:00:00"),
        ("05/01/2026 10:00", {"time_formats": ("%m/%d/%Y %H:%M",)}, "2026-05-01T10:00:00"),
        ("2026年05月01日 10:00", {"time_formats": ("%Y年%m月%d日 %H:%M",)}, "2026-05-01T10:00:00"),
        ("20260501", {"time_formats": ("%Y%m%d",)}, "2026-05-01T00:00:00"),
        ("01/05/2026", {}, "bad-time"),  # of which month? nobody said
        ("25:00", {}, "bad-time"),
        ("2026-02-30", {}, "bad-time"),
        ("2026-05-01T10:00:00+99:00", {}, "bad-time"),
        ("1989-12-31", {}, "time-out-of-range"),
        ("0001-01-01", {}, "time-out-of-range"),
        ("9999-12-31", {}, "time-out-of-range"),
        ("-4000-01-01", {}, "time-out-of-range"),
        ("2030-01-01", {"latest": datetime(2026, 6, 1, tzinfo=UTC)}, "future-time"),
        ("", {}, "missing-time"),
        ("NULL", {}, "bad-time"),
    ],
)
def test_time(
    take: Importer, engine: EmbeddedEngine, tmp_path: Path, said: str, settings: Mapping[str, Any], expected: str
) -> None:
    path = jsonl(tmp_path / "e.jsonl", {"user_id": "u", "kind": "browse", "ts": said, "item": "a"})
    report = take(paths=(path,), **settings)
    if report.accepted:
        assert rows(engine, "events")[0]["ts"].isoformat() == expected
    else:
        assert set_aside(engine) == [(1, expected, "ts")]


def test_formats_that_read_one_text_as_two_days_are_refused() -> None:
    with pytest.raises(ValidationError, match="read one text as two days"):
        SourceSettings(name="shop", paths=("e.csv",), time_formats=("%d/%m/%Y", "%m/%d/%Y"))


@pytest.mark.parametrize(
    ("field", "said", "reason"),
    [
        *((field, said, f"bad-{reason}") for field, reason in (("quantity", "quantity"), ("unit_price", "price"))
          for said in ("1e308", "nan", "inf", "-inf", "many", "5 or 6", "0x10", "１２.５.１")),
        ("quantity", "0", "bad-quantity"),
        ("unit_price", "-1", "bad-price"),
        ("unit_price", "0", "zero-price"),
        ("unit_price", "2.50", ""),
        ("unit_price", " 2.5 ", ""),
        ("quantity", "", ""),
        ("currency", "YUAN", "bad-currency"),
        ("currency", "cny", ""),
        ("kind", "pageload", "unknown-kind"),
        ("kind", "PURCHASE ", ""),
        ("item", " ", "missing-item"),
        ("user_id", "", "missing-person"),
    ],
)  # fmt: skip
def test_value(take: Importer, engine: EmbeddedEngine, tmp_path: Path, field: str, said: str, reason: str) -> None:
    row = {"user_id": "u", "kind": "purchase", "ts": "2026-05-01", "item": "a", "quantity": "1", "unit_price": "1"}
    report = take(paths=(jsonl(tmp_path / "e.jsonl", {**row, field: said}),))
    assert dict(report.quarantined) == ({reason: 1} if reason else {})
    assert [(place, why, at) for place, why, at in set_aside(engine)] == ([(1, reason, field)] if reason else [])


def test_parquet_of_the_wrong_types(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    """Whole numbers for people, text for numbers, days for moments; and NaN where a number is missing."""
    table = pa.table(
        {
            "user_id": pa.array([1.0, 2.0, float("nan")]),
            "kind": pa.array(["purchase"] * 3).dictionary_encode(),
            "ts": pa.array([20574, 20574, 20574], pa.int32()).cast(pa.date32()),
            "item": pa.array([7, 7, 7], pa.int64()),
            "quantity": pa.array(["2", "two", "2"]),
            "unit_price": pa.array([1.5, float("inf"), 1.5]),
        }
    )
    pq.write_table(table, tmp_path / "e.parquet")
    report = take(paths=(str(tmp_path / "e.parquet"),))
    assert (report.accepted, dict(report.quarantined)) == (1, {"bad-quantity": 1, "missing-person": 1})
    (row,) = rows(engine, "events")
    assert (row["item"], row["quantity"], row["ts"].isoformat()) == ("7", 2.0, "2026-05-01T00:00:00")


def test_ids_of_one_name_with_different_content(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    one = {"event_id": "m", "user_id": "u", "kind": "browse", "ts": "2026-05-01", "item": "a"}
    report = take(paths=(jsonl(tmp_path / "1.jsonl", one, {**one, "item": "b"}, {**one, "x": 1}, one),))
    assert set_aside(engine) == [
        (2, "conflicting-id", "event_id"),
        (3, "duplicate-id", "event_id"),
        (4, "exact-duplicate", "row"),
    ]
    for number, row, reason in ((2, {**one, "item": "c"}, "conflicting-id"), (3, {**one, "y": 1}, "duplicate-id")):
        later = take(paths=(jsonl(tmp_path / f"{number}.jsonl", row),))
        assert dict(later.quarantined) == {reason: 1}
    assert report.accepted == len(rows(engine, "events")) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_reason_has_its_words_and_a_next_step(language: str) -> None:
    for reason in QuarantineReason:
        assert say(f"quarantine.{reason}", language=language)
        assert say(f"quarantine_next.{reason}", language=language)


def test_parquet_of_odd_types(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    """Nanoseconds in a zone are a moment, a decimal a price; a list or a time of day is no id and no number."""
    at = [datetime(2026, 5, 1, 10)] * 3  # noqa: DTZ001 - arrow gives it the zone
    odd = pa.table(
        {
            "user_id": [1, 2, 3],
            "kind": pa.array(["purchase"] * 3).dictionary_encode(),
            "ts": pa.array(at, pa.timestamp("ns", "America/New_York")),
            "item": pa.array([["a"], ["b"], None]),
            "quantity": pa.array([time(1), time(2), time(3)]),
            "unit_price": pa.array([Decimal("9.90")] * 3, pa.decimal128(10, 2)),
            "currency": ["CNY"] * 3,
        }
    )
    pq.write_table(odd, tmp_path / "odd.parquet")
    assert dict(take(paths=(str(tmp_path / "odd.parquet"),)).quarantined) == {"missing-item": 3}
    sound = odd.set_column(3, "item", pa.array(["a", "b", "c"]))
    pq.write_table(sound, tmp_path / "quantity.parquet")
    assert dict(take(paths=(str(tmp_path / "quantity.parquet"),)).quarantined) == {"bad-quantity": 3}
    pq.write_table(sound.drop_columns("quantity"), tmp_path / "sound.parquet")
    assert take(paths=(str(tmp_path / "sound.parquet"),)).accepted == 3

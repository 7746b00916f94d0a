"""Every reason, one row each; several faults in a row give the first in the order of QuarantineReason."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from siyu.domain.errors import SettingsError
from siyu.domain.kinds import QuarantineReason
from siyu.engine.embedded import EmbeddedEngine
from siyu.events import SourceSettings, read_mapping

from .conftest import Importer, jsonl, name_of, rows, set_aside

GOOD = {
    "user_id": "u",
    "kind": "purchase",
    "ts": "2026-05-01T10:00:00Z",
    "item": "a",
    "quantity": 1,
    "unit_price": 2,
    "currency": "CNY",
}


def test_one_row_of_each_reason(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    bad: list[dict[str, object] | str] = [
        "{not json",
        {**GOOD, "user_id": " ", "kind": "nonsense"},  # two faults: the first counts
        {**GOOD, "kind": "teleport"},
        {**GOOD, "ts": ""},
        {**GOOD, "ts": "yesterday"},
        {**GOOD, "ts": "0001-01-01T00:00:00Z"},
        {**GOOD, "ts": "9999-12-31T00:00:00Z"},
        {**GOOD, "ts": "2026-06-03T00:00:00Z"},
        {**GOOD, "item": None},
        {**GOOD, "item": "post"},
        {**GOOD, "quantity": "many"},
        {**GOOD, "quantity": 0},
        {**GOOD, "quantity": float("nan")},
        {**GOOD, "unit_price": -3},
        {**GOOD, "unit_price": 1e308},
        {**GOOD, "unit_price": 0},
        {**GOOD, "kind": "rating", "rating": 6},
        {**GOOD, "kind": "rating"},
        {**GOOD, "currency": "XQZ"},
        {**GOOD, "event_id": "m1", "item": "b"},
        {**GOOD, "event_id": "m1", "item": "b", "extra": "same content, another row"},
        {**GOOD, "event_id": "m1", "item": "c"},
        {**GOOD, "kind": "return", "item": "never bought"},
    ]
    path = jsonl(tmp_path / "e.jsonl", GOOD, GOOD, *bad)
    report = take(paths=(path,), not_products=("POST",), latest=datetime(2026, 6, 2, 12, tzinfo=UTC), constants={})

    assert [(row, reason) for row, reason, _ in set_aside(engine)] == [
        (2, "exact-duplicate"),
        (3, "malformed"),
        (4, "missing-person"),
        (5, "unknown-kind"),
        (6, "missing-time"),
        (7, "bad-time"),
        (8, "time-out-of-range"),
        (9, "time-out-of-range"),
        (10, "future-time"),
        (11, "missing-item"),
        (12, "not-a-product"),
        (13, "bad-quantity"),
        (14, "bad-quantity"),
        (15, "bad-quantity"),
        (16, "bad-price"),
        (17, "bad-price"),
        (18, "zero-price"),
        (19, "bad-rating"),
        (20, "bad-rating"),
        (21, "bad-currency"),
        (23, "duplicate-id"),
        (24, "conflicting-id"),
        (25, "orphan-return"),
    ]
    others = {"bot", "rounded-id", "rounded-item"}  # see below
    assert set(report.quarantined) == {reason.value for reason in QuarantineReason} - others
    assert (report.read, report.accepted) == (25, 2)


def test_ids_that_a_spreadsheet_has_rounded_are_set_aside(
    take: Importer, engine: EmbeddedEngine, tmp_path: Path
) -> None:
    """Kept would be: a plus in an id, and what only looks like a power of ten."""
    (tmp_path / "e.csv").write_text(
        "user_id,kind,ts,item\n1.38E+10,browse,2026-05-01,a\nu,browse,2026-05-01,6.90123e+12\n"
        "u+1,browse,2026-05-01,a+b\n1E5,browse,2026-05-01,5E10\n"
    )
    report = take(paths=(str(tmp_path / "e.csv"),))
    assert set_aside(engine) == [(2, "rounded-id", "user_id"), (3, "rounded-item", "item")]
    assert report.accepted == 2


def test_prices_are_read_as_they_are_written(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    said = ["1299", "1,299.00", "¥99", "１２９９", "1.299,00 €", "CNY 5", "CNY -5", "free", "5 USD"]
    named = ["CNY", "CNY", "CNY", "CNY", "", "", "CNY", "CNY", "CNY"]
    path = jsonl(
        tmp_path / "e.jsonl",
        *(
            {**GOOD, "item": str(n), "unit_price": s, "currency": c}
            for n, (s, c) in enumerate(zip(said, named, strict=True))
        ),
    )
    take(paths=(path,), constants={})
    found = [(row["unit_price"], row["currency"]) for row in rows(engine, "events", "item")]
    assert found == [(1299, "CNY"), (1299, "CNY"), (99, "CNY"), (1299, "CNY"), (1299, "EUR"), (5, "CNY")]
    assert set_aside(engine) == [
        (7, "bad-price", "unit_price"),
        (8, "bad-price", "unit_price"),
        (9, "bad-currency", "currency"),  # the price says another one
    ]


def test_a_written_total_gives_the_price_of_one(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    row = {key: value for key, value in GOOD.items() if key != "unit_price"}
    take(paths=(jsonl(tmp_path / "e.jsonl", {**row, "quantity": 2, "sum": "¥1,200.00"}),), columns={"total": "sum"})
    assert [row["unit_price"] for row in rows(engine, "events")] == [600]


def test_payload_is_the_raw_row_and_goes_through_encryption(
    take: Importer, engine: EmbeddedEngine, tmp_path: Path
) -> None:
    (tmp_path / "e.csv").write_text("user_id,kind,ts,item\nu,dance,2026-05-01,a\n")
    take(paths=(str(tmp_path / "e.csv"),))
    (row,) = rows(engine, "quarantine")
    raw = json.loads(row["payload"][::-1])  # the test's cipher reverses bytes
    assert raw == {"user_id": "u", "kind": "dance", "ts": "2026-05-01", "item": "a"}
    assert (row["file"], row["row"], row["field"], row["source"]) == ("e.csv", 2, "kind", "shop")


def test_no_raw_id_in_any_dataset(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    secret = "customer-4711-secret"
    path = jsonl(tmp_path / "e.jsonl", {**GOOD, "user_id": secret}, {**GOOD, "user_id": secret, "quantity": -1})
    take(paths=(path,), negative_is_return=False)
    left = [file for file in engine.root.rglob("*") if file.is_file()]
    assert left
    assert not any(secret.encode() in file.read_bytes() for file in left)
    assert not (engine.root / ".intake").exists()
    assert rows(engine, "events")[0]["person"] == name_of(secret)


@pytest.mark.parametrize(
    ("given", "settings", "expected"),
    [
        ("2026-05-01T10:00:00+08:00", {}, "2026-05-01T02:00:00"),
        ("2026-05-01 10:00:00", {"timezone": "Asia/Shanghai"}, "2026-05-01T02:00:00"),
        ("2026-05-01T10:00:00Z", {"timezone": "Asia/Shanghai"}, "2026-05-01T10:00:00"),
        ("2026-05-01", {}, "2026-05-01T00:00:00"),
        # New York, 8 March 2026: clocks go from 02:00 EST to 03:00 EDT; 03:30 EDT is 07:30 UTC
        ("2026-03-08 03:30:00", {"timezone": "America/New_York"}, "2026-03-08T07:30:00"),
        ("2024-02-29T23:59:59.123456Z", {}, "2024-02-29T23:59:59.123456"),
        ("01/05/2026 10:00", {"time_formats": ("iso", "%d/%m/%Y %H:%M")}, "2026-05-01T10:00:00"),
        ("1777629600", {"time_formats": ("epoch_s",)}, "2026-05-01T10:00:00"),
        ("1777629600123", {"time_formats": ("epoch_ms",)}, "2026-05-01T10:00:00.123000"),
    ],
)
def test_times_become_utc(
    take: Importer, engine: EmbeddedEngine, tmp_path: Path, given: str, settings: dict[str, str], expected: str
) -> None:
    take(paths=(jsonl(tmp_path / "e.jsonl", {**GOOD, "ts": given}),), **settings)
    assert [row["ts"].isoformat() for row in rows(engine, "events")] == [expected]


def test_rows_after_as_of_stay_stored(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    report = take(paths=(jsonl(tmp_path / "e.jsonl", {**GOOD, "ts": "2027-01-01T00:00:00Z"}),))  # the clock: June 2026
    assert (report.accepted, len(rows(engine, "events"))) == (1, 1)


def test_unknown_settings_and_columns_are_refused(take: Importer, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text('name = "x"\npaths = ["e.csv"]\ndelimeter = ";"\n')
    with pytest.raises(SettingsError, match="delimeter"):
        read_mapping(tmp_path / "m.toml")
    with pytest.raises(ValueError, match="unknown fields user"):
        SourceSettings(name="x", paths=("e.csv",), columns={"user": "customer"})
    (tmp_path / "e.csv").write_text("a,b\n1,2\n")
    with pytest.raises(SettingsError, match="no column 'customer'"):
        take(paths=(str(tmp_path / "e.csv"),), columns={"user_id": "customer"})

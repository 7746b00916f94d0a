"""Files that grow, settings that change, returns whose purchase comes later: history heals, nothing counts twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from siyu.domain.errors import SettingsError
from siyu.engine.embedded import EmbeddedEngine

from .conftest import Importer, jsonl, rows, set_aside

HEADER = "user_id,kind,ts,item,query\n"
ROW = "{0},browse,2026-05-01 10:00:0{0},a,\n"


def browse(second: int) -> dict[str, Any]:
    return {"user_id": f"u{second}", "kind": "browse", "ts": f"2026-05-01T10:00:{second:02d}Z", "item": "a"}


def test_reading_goes_on_where_it_was(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(HEADER + ROW.format(1) + ROW.format(2))
    assert take(paths=(str(path),)).read == 2
    with path.open("a") as handle:
        handle.write(ROW.format(3) + "broken\n" + ROW.format(4))
    report = take(paths=(str(path),))
    # lines 4, 5 and 6 are new: two rows and one that is none
    assert (report.read, report.accepted, dict(report.quarantined)) == (3, 2, {"malformed": 1})
    assert set_aside(engine) == [(5, "malformed", "row")]
    assert len(rows(engine, "events")) == 4
    assert take(paths=(str(path),)).skipped == ("log.csv",)


def test_a_file_that_grows_every_day(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    for day in range(1, 6):
        jsonl(path, *(browse(second) for second in range(day)))
        assert (report := take(paths=(str(path),))).read == 1, report
        assert not report.quarantined
    assert len(rows(engine, "events")) == 5


def test_a_line_that_was_unfinished_is_read_again(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(HEADER + ROW.format(1) + "2,browse,2026-05")
    assert dict(take(paths=(str(path),)).quarantined) == {"malformed": 1}
    with path.open("a") as handle:
        handle.write("-01 10:00:02,a,\n" + ROW.format(3))
    report = take(paths=(str(path),))
    assert (report.read, report.accepted) == (2, 2)


def test_a_last_line_without_its_end_was_finished(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(HEADER + ROW.format(1) + ROW.format(2).rstrip("\n"))
    assert take(paths=(str(path),)).read == 2
    with path.open("a") as handle:
        handle.write("\n" + ROW.format(3))
    report = take(paths=(str(path),))
    assert (report.read, report.accepted) == (1, 1)  # line 3 ended where the file did; line 4 is new


def test_a_file_that_was_renamed_and_grew(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(HEADER + ROW.format(1))
    take(paths=(str(tmp_path / "*.csv"),))
    (tmp_path / "log.csv").rename(tmp_path / "log-1.csv")
    with (tmp_path / "log-1.csv").open("a") as handle:
        handle.write(ROW.format(2))
    (tmp_path / "log.csv").write_text(HEADER + ROW.format(3))
    report = take(paths=(str(tmp_path / "*.csv"),))
    assert (report.read, report.accepted, dict(report.quarantined)) == (2, 2, {})


def test_a_file_that_was_rewritten_is_another_file(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(HEADER + ROW.format(1) + ROW.format(2))
    take(paths=(str(path),))
    path.write_text(HEADER + ROW.format(2) + ROW.format(1) + ROW.format(3))
    report = take(paths=(str(path),))
    assert (report.read, report.accepted, dict(report.quarantined)) == (3, 1, {"duplicate-id": 2})


def test_a_changed_mapping_reads_everything_again(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    one = jsonl(tmp_path / "1.jsonl", browse(1), {**browse(2), "item": None, "sku": "b"})
    other = jsonl(tmp_path / "other.jsonl", browse(9))
    take(paths=(other,), name="other")
    first = take(paths=(one,))
    assert (first.accepted, dict(first.quarantined), first.again) == (1, {"missing-item": 1}, False)

    two = jsonl(tmp_path / "2.jsonl", {**browse(3), "sku": "c"})
    report = take(paths=(one, two), columns={"item": "sku"})
    # the first row has no sku; the other source is left alone
    assert (report.read, report.accepted, dict(report.quarantined), report.again) == (3, 2, {"missing-item": 1}, True)
    assert sorted((row["source"], row["item"]) for row in rows(engine, "events")) == [
        ("other", "a"),
        ("shop", "b"),
        ("shop", "c"),
    ]
    assert set_aside(engine) == [(1, "missing-item", "item")]
    again = take(paths=(one, two), columns={"item": "sku"})
    assert (again.read, len(again.skipped)) == (0, 2)


def test_a_changed_mapping_without_its_files_is_refused(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    one, two = jsonl(tmp_path / "1.jsonl", browse(1)), jsonl(tmp_path / "2.jsonl", browse(2))
    take(paths=(one,))
    with pytest.raises(SettingsError, match=r"1\.jsonl.*Put them back"):
        take(paths=(two,), item_case="upper")
    assert take(paths=(two,)).accepted == 1
    assert take(paths=(one, two), limits={"columns": 10}).skipped == ("1.jsonl", "2.jsonl")


def bought(kind: str, day: int, quantity: float, item: str = "x") -> dict[str, Any]:
    return {"user_id": "u", "kind": kind, "ts": f"2026-05-{day:02d}T10:00:00Z", "item": item, "quantity": quantity}


def test_a_return_heals_when_its_purchase_comes(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    lines = [bought("return", 5, 2), bought("return", 6, 1, "y")]
    first = take(paths=(jsonl(tmp_path / "1.jsonl", *lines),))
    assert (first.accepted, dict(first.quarantined)) == (0, {"orphan-return": 2})

    late = take(paths=(jsonl(tmp_path / "2.jsonl", bought("purchase", 1, 3)),))
    assert (late.read, late.accepted, late.healed, late.kinds) == (1, 1, 1, {"purchase": 1})
    purchase, undone = rows(engine, "events", "ts")
    assert (undone["kind"], undone["quantity"], undone["effective_ts"]) == ("return", 2.0, purchase["ts"])
    assert set_aside(engine) == [(2, "orphan-return", "item")]  # y still waits

    # a purchase after the return undoes nothing
    assert take(paths=(jsonl(tmp_path / "3.jsonl", bought("purchase", 9, 3, "y")),)).healed == 0
    assert take(paths=(jsonl(tmp_path / "4.jsonl", bought("purchase", 2, 3, "y")),)).healed == 1
    assert set_aside(engine) == []


def test_the_rest_of_a_return_heals_too(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    first = take(paths=(jsonl(tmp_path / "1.jsonl", bought("purchase", 2, 1), bought("return", 5, 3)),))
    assert (first.accepted, first.unmatched_quantity) == (2, 2.0)
    report = take(paths=(jsonl(tmp_path / "2.jsonl", bought("purchase", 1, 1), bought("purchase", 3, 0.5)),))
    assert report.healed == 1
    parts = [row for row in rows(engine, "events", "event_id") if row["kind"] == "return"]
    # undone: 1 of day 2 at once; then 0.5 of day 3 and 1 of day 1; 0.5 waits
    assert sorted((part["effective_ts"].day, part["quantity"]) for part in parts) == [(1, 1.0), (2, 1.0), (3, 0.5)]
    assert len({part["event_id"] for part in parts}) == 3
    assert rows(engine, "returns_waiting")[0]["quantity"] == 0.5


def test_a_waiting_return_that_comes_again(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    waits = bought("return", 5, 1)
    take(paths=(jsonl(tmp_path / "1.jsonl", waits),))
    again = take(paths=(jsonl(tmp_path / "2.jsonl", bought("browse", 1, 1), waits),))
    assert dict(again.quarantined) == {"orphan-return": 1}
    both = take(paths=(jsonl(tmp_path / "3.jsonl", bought("purchase", 1, 5), waits),))
    assert (both.accepted, both.healed) == (2, 0)
    assert [row["kind"] for row in rows(engine, "events", "ts")] == ["browse", "purchase", "return"]
    assert take(paths=(jsonl(tmp_path / "4.jsonl", bought("purchase", 2, 5)),)).healed == 0

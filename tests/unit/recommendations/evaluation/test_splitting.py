"""Splits: what models may see and what they are asked, against the rows themselves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from siyu.domain.errors import InputError
from siyu.recommendations.evaluation.exam import Part
from siyu.recommendations.evaluation.splitting import LeaveOneOut, TimeSplit

from ..shop import NOW, Shop
from .world import CUT, filled, pairs, rows, shown, utc


def test_a_time_split_shows_what_came_before_and_asks_what_came_after(shop: Shop, tmp_path: Path) -> None:
    filled(shop).bought("stranger", "t0-0", days=3)
    shop.bought("p00", "brand-new", days=2)
    exam = TimeSplit(CUT).exam(shown(shop), Part.TEST, tmp_path / "exam")
    with exam.view() as view:
        view.table("events", "events")
        seen = rows(view, "SELECT max(ts) AS last, count(*) AS events, count(DISTINCT person) AS people FROM events")[0]
    assert utc(seen["last"]) <= CUT
    # 24 people x (20 weeks x 2 purchases + 2 more + 1 look); a week's two products may be one, and stay two rows
    assert (seen["events"], seen["people"]) == (24 * 43, 24)
    later = [row for row in shop.events if row["kind"] == "purchase" and utc(row["ts"]) > CUT]
    known = {(row["person"], row["item"]) for row in later if row["person"] != "stranger"}
    assert set(pairs(exam.wanted)) == known
    before = {
        (row["person"], row["item"]) for row in shop.events if row["kind"] == "purchase" and utc(row["ts"]) <= CUT
    }
    for row in exam.wanted.to_pylist():
        assert row["owned"] == ((row["person"], row["item"]) in before)
    assert exam.counts == {
        "events": 1032, "people": 24, "items": exam.counts["items"], "asked": 24, "wanted": len(known), "absent": 1,
        "absent_items": 0,
    }  # fmt: skip


def test_the_validation_part_lies_within_what_the_test_learns_from(shop: Shop, tmp_path: Path) -> None:
    exam = TimeSplit(CUT).exam(shown(filled(shop)), Part.VALIDATION, tmp_path / "exam")
    # the test is from day 30 to the last event, on day 8: 22 days; the validation are the 22 days before it
    assert exam.now == CUT - timedelta(days=22)
    asked = set(pairs(exam.wanted))
    span = [row for row in shop.events if exam.now < utc(row["ts"]) <= CUT and row["kind"] == "purchase"]
    assert asked == {(row["person"], row["item"]) for row in span}


def test_a_returned_purchase_is_not_owned(shop: Shop, tmp_path: Path) -> None:
    filled(shop, 6)
    shop.bought("p00", "coat", days=50)
    shop.event("p00", "return", "coat", days=48, effective_ts=shop.events[-1]["ts"])
    shop.bought("p00", "coat", days=5)
    exam = TimeSplit(CUT).exam(shown(shop), Part.TEST, tmp_path / "exam")
    assert {row["item"]: row["owned"] for row in exam.wanted.to_pylist() if row["person"] == "p00"}["coat"] is False


@pytest.fixture
def lines(shop: Shop) -> Shop:
    """One person with five acts, one with three, one with two; looks between and after."""
    for person, items in {"five": "abcde", "three": "xyz", "two": "gh"}.items():
        for place, item in enumerate(items):
            shop.bought(person, item, days=20 - place)
    shop.looked("five", "d", days=17.5)  # before d was bought, after c
    shop.looked("five", "e", days=17)  # at the very moment of d
    shop.looked("five", "e", days=16.5)
    return shop


@pytest.mark.parametrize(
    ("part", "refit", "asked", "seen"),
    [
        (Part.TEST, False, {("five", "e"), ("three", "z")}, {"five": "abc", "three": "x", "two": "gh"}),
        (Part.TEST, True, {("five", "e"), ("three", "z")}, {"five": "abcd", "three": "xy", "two": "gh"}),
        (Part.VALIDATION, False, {("five", "d"), ("three", "y")}, {"five": "abc", "three": "x", "two": "gh"}),
        (Part.VALIDATION, True, {("five", "d"), ("three", "y")}, {"five": "abc", "three": "x", "two": "gh"}),
    ],
)
def test_leave_one_out_hides_validation_and_test(
    lines: Shop, tmp_path: Path, part: Part, refit: bool, asked: set[tuple[str, str]], seen: dict[str, str]
) -> None:
    exam = LeaveOneOut(refit=refit).exam(shown(lines), part, tmp_path / "exam")
    assert set(pairs(exam.wanted)) == asked
    assert exam.split["refit"] is (refit and part is Part.TEST)
    with exam.view() as view:
        view.table("events", "events")
        found = rows(view, "SELECT person, item, kind FROM events ORDER BY ts, item")
    bought = {
        person: "".join(row["item"] for row in found if (row["person"], row["kind"]) == (person, "purchase"))
        for person in seen
    }
    assert bought == seen
    looked = [row["item"] for row in found if row["kind"] == "browse"]
    assert looked == (["d", "e", "e"] if exam.split["refit"] else ["d"])


def test_a_cut_with_nothing_on_one_side_is_refused(shop: Shop, tmp_path: Path) -> None:
    data = shown(filled(shop, 3))
    for at in (NOW, NOW - timedelta(days=4000)):
        with pytest.raises(InputError, match="leaves nothing on one of its sides"):
            TimeSplit(at).exam(data, Part.TEST, tmp_path / "exam")


def test_nobody_to_ask_is_said(shop: Shop, tmp_path: Path) -> None:
    shop.bought("old", "a", days=40)
    shop.bought("new", "a", days=3)
    with pytest.raises(InputError, match="nobody to ask") as told:
        TimeSplit(CUT).exam(shown(shop), Part.TEST, tmp_path / "exam")
    assert "1 people have one and are unknown" in str(told.value)
    with pytest.raises(InputError, match="nobody to ask"):
        LeaveOneOut().exam(shown(shop), Part.TEST, tmp_path / "other")


def test_no_events_at_all_is_said(shop: Shop, tmp_path: Path) -> None:
    for split in (TimeSplit(CUT), LeaveOneOut()):
        with pytest.raises(InputError, match="no events"):
            split.exam(shown(shop), Part.TEST, tmp_path / "exam")

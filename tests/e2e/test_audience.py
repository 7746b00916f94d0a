"""Who should hear of a product, through the command line; and a new event that counts without learning anew."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.e2e.conftest import Project

import siyu

Example = Callable[..., Project]


@pytest.fixture(scope="module")
def shop(example: Example) -> Project:
    """The worked example, recommended."""
    project = example("worked_example")
    for stage in ("import", "profile", "recommend"):
        project.siyu(stage, "-q")
    return project


def of(project: Project, person: str, item: str) -> dict[str, Any] | None:
    """What ``siyu explain`` says of a product to a person."""
    rows = project.json("explain", person)["recommendations"]
    return next((row for row in rows if row["item"] == item), None)


def test_the_audience_says_what_explain_says(shop: Project) -> None:
    found = shop.json("audience", "Sneakers")
    lane = found["lanes"][0]
    assert (found["item"], found["title"], found["barred"]) == ("Sneakers", "复古厚底运动鞋", "")
    assert (found["buyers"], found["known"], lane["removed"]) == (5, 14, {"already-bought": 5})
    assert lane["people"] == len(lane["best"]) == 9
    for row in lane["best"][:3]:
        told = of(shop, row["external_id"], "Sneakers")
        assert told is not None
        assert (told["score"], told["model"], told["reasons"]) == (row["score"], row["model"], row["reasons"])


def test_reach_counts_whom_the_permits_would_let_through(shop: Project) -> None:
    """people.csv: of the nine, u14 has no consent that stands."""
    found = shop.json("audience", "Sneakers")
    lane = found["lanes"][0]
    assert (found["purpose"], lane["reach"]) == ("marketing", {"email": 8})
    assert [row["external_id"] for row in lane["best"] if not row["channels"]] == ["u14"]


def test_a_part_of_the_title_will_do_and_what_is_unclear_is_told(shop: Project) -> None:
    assert "Sneakers" in shop.siyu("audience", "厚底运动")
    assert "Canvas-Shoes" in shop.siyu("audience", "鞋", expect=3)
    assert "no product 'Slippers'" in shop.siyu("audience", "Slippers", expect=4)
    assert "no lane called 'both'" in shop.siyu("audience", "Sneakers", "--lane", "both", expect=2)


def test_the_sentences_are_of_the_readers_language(shop: Project) -> None:
    english = shop.siyu("audience", "Sneakers", "--top", "1")
    assert "Bought by 5 of 14 people known." in english
    assert "already 5" in english
    shop.environment["SIYU_LANG"] = "zh"
    try:
        assert "已知 14 人中有 5 人买过。" in shop.siyu("audience", "Sneakers")
    finally:
        shop.environment["SIYU_LANG"] = "en"


def test_a_file_of_the_audience(shop: Project) -> None:
    path = shop.folder / "people.out.csv"
    shop.siyu("audience", "Sneakers", "--csv", str(path), "--top", "3")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["rank"] for row in rows] == ["1", "2", "3"]
    assert rows[0]["user_id"] == "u1"
    assert "bought together with" in rows[0]["reasons"]


def test_through_python(shop: Project) -> None:
    with siyu.open(shop.folder) as project:
        found = project.audience("Sneakers", top=2)
    names = [row["external_id"] for row in found["lanes"][0]["best"]]
    assert names[0] == "u1"
    assert names[1] in {"u5", "u14"}  # one score; of equals the first pseudonym


def test_one_new_event_counts_without_learning_anew(example: Example) -> None:
    project = example("worked_example")
    project.environment["SIYU_RECOMMENDATIONS__REFIT__SHARE"] = "1.0"  # one event is more than 5 % of this shop
    for stage in ("import", "profile", "recommend"):
        project.siyu(stage, "-q")
    assert of(project, "u12", "Sandals") is None or all(
        reason["kind"] != "viewed" for reason in (of(project, "u12", "Sandals") or {})["reasons"]
    )
    event = {"user_id": "u12", "kind": "cart", "ts": "2026-05-20T03:30:00Z", "item": "Sandals"}
    with (project.folder / "events.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(event) + "\n")
    project.siyu("import", "-q")
    done = project.json("recommend")
    assert (done["refitted"], done["touched"], done["why"]) == (False, 1, "news")
    told = of(project, "u12", "Sandals")
    assert told is not None
    assert {"viewed"} <= {reason["kind"] for reason in told["reasons"]}
    best = project.json("audience", "Sandals")["lanes"][0]["best"]
    mine = next(row for row in best if row["external_id"] == "u12")
    assert (mine["score"], mine["reasons"]) == (told["score"], told["reasons"])

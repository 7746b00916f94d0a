"""The worked example of the field: what u1 did, what is understood, what is recommended, what is said, and why."""

from __future__ import annotations

import mailbox
import shutil
from collections.abc import Callable
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.conftest import Project


@pytest.fixture(scope="module")
def project(example: Callable[..., Project]) -> Project:
    made = example("worked_example")
    made.siyu("run")
    return made


@pytest.fixture(scope="module")
def u1(project: Project) -> Any:
    return project.json("explain", "u1")


def of_facet(found: Any, facet: str) -> list[Any]:
    return [row for row in found["interests"] if row["facet"] == facet]


def test_the_t_shirt_comes_first_and_says_why(u1: Any) -> None:
    # Viewed, bought and reviewed: 1 + 6 + 3; jeans 1 + 6; sneakers 1: the order of the categories
    leaves = [row["value"] for row in of_facet(u1, "category") if " > " in row["value"]]
    assert leaves == ["上装 > T恤", "下装 > 牛仔裤", "鞋履 > 运动鞋"]
    evidence = of_facet(u1, "category")[0]["evidence"]
    assert {(event["kind"], event["item"]) for event in evidence} == {
        ("purchase", "T-shirt"),
        ("review", "T-shirt"),
        ("browse", "T-shirt"),
    }


def test_searches_and_the_review_are_interests_too(project: Project, u1: Any) -> None:
    words = {row["value"] for row in of_facet(u1, "keyword")}
    assert {"fashion", "style", "trend"} <= words


def test_weights_are_shares(u1: Any) -> None:
    assert all(0 < row["weight"] <= 1 for row in u1["interests"])
    assert sum(row["weight"] for row in of_facet(u1, "brand")) == pytest.approx(1)


def test_the_sneakers_are_recommended_with_true_reasons(u1: Any) -> None:
    first = u1["recommendations"][0]
    assert first["item"] == "Sneakers"
    together = next(reason for reason in first["reasons"] if reason["kind"] == "bought-together")
    # u2, u3 and u7 bought T-shirt and Sneakers in one order; nobody else did
    assert (together["item"], together["count"]) == ("T-shirt", 3)


def test_people_with_such_interests_and_what_they_like(u1: Any) -> None:
    assert u1["like_minded"][0]["external_id"] in {"u2", "u3", "u5", "u7"}
    assert any(other["theirs"] for other in u1["like_minded"])


def test_u1_gets_a_chinese_message_that_names_facts_and_their_source(project: Project, u1: Any) -> None:
    message = u1["messages"][0]
    text = "".join(part["text"] for part in message["parts"])
    assert (message["language"], message["status"], message["item"]) == ("zh", "approved", "Sneakers")
    assert "复古厚底运动鞋" in text
    assert "¥359" in text
    claimed = {(fact["item"], fact["slot"]): (fact["value"], fact["source"]) for fact in message["facts"]}
    assert claimed["Sneakers", "title"] == ("复古厚底运动鞋", "products.csv")
    assert claimed["Sneakers", "price"] == ("359", "products.csv")
    assert message["findings"] == []
    assert [row["state"] for row in u1["delivery"]] == ["accepted"]


def test_the_mailbox_holds_what_was_said(project: Project, u1: Any) -> None:
    box = mailbox.Maildir(project.folder / ".siyu" / "mailbox", create=False)
    message = next(found for found in box if found["To"] == "u1@readers.invalid")
    subject = next(part["text"] for part in u1["messages"][0]["parts"] if part["part"] == "subject")
    # 互联网电子邮件服务管理办法 13(3): the subject of an advertisement begins with 广告
    assert str(make_header(decode_header(message["Subject"]))) == f"【广告】{subject}"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert u1["messages"][0]["message_id"] in message["Message-ID"]
    plain = next(part for part in message.walk() if part.get_content_type() == "text/plain")
    assert "复古厚底运动鞋" in plain.get_payload(decode=True).decode("utf-8")  # type: ignore[union-attr]


def test_who_gave_no_consent_gets_nothing_and_is_told_why(project: Project) -> None:
    found = project.json("explain", "u14")
    assert [(row["state"], row["reason"]) for row in found["delivery"]] == [("skipped", "no-consent")]
    assert "no consent" in project.siyu("explain", "u14")


def test_the_english_reader_gets_english(project: Project) -> None:
    message = project.json("explain", "u9")["messages"][0]
    assert message["language"] == "en"


def test_a_second_run_reads_nothing_again_and_sends_nothing_twice(project: Project) -> None:
    before = sorted(path.name for path in (project.folder / ".siyu" / "mailbox" / "new").iterdir())
    again = project.json("run")
    assert [source["read"] for source in again["prepared"]["imported"]["events"]] == [0]
    assert again["sent"]["send"]["accepted"] == 0
    assert sorted(path.name for path in (project.folder / ".siyu" / "mailbox" / "new").iterdir()) == before
    assert len(before) == 13


def test_no_name_or_address_lies_outside_the_store(project: Project) -> None:
    """Every byte of the tables is searched, decompressed: the ids and addresses of people are not in them."""
    import pyarrow.parquet as pq

    tables = list((project.folder / ".siyu" / "tables").rglob("*.parquet"))
    assert len(tables) > 8
    for path in tables:
        rows = str(pq.read_table(path).to_pylist())
        assert "readers.invalid" not in rows, path
        assert "'u1'" not in rows, path
    assert b"readers.invalid" not in (project.folder / ".siyu" / "store.db").read_bytes()


def test_interests_carry_on_from_new_events_only(project: Project) -> None:
    (project.folder / "more.jsonl").write_text(
        '{"event_id": "n1", "user_id": "u1", "kind": "browse", "ts": "2026-05-20T03:00:00Z", "item": "Varsity"}\n',
        "utf-8",
    )
    settings = project.folder / "siyu.toml"
    settings.write_text(
        settings.read_text("utf-8").replace('["events.jsonl"]', '["events.jsonl", "more.jsonl"]'), "utf-8"
    )
    project.siyu("profile")  # takes in the sends, so that only the new event is left
    imported = project.json("import")
    assert imported["events"][0]["read"] == 1
    profiled = project.json("profile")
    assert (profiled["mode"], profiled["events"]) == ("incremental", 1)
    values = {row["value"] for row in project.json("explain", "u1")["interests"]}
    assert "上装 > 外套" in values


def test_rehearsals_leave_no_trace(example: Callable[..., Project]) -> None:
    fresh = example("worked_example")
    told = fresh.json("run", "--dry-run")
    assert told["rehearsed"]["would_send"] == 13
    assert list(Path(fresh.folder / ".siyu").glob("mailbox/new/*")) == []
    tested = fresh.json("send", "--test-to", "me@example.com")
    assert tested["tests"] == 3
    assert fresh.json("send")["send"]["accepted"] == 13


def test_a_store_without_its_keys_gets_no_new_ones(example: Callable[..., Project]) -> None:
    lost = example("worked_example")
    lost.siyu("import")
    shutil.rmtree(lost.folder / ".siyu" / "keys")
    told = lost.siyu("run", expect=5)
    assert "key" in told
    assert not (lost.folder / ".siyu" / "keys").exists()

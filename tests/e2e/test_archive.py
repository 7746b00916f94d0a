"""The ad archive: every ad that left is in it, once, in a chain; an erased person's cannot be read, the rest holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.e2e.conftest import Project

from siyu.app.moments import moment
from siyu.app.shop import Shop
from siyu.privacy.erasure import erase


@pytest.fixture(scope="module")
def project(example: Callable[..., Project]) -> Project:
    made = example("worked_example")
    made.siyu("run", "-q")
    return made


def exported(project: Project, name: str, *more: str) -> tuple[list[Any], list[Any]]:
    """The common parts of files, and the messages."""
    target = project.folder / name
    project.siyu("archive", "export", str(target), *more)
    lines = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    return [line for line in lines if "law" in line], [line for line in lines if "law" not in line]


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.slow
def test_every_ad_is_there_with_its_words_facts_law_and_delivery(project: Project) -> None:
    assert project.json("archive")["messages"] == 13
    project.siyu("send", "-q")
    assert project.json("archive")["messages"] == 13  # once each
    about, ads = exported(project, "ads.jsonl")
    assert len(ads) == 13
    explained = project.json("explain", "u1")
    message = explained["message"] if "message" in explained else explained["messages"][0]
    mine = next(ad for ad in ads if ad["message_id"] == message["message_id"])
    assert [part["text"] for part in mine["parts"]] == [part["text"] for part in message["parts"]]
    assert {fact["slot"] for fact in mine["facts"]} >= {"title", "price"}
    assert mine["delivery"]["state"] == "accepted"
    used = {part["piece_id"] for ad in ads for part in ad["parts"]}
    assert used <= {piece for file in about for piece in file["pieces"]}
    assert about[0]["place"] == "cn"
    assert any(rule["id"].startswith("cn.") for file in about[0]["law"].values() for rule in file.get("rule", ()))


@pytest.mark.slow
def test_nothing_personal_lies_open(project: Project) -> None:
    raw = bytes_of(project.folder / ".siyu" / "archive")
    assert b"u1@" not in raw
    file = next((project.folder / ".siyu" / "archive").glob("*.parquet"))
    sealed = pq.read_table(file)["sealed"].to_pylist()
    assert len(set(sealed)) == 13
    _, ads = exported(project, "open.jsonl")
    assert all(ad["parts"][0]["text"].encode() not in b"".join(sealed) for ad in ads)


@pytest.mark.slow
def test_erasure_and_the_chain_both_hold(example: Callable[..., Project]) -> None:
    project = example("worked_example")
    project.siyu("run", "-q")
    shop = Shop(project.folder, as_of=moment("2026-05-21"))
    person = shop.person("u1")
    assert erase(shop.contacts, person, actor="test")
    shop.close()
    assert project.siyu("archive").count("whole")
    _, ads = exported(project, "after.jsonl")
    assert len(ads) == 13
    assert sum(ad.get("erased", False) for ad in ads) == 1
    assert person not in {ad.get("person") for ad in ads}


@pytest.mark.slow
def test_what_was_changed_is_found(example: Callable[..., Project]) -> None:
    project = example("worked_example")
    project.siyu("run", "-q")
    file = next((project.folder / ".siyu" / "archive").glob("*.parquet"))
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    assert "was changed" in project.siyu("archive", expect=1)
    assert "not as it was written" in project.siyu("archive", "export", "x.jsonl", expect=1)
    file.unlink()
    assert "missing" in project.siyu("archive", expect=1)
    file.write_bytes(whole)
    assert project.json("archive", "prune") == 0
    assert project.json("archive", "prune", "--as-of", "2030-01-01") == 1
    assert project.json("archive")["removed"] == 1  # its link stays, and the chain is whole
    assert not file.exists()

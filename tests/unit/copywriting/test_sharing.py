"""What is shared among readers must leak nothing: together and alone, marked and read again, messages are the same."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import siyu
from siyu.copywriting import CopySettings, write_messages
from siyu.copywriting.gate import Gate, Refusal
from siyu.domain.campaigns import Audience, Campaign
from siyu.domain.clock import FixedClock
from siyu.domain.copy import ApprovedCopy
from siyu.domain.ids import PersonId
from siyu.domain.proof import Seal, SealKind
from siyu.engine.port import Engine
from siyu.engine.schemas import MESSAGES

from .conftest import NOW, Even, Shop, campaign, reason, rec

KEY = b"k" * 32
Answer = ApprovedCopy | Refusal


def plain(answers: Sequence[Answer]) -> list[tuple[Any, ...]]:
    """Every field of every answer, claims in one order."""
    return [
        tuple(
            sorted(map(repr, getattr(answer, name))) if name == "facts" else getattr(answer, name)
            for name in answer.__dataclass_fields__
        )
        for answer in answers
    ]


def rows_of(engine: Engine, where: str = "") -> list[dict[str, Any]]:
    engine.table("messages", "messages")
    batches = engine.batches(f"SELECT * FROM messages {where} ORDER BY message_id")
    return [row for batch in batches for row in batch.to_pylist()]


def write(engine: Engine, about: Campaign, settings: CopySettings, now: datetime = NOW) -> None:
    write_messages(
        engine, about, settings=settings, offers=(), step=0, clock=FixedClock(now), policy=Even(), key=KEY
    )  # fmt: skip


def gate(engine: Engine, about: Campaign, settings: CopySettings, key: bytes | None = KEY) -> Gate:
    return Gate(Seal(SealKind.REVIEW), engine, about, settings=settings, key=key)


def both_ways(
    engine: Engine, about: Campaign, settings: CopySettings, rows: Sequence[dict[str, Any]], now: datetime = NOW
) -> int:
    """A gate that knows the marks and one that reads everything again must agree in every field; how many may go."""
    batch = pa.RecordBatch.from_pylist(list(rows), MESSAGES)
    fast, slow = (gate(engine, about, settings, key).release(batch, now) for key in (KEY, None))
    assert plain(fast) == plain(slow)
    return sum(isinstance(answer, ApprovedCopy) for answer in fast)


def alone(
    engine: Engine, about: Campaign, settings: CopySettings, people: Sequence[str], now: datetime = NOW
) -> list[Any]:
    """Messages written for one reader after the other, with nothing remembered between them."""
    found = []
    for person in people:
        write(engine, dataclasses.replace(about, audience=Audience(people=(PersonId(person),))), settings, now)
        found += rows_of(engine)
    return sorted(found, key=lambda row: str(row["message_id"]))


@pytest.mark.parametrize("channel", ["mailbox", "push"])
def test_readers_together_get_what_each_would_get_alone(shop: Shop, channel: str) -> None:
    """Readers of few briefs, with past products and counts of their own, in two languages."""
    people = [f"{n:032x}" for n in range(24)]
    shop.people = [{**shop.people[n % 2], "person": person} for n, person in enumerate(people)]
    shop.recommendations = [
        rec(person, 1, ("sneakers", "shirt")[n % 2], reason("bought-together", ("tee", "jeans", "holder")[n % 3], n))
        for n, person in enumerate(people)
    ] + [rec(person, 2, "jeans", reason("interest")) for person in people[::2]]
    shop.events = [{**row, "person": person} for person in people[::3] for row in shop.events]
    shop.interests = [{**row, "person": person} for n, person in enumerate(people) for row in shop.interests[: n % 5]]
    shop.publish()
    about = campaign(channel=channel)
    write(shop.engine, about, CopySettings())
    together = rows_of(shop.engine)
    assert len({row["brief_id"] for row in together}) < len(together) == len(people)
    assert alone(shop.engine, about, CopySettings(), people) == together


def test_a_marked_message_and_one_read_again_are_one(shop: Shop) -> None:
    shop.publish()
    write(shop.engine, campaign(), CopySettings())
    assert both_ways(shop.engine, campaign(), CopySettings(), shop.messages()) == 3
    shop.products["shirt"]["price"] = 149.0  # in the message of u1 and u2: filled in anew
    shop.products["holder"]["stock"] = 0  # in those of u2 and u3
    shop.publish()
    assert both_ways(shop.engine, campaign(), CopySettings(), shop.messages()) == 1


EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


@pytest.mark.slow
@pytest.mark.parametrize("example", ["worked_example", "complete_journey", "online_retail"])
def test_real_readers_together_and_alone_marked_and_read_again(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, example: str
) -> None:
    """A sample of the real data sets, and all of the worked example: every field of every row, of every answer."""
    if example != "worked_example":
        monkeypatch.setenv("SIYU_PROJECT__INPUTS", str(request.getfixturevalue("real_data") / example))
    shutil.copytree(EXAMPLES / example, tmp_path / "shop")
    with siyu.open(tmp_path / "shop") as project:
        project.import_data()
        project.profile()
        project.recommend()
        shop, now = project.shop, project.shop.clock.now()
        engine, about, settings = shop.engine, shop.campaign, shop.copy_settings
        write(engine, about, settings, now)
        rows = rows_of(engine)
        told = [row for row in rows if row["status"] == "approved"]
        sample = told[:: max(1, len(told) // 300)]
        assert both_ways(engine, about, settings, sample, now) == len(sample) > 0
        few = sample[:: max(1, len(sample) // 10)]
        assert alone(engine, about, settings, [row["person"] for row in few], now) == few

"""A campaign whose writer is a model: messages that pass the gate's checks, counts that add up, runs that go on."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from siyu.copywriting import CopyReport, CopySettings, write_messages
from siyu.copywriting.writers.openai_compatible import ModelOptions
from siyu.domain.clock import FixedClock
from siyu.engine.schemas import PRODUCT_ASPECTS

from ..conftest import NOW, U1, Even, Shop, campaign, person_row, reason, rec
from .model_server import Said, Server, answer, good_lines


def write(shop: Shop, server: Server, **options: Any) -> CopyReport:
    chosen = {"url": server.url, "model": "small", "wait": 0.001, "retries": 0} | options
    return write_messages(
        shop.engine, campaign(writer="openai_compatible"), settings=CopySettings(), offers=(), step=0,
        clock=FixedClock(NOW), policy=Even(), writers={"openai_compatible": ModelOptions(**chosen)},
    )  # fmt: skip


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """Sixty more people, so that something is shared by fifty."""
    people = [f"{n:032x}" for n in range(1000, 1060)]
    shop.people += [person_row(person) for person in people]
    shop.recommendations += [rec(person, 1, "shirt", reason("interest")) for person in people]
    return shop


def texts(shop: Shop) -> str:
    return json.dumps([row["parts"] for row in shop.messages()], ensure_ascii=False)


def test_messages_hold_lines_of_the_model_and_are_approved(shop: Shop, server: Server) -> None:
    shop.publish()
    report = write(shop, server)
    assert report.usage is not None
    assert (report.approved, report.refused) == (63, 0)  # u4 has no recommendation
    assert report.usage.calls == len(server.asked) > 0
    assert any(line in texts(shop) for line in ("挑了一件，请您慢慢看。", "有空的话，看看这一件。", "今天想请您看看"))
    told = json.dumps(server.asked, ensure_ascii=False)
    assert not any(row["person"] in told for row in shop.people)


def test_a_second_run_writes_nothing_anew(shop: Shop, server: Server) -> None:
    shop.publish()
    write(shop, server)
    before, asked = texts(shop), len(server.asked)
    again = write(shop, server)
    assert (texts(shop), len(server.asked), again.written) == (before, asked, 0)


def test_a_run_that_stopped_at_its_budget_goes_on(shop: Shop, server: Server) -> None:
    shop.publish()
    stopped = write(shop, server, calls=1)
    assert stopped.usage is not None
    assert (stopped.usage.stopped, stopped.approved) == ("calls", 63)
    done = write(shop, server)
    assert done.usage is not None
    assert (done.usage.stopped, done.approved, done.usage.unasked) == ("", 63, 0)
    assert done.usage.kept > 0


def test_a_server_that_is_down_costs_no_message(shop: Shop, server: Server) -> None:
    shop.publish()
    server.usual = lambda request: Said(503, b"")
    report = write(shop, server)
    assert report.usage is not None
    assert (report.usage.stopped, report.approved) == ("server", 63)


def test_what_buyers_praise_is_a_fact_that_a_line_may_tell(shop: Shop, server: Server) -> None:
    row = dict.fromkeys(PRODUCT_ASPECTS.names) | {
        "praise": [{"clause": "my wife loves it", "event_id": "e"}],
        "blame": [],
    }
    aspects = [
        row | {"item": "shirt", "aspect": "quality", "praised": 12, "blamed": 0, "low": 0.8, "selling_point": True},
        row | {"item": "shirt", "aspect": "size", "praised": 1, "blamed": 9, "low": 0.1, "selling_point": False},
    ]
    shop.publish()
    shop.engine.write(pa.Table.from_pylist(aspects, PRODUCT_ASPECTS).to_reader(), "product_aspects")

    def praising(order: dict[str, Any], language: str) -> list[dict[str, str]]:
        lines = [line for line in good_lines(order, language) if line["part"] != "point"]
        if "{praise.quality}" in order["slots"]:
            lines += [{"part": "point", "text": "买过的人称赞它的{praise.quality}。"}] * 3
        return lines

    server.usual = lambda request: answer(request, praising)
    report = write(shop, server)
    assert report.refused == 0
    told = json.dumps(server.asked, ensure_ascii=False)
    assert "{praise.quality}" in told
    assert "praise.size" not in told
    assert "wife" not in told
    assert "买过的人称赞它的质量。" in texts(shop)
    claimed = [fact for row in shop.messages() for fact in row["facts"] if fact["slot"] == "praise.quality"]
    assert claimed
    assert {fact["source"] for fact in claimed} == {"product_aspects:quality"}
    assert U1 not in told

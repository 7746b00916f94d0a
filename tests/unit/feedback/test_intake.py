"""Tracking hits: forged links, robots, replays, unsubscribes; and the events made of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from siyu.delivery import Sender, plan
from siyu.delivery.channels import open_channel
from siyu.delivery.links import Links
from siyu.domain.clock import FixedClock
from siyu.domain.errors import InputError
from siyu.domain.ids import ItemId, stable_id
from siyu.engine.embedded import EmbeddedEngine
from siyu.engine.schemas import EVENTS
from siyu.feedback import Intake, intake, read_jsonl, sent_events

from ..delivery.shop import NOON, SENDER, SETTINGS, Shop, all_good, people, table

PERSONS = people(6)
LATER = FixedClock(NOON + timedelta(days=1))
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
PLAIN_NOON = NOON.replace(tzinfo=None)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Six messages accepted at noon."""
    made = Shop(tmp_path / "shop")
    plan(made.ledger, made.of, table(PERSONS), known=all_good(PERSONS), clock=FixedClock(NOON))
    mail = open_channel("mailbox", {"path": tmp_path / "mail"})
    assert Sender(made.desk(mail), made.of, settings=SETTINGS, clock=FixedClock(NOON)).run().accepted == 6
    return made


def message(shop: Shop, number: int) -> str:
    return stable_id(shop.of.name, "0", PERSONS[number], shop.of.channel)


def links(shop: Shop, number: int) -> Links:
    return Links(shop.signer, SENDER.link_host, message(shop, number))


def hit(url: str, seconds: float = 60, agent: str = CHROME, method: str = "GET", **more: object) -> dict[str, object]:
    moment: datetime = PLAIN_NOON + timedelta(seconds=seconds)
    return {"url": url, "ts": moment, "user_agent": agent, "method": method, **more}


def judge(engine: EmbeddedEngine, shop: Shop, hits: Sequence[dict[str, object]]) -> Intake:
    schema = pa.schema(
        [("url", pa.string()), ("ts", pa.timestamp("us")), ("user_agent", pa.string()), ("method", pa.string())]
    )
    raw = pa.Table.from_pylist(list(hits), schema=schema)
    found = intake(engine, shop.ledger, raw, verifier=shop.signer, clock=LATER)
    assert found.hits == found.forged + sum(found.verdicts.values())
    assert found.events.schema == EVENTS
    return found


def append(engine: EmbeddedEngine, events: pa.Table) -> None:
    engine.write(events.to_reader(), "events", append=True)


def test_a_click_and_an_open_become_events(engine: EmbeddedEngine, shop: Shop) -> None:
    one = links(shop, 0)
    found = judge(engine, shop, [hit(one.product(ItemId("lamp")), 90), hit(one.pixel(), 60)])
    rows = found.events.to_pylist()
    assert [(r["kind"], r["item"], r["person"], r["message_id"]) for r in rows] == [
        ("open", None, PERSONS[0], message(shop, 0)),
        ("click", "lamp", PERSONS[0], message(shop, 0)),
    ]
    assert rows[1]["ts"] == rows[1]["effective_ts"] == PLAIN_NOON + timedelta(seconds=90)
    assert (rows[1]["channel"], rows[1]["source"], rows[1]["quantity"]) == ("mailbox", "messages", 1.0)


def test_forged_links_are_counted_and_dropped(engine: EmbeddedEngine, shop: Shop) -> None:
    good = links(shop, 0).product(ItemId("lamp"))
    as_unsubscribe = good.replace("/click/", "/unsubscribe/")
    bad = [
        good[:-2],
        good + "x",
        as_unsubscribe,
        "https://go.lamp.example/",
        "",
        "/click/",
        "/admin/1.e30.AA",
        good + "/x",
    ]
    found = judge(engine, shop, [hit(url, method="POST") for url in bad])
    assert (found.forged, found.events.num_rows, found.unsubscribes.num_rows) == (len(bad), 0, 0)


def test_replays_count_once_in_a_batch_and_over_batches(engine: EmbeddedEngine, shop: Shop) -> None:
    click = hit(links(shop, 0).product(ItemId("lamp")))
    first = judge(engine, shop, [click] * 10)
    assert (first.events.num_rows, first.replays) == (1, 9)
    append(engine, first.events)
    again = judge(engine, shop, [click])
    assert (again.events.num_rows, again.replays) == (0, 1)
    later = judge(engine, shop, [hit(links(shop, 0).product(ItemId("lamp")), 600)])
    assert later.events.num_rows == 1  # another minute is another click


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, "robot"),
        ({"agent": ""}, "robot"),
        ({"agent": "python-requests/2.32"}, "robot"),
        ({"seconds": 1.0}, "too-fast"),
        ({"seconds": -5.0}, "before-send"),
        ({"seconds": 90_000.0}, "future"),  # a day and an hour after noon; it is noon a day later
    ],
)
def test_hits_that_are_no_readers(engine: EmbeddedEngine, shop: Shop, change: dict[str, object], verdict: str) -> None:
    found = judge(engine, shop, [hit(links(shop, 0).product(ItemId("lamp")), **change)])  # type: ignore[arg-type]
    assert dict(found.verdicts) == {verdict: 1}
    assert found.events.num_rows == 0


@pytest.mark.parametrize("agent", ["Mozilla/5.0", "Mozilla/5.0 (Windows NT 5.1) (via ggpht.com GoogleImageProxy)"])
def test_privacy_proxies_open_but_do_not_click(engine: EmbeddedEngine, shop: Shop, agent: str) -> None:
    one = links(shop, 0)
    found = judge(engine, shop, [hit(one.pixel(), agent=agent), hit(one.product(ItemId("lamp")), agent=agent)])
    assert dict(found.verdicts) == {"proxy": 1, "person": 1}


def test_the_honeypot_gives_a_scanner_away(engine: EmbeddedEngine, shop: Shop) -> None:
    one, other = links(shop, 0), links(shop, 1)
    scanner = "Mozilla/5.0 (Windows NT 10.0) Chrome/99.0 Safari"
    found = judge(
        engine,
        shop,
        [
            hit(one.product(ItemId("lamp")), 30, scanner),
            hit(one.trap(), 31, scanner),
            hit(one.product(ItemId("lamp")), 400, CHROME),  # the reader, by another agent
            hit(other.product(ItemId("lamp")), 30, scanner),  # another message: nothing is known against it
            hit(one.product(ItemId("lamp")), 31 + 601, scanner),  # more than ten minutes after
        ],
    )
    assert dict(found.verdicts) == {"honeypot": 2, "person": 3}


def test_a_get_never_unsubscribes_and_a_post_does_once(engine: EmbeddedEngine, shop: Shop) -> None:
    url = links(shop, 0).unsubscribe()
    seen = judge(engine, shop, [hit(url), hit(url, method="HEAD")])
    assert (dict(seen.verdicts), seen.unsubscribes.num_rows) == ({"not-confirmed": 2}, 0)
    # one-click posts come from the mail provider, at once and under any agent (RFC 8058)
    posted = judge(engine, shop, [hit(url, 1, "", "POST"), hit(url, 5000, CHROME, "post")])
    assert posted.unsubscribes.to_pylist() == [
        {"person": PERSONS[0], "channel": "mailbox", "message_id": message(shop, 0), "ts": PLAIN_NOON + timedelta(0, 1)}
    ]
    append(engine, posted.events)
    assert judge(engine, shop, [hit(url, 9000, CHROME, "POST")]).unsubscribes.num_rows == 0


def test_messages_nobody_knows(engine: EmbeddedEngine, shop: Shop) -> None:
    stranger = Links(shop.signer, SENDER.link_host, stable_id("test", "x"))
    found = judge(engine, shop, [hit(stranger.product(ItemId("lamp"))), hit(stranger.unsubscribe(), method="POST")])
    assert dict(found.verdicts) == {"unknown-message": 2}
    assert found.unsubscribes.num_rows == 0


def test_no_hits(engine: EmbeddedEngine, shop: Shop) -> None:
    found = judge(engine, shop, [])
    assert (found.hits, found.events.num_rows, dict(found.verdicts)) == (0, 0, {})


def test_hits_from_a_file(engine: EmbeddedEngine, shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "hits.jsonl"
    line = {"url": links(shop, 0).pixel(), "ts": "2026-06-01T05:00:00", "user_agent": CHROME, "extra": [1]}
    path.write_text(json.dumps(line) + "\n", "utf-8")
    found = intake(engine, shop.ledger, read_jsonl(path), verifier=shop.signer, clock=LATER)
    assert dict(found.verdicts) == {"person": 1}
    path.write_text("", "utf-8")
    assert read_jsonl(path).num_rows == 0
    path.write_text("{not json", "utf-8")
    with pytest.raises(InputError, match=r"hits\.jsonl"):
        read_jsonl(path)
    with pytest.raises(InputError, match="url and ts"):
        intake(engine, shop.ledger, pa.table({"a": [1]}), verifier=shop.signer, clock=LATER)


def test_feedback_keeps_its_rating(engine: EmbeddedEngine, shop: Shop) -> None:
    url = f"https://go.lamp.example/feedback/{shop.signer.sign('feedback', message(shop, 2))}"
    raw = pa.table({"url": [url], "ts": [PLAIN_NOON + timedelta(hours=1)], "rating": [4], "text": ["不错"]})
    rows = intake(engine, shop.ledger, raw, verifier=shop.signer, clock=LATER).events.to_pylist()
    assert [(r["kind"], r["rating"], r["text"], r["person"]) for r in rows] == [("feedback", 4.0, "不错", PERSONS[2])]


def test_sent_events_are_the_same_every_time(shop: Shop) -> None:
    once = sent_events(shop.ledger, shop.of.name)
    assert once.schema == EVENTS
    assert once.num_rows == 6 == len(set(once["event_id"].to_pylist()))
    assert set(once["ts"].to_pylist()) == {PLAIN_NOON}
    assert sent_events(shop.ledger, shop.of.name).equals(once)

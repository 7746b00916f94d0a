"""Bodies as the Segment specification prints them, shortened."""

from __future__ import annotations

import json
from pathlib import Path

from siyu.engine import resolved
from siyu.engine.embedded import EmbeddedEngine

from .conftest import Importer, jsonl, name_of, rows, set_aside

WHO = {"userId": "u1", "anonymousId": "a1", "type": "track", "context": {"locale": "en-US"}}


def track(event: str, minute: int, **properties: object) -> dict[str, object]:
    moment = f"2026-05-01T10:{minute:02d}:00.000Z"
    return {**WHO, "event": event, "messageId": f"m{minute}", "timestamp": moment, "properties": properties}


CALLS = [
    track("Product Viewed", 0, product_id="p1", sku="s1", price=18.99, currency="usd", name="Monopoly"),
    track("Products Searched", 1, query="blue hotpants"),
    track("Product Added", 2, product_id="p1", price=18.99, quantity=2, currency="USD"),
    track(
        "Order Completed",
        3,
        order_id="o1",
        currency="USD",
        total=27.5,
        products=[
            {"product_id": "p1", "price": 19, "quantity": 2},
            {"sku": "s2", "price": 3, "quantity": 1},
        ],
    ),
    track("Order Refunded", 4, order_id="o1", currency="USD", products=[{"product_id": "p1", "quantity": 1}]),
    track(
        "Product Reviewed", 5, product_id="p1", review_body="Mail me at joe@example.com, lovely board game", rating="4"
    ),
    track("Coupon Entered", 6, coupon_id="may_deals_2016"),
    {**WHO, "type": "page", "messageId": "p", "timestamp": "2026-05-01T10:07:00Z", "properties": {"url": "/"}},
]


def test_ecommerce_events(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    report = take(paths=(jsonl(tmp_path / "e.jsonl", *CALLS),), format="segment", constants={})
    assert (report.read, report.accepted) == (9, 7)  # 8 calls; the order gives two rows
    found = [
        (row["event_id"], row["kind"], row["item"], row["quantity"], row["unit_price"])
        for row in rows(engine, "events", "ts, event_id")
    ]
    assert found == [
        ("m0", "browse", "p1", 1.0, 18.99),
        ("m1", "search", None, 1.0, None),
        ("m2", "cart", "p1", 2.0, 18.99),
        ("m3:0", "purchase", "p1", 2.0, 19.0),
        ("m3:1", "purchase", "s2", 1.0, 3.0),
        ("m4:0", "return", "p1", 1.0, None),
        ("m5", "review", "p1", 1.0, None),
    ]
    assert [(reason, field) for _, reason, field in set_aside(engine)] == [
        ("unknown-kind", "kind"),
        ("missing-item", "item"),
    ]
    by_kind = {row["kind"]: row for row in rows(engine, "events")}
    assert by_kind["return"]["effective_ts"] == by_kind["purchase"]["ts"]
    assert by_kind["review"]["rating"] == 4.0
    assert "joe@example.com" not in by_kind["review"]["text"]
    assert "lovely" in by_kind["review"]["tokens"] or "board" in by_kind["review"]["tokens"]
    assert {row["person"] for row in rows(engine, "events")} == {name_of("u1")}
    assert rows(engine, "aliases") == [{"alias": name_of("anonymous:a1"), "person": name_of("u1")}]


def test_a_batch_body_shares_its_context(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    inner = [{key: value for key, value in call.items() if key != "context"} for call in CALLS[:3]]
    body = {"batch": [*inner, "no call"], "context": {"userAgent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}}
    (tmp_path / "body.json").write_text(json.dumps(body, indent=2))
    report = take(paths=(str(tmp_path / "body.json"),), format="segment", constants={})
    assert (report.read, dict(report.quarantined)) == (4, {"bot": 3, "missing-person": 1})


def test_stitching_first_claim_wins(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    def call(kind: str, minute: int, **ids: str) -> dict[str, object]:
        return {"type": kind, "messageId": f"m{minute}", "timestamp": f"2026-05-01T10:{minute:02d}:00Z", **ids}

    view = {"event": "Product Viewed", "properties": {"product_id": "p"}}
    path = jsonl(
        tmp_path / "e.jsonl",
        call("identify", 9, userId="second", anonymousId="a1"),
        {**call("track", 1, anonymousId="a1"), **view},
        call("identify", 2, userId="first", anonymousId="a1"),
        call("alias", 3, userId="first", previousId="a2"),
        call("identify", 4, userId="first"),
    )
    report = take(paths=(path,), format="segment", constants={})
    assert (report.read, report.links, report.events) == (5, 4, 1)
    assert (report.aliases, report.alias_conflicts) == (2, 1)
    assert sorted(row["alias"] for row in rows(engine, "aliases")) == sorted(
        [name_of("anonymous:a1"), name_of("anonymous:a2")]
    )
    assert {row["person"] for row in rows(engine, "aliases")} == {name_of("first")}

    resolved.events(engine, name="people_events")
    (seen,) = next(iter(engine.batches("SELECT person FROM people_events"))).to_pylist()
    assert seen["person"] == name_of("first")

    later = jsonl(tmp_path / "f.jsonl", call("identify", 5, userId="third", anonymousId="a2") | {"messageId": "x"})
    report = take(paths=(later,), format="segment", constants={})
    assert (report.aliases, report.alias_conflicts) == (0, 1)  # the earliest claim by its own time holds ...

    late = jsonl(tmp_path / "g.jsonl", call("identify", 2, userId="third", anonymousId="a2") | {"messageId": "y"})
    report = take(paths=(late,), format="segment", constants={})
    assert (report.aliases, report.alias_conflicts) == (0, 0)  # ... whichever file is read first
    (moved,) = [row for row in rows(engine, "aliases") if row["alias"] == name_of("anonymous:a2")]
    assert moved["person"] == name_of("third")


def test_an_anonymous_id_is_never_taken_for_a_customers(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    """A browser sends what it likes: an anonymous id spelled like a customer number stays a stranger's."""
    seen = {"type": "track", "event": "Product Viewed", "properties": {"product_id": "p1"}}
    stranger = {**seen, "anonymousId": "u1", "messageId": "m1", "timestamp": "2026-05-01T10:00:00Z"}
    customer = {**seen, "userId": "u1", "messageId": "m2", "timestamp": "2026-05-01T10:01:00Z"}
    take(paths=(jsonl(tmp_path / "e.jsonl", stranger, customer),), format="segment", constants={})
    assert {row["person"] for row in rows(engine, "events")} == {name_of("u1"), name_of("anonymous:u1")}

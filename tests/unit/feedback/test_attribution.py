"""Attribution against numbers derived by hand: one small history, three readings."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from siyu.delivery import Sender, plan
from siyu.delivery.channels import open_channel
from siyu.delivery.holdout import held_out
from siyu.domain.clock import FixedClock
from siyu.domain.ids import stable_id
from siyu.engine.embedded import EmbeddedEngine
from siyu.engine.schemas import EVENTS
from siyu.feedback import OUTCOMES, attribute

from ..delivery.shop import NOON, SETTINGS, Shop, all_good, campaign, people, table

# the first three people of "spring" who are sent to, and the first who is held out
CAMPAIGN = campaign(hold_out=0.5, attribution=timedelta(days=7))
SECOND = campaign("second", attribution=timedelta(days=7))
MANY = people(40)
OUT = held_out(MANY, campaign="spring", share=0.5, global_share=0, salt="siyu").tolist()
ANN, BOB, CAT = [p for p, held in zip(MANY, OUT, strict=True) if not held][:3]
HAL = next(p for p, held in zip(MANY, OUT, strict=True) if held)
PERSONS = [ANN, BOB, CAT, HAL]
DAY = timedelta(days=1)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """``spring`` sent at noon on 1 June to Ann, Bob and Cat; Hal is held out."""
    made = Shop(tmp_path / "shop", of=CAMPAIGN)
    send(made, tmp_path, 0)
    return made


def send(shop: Shop, folder: Path, days: float) -> None:
    clock = FixedClock(NOON + days * DAY)
    plan(shop.ledger, shop.of, table(PERSONS), known=all_good(PERSONS), clock=clock)
    mail = open_channel("mailbox", {"path": folder / "mail"})
    Sender(shop.desk(mail), shop.of, settings=SETTINGS, clock=clock).run()


def event(kind: str, person: str, days: float, **more: object) -> dict[str, object]:
    """An event ``days`` after noon on 1 June; a return's ``of`` is the day of its purchase."""
    moment = (NOON + days * DAY).replace(tzinfo=None)
    of = more.pop("of", None)
    effective = moment if of is None else (NOON + float(of) * DAY).replace(tzinfo=None)  # type: ignore[arg-type]
    row = {"event_id": stable_id(kind, person, str(days), str(more)), "person": person, "kind": kind, "ts": moment}
    return {**row, "effective_ts": effective, "quantity": 1.0, "currency": "CNY", **more}


def buy(
    person: str, days: float, price: float, order: str, item: str = "lamp", quantity: float = 1.0
) -> dict[str, object]:
    return event("purchase", person, days, unit_price=price, order_id=order, item=item, quantity=quantity)


def click(person: str, days: float, of: str = "spring") -> dict[str, object]:
    return event("click", person, days, message_id=stable_id(of, "0", person, "mailbox"), item="lamp")


def outcomes(
    engine: EmbeddedEngine, shop: Shop, events: list[dict[str, object]], days: float, *more: object
) -> dict[str, dict[str, object]]:
    engine.write(pa.Table.from_pylist(events, schema=EVENTS).to_reader(), "events")
    attribute(engine, shop.ledger, [CAMPAIGN, *more], clock=FixedClock(NOON + days * DAY))  # type: ignore[list-item]
    engine.table("o", "outcomes")
    rows = [row for b in engine.batches("SELECT * FROM o WHERE campaign = 'spring'") for row in b.to_pylist()]
    assert len({row["person"] for row in rows}) == len(rows)
    return {row["person"]: row for row in rows}


HISTORY = [
    # Ann clicks on day 1, buys 2 lamps at 50 and a cup at 20 on day 2 (120), returns one lamp on day 4: 70 net
    click(ANN, 1),
    buy(ANN, 2, 50, "A1", quantity=2),
    buy(ANN, 2, 20, "A1", item="cup"),
    event("return", ANN, 4, of=2, unit_price=50.0, item="lamp", order_id="R9", quantity=1.0),
    # she buys again on day 7 exactly: the window is half open, so this does not count
    buy(ANN, 7, 999, "A2"),
    # and had bought before the campaign
    buy(ANN, -1, 999, "A0"),
    # Bob buys for 30 on day 3 without a click, and clicks on day 5
    buy(BOB, 3, 30, "B1"),
    click(BOB, 5),
    # Cat buys for 80 on day 1 and returns all of it on day 6
    buy(CAT, 1, 80, "C1"),
    event("return", CAT, 6, of=1, unit_price=80.0, item="lamp", order_id="R8"),
    # Hal, held out, buys for 40 on day 2 all the same
    buy(HAL, 2, 40, "H1"),
]


def test_three_readings_of_one_history(engine: EmbeddedEngine, shop: Shop) -> None:
    found = outcomes(engine, shop, HISTORY, 10)
    wanted = (
        "arm",
        "sent",
        "clicked",
        "orders",
        "revenue",
        "attributed_orders",
        "attributed_revenue",
        "any_sent_revenue",
    )
    assert {p: tuple(found[p][name] for name in wanted) for p in PERSONS} == {
        ANN: ("treated", True, True, 1.0, 70.0, 1.0, 70.0, 70.0),
        BOB: ("treated", True, True, 1.0, 30.0, 0.0, 0.0, 30.0),  # the click came after the order
        CAT: ("treated", True, False, 0.0, 0.0, 0.0, 0.0, 0.0),  # returned altogether: no order, no money
        HAL: ("hold_out", False, False, 1.0, 40.0, 0.0, 0.0, 0.0),
    }
    assert all(row["mature"] for row in found.values())


def test_nothing_is_known_before_it_happened(engine: EmbeddedEngine, shop: Shop) -> None:
    found = outcomes(engine, shop, HISTORY, 3.5)
    # on day 3.5 neither Ann's nor Cat's return has happened, and Bob has not clicked yet
    assert (found[ANN]["revenue"], found[CAT]["revenue"], found[BOB]["clicked"]) == (120.0, 80.0, False)
    assert not any(row["mature"] for row in found.values())


def test_an_order_goes_to_the_last_click_over_all_campaigns(engine: EmbeddedEngine, shop: Shop, tmp_path: Path) -> None:
    shop.of = SECOND
    send(shop, tmp_path, 1)
    events = [click(ANN, 2), click(ANN, 3, "second"), buy(ANN, 4, 100, "A1"), click(ANN, 4.5)]
    spring = outcomes(engine, shop, events, 20, SECOND)
    second = {
        row["person"]: row
        for batch in engine.batches("SELECT * FROM o WHERE campaign = 'second'")
        for row in batch.to_pylist()
    }
    assert (spring[ANN]["attributed_revenue"], second[ANN]["attributed_revenue"]) == (0.0, 100.0)
    assert (spring[ANN]["any_sent_revenue"], second[ANN]["any_sent_revenue"]) == (100.0, 100.0)
    assert (spring[ANN]["revenue"], second[ANN]["revenue"]) == (100.0, 100.0)


def test_a_message_skipped_at_sending_stays_in_its_arm(engine: EmbeddedEngine, tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop", of=CAMPAIGN, withdrawn={BOB})
    send(shop, tmp_path, 0)
    found = outcomes(engine, shop, [buy(BOB, 1, 30, "B1")], 10)
    assert (found[BOB]["arm"], found[BOB]["sent"], found[BOB]["revenue"]) == ("treated", False, 30.0)
    assert found[BOB]["any_sent_revenue"] == 0.0


def test_orders_without_a_number_are_told_apart_by_their_moment(engine: EmbeddedEngine, shop: Shop) -> None:
    events = [buy(ANN, 1, 10, "x"), buy(ANN, 2, 20, "y")]
    for row in events:
        row["order_id"] = None
    undone = event("return", ANN, 3, of=1, unit_price=10.0, item="lamp")
    found = outcomes(engine, shop, [*events, undone], 10)
    assert (found[ANN]["orders"], found[ANN]["revenue"]) == (1.0, 20.0)


def test_the_sums_are_those_of_the_rows(engine: EmbeddedEngine, shop: Shop) -> None:
    outcomes(engine, shop, HISTORY, 10)
    report = attribute(engine, shop.ledger, [CAMPAIGN], clock=FixedClock(NOON + 10 * DAY))
    treated, held = report.arms["spring", "treated"], report.arms["spring", "hold_out"]
    assert (treated["people"], treated["sent"], treated["clicked"], treated["revenue"]) == (3, 3, 2, 100.0)
    assert (held["people"], held["sent"], held["revenue"]) == (1, 0, 40.0)


def test_no_campaign_and_no_event(engine: EmbeddedEngine, shop: Shop) -> None:
    engine.write(EVENTS.empty_table().to_reader(), "events")
    assert attribute(engine, shop.ledger, [], clock=FixedClock(NOON)).arms == {}
    found = outcomes(engine, shop, [], 1)
    assert len(found) == 4
    engine.table("o", "outcomes")
    (batch,) = engine.batches("SELECT * FROM o LIMIT 1")
    assert batch.schema.names == OUTCOMES.names

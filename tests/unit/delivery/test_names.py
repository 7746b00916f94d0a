"""One person under several names: written to once, held out once, capped over all; rows stay as they were made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from siyu.delivery import PlanReport, Sender, plan
from siyu.delivery.channels import open_channel
from siyu.domain.campaigns import Campaign, Limits
from siyu.domain.clock import FixedClock
from siyu.store import links

from .shop import NOON, SETTINGS, Shop, all_good, campaign, people, table

ANN, ANNA, BOB = people(3)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path)
    made.known_addresses = {person: f"{person}@shop.example" for person in people(3)}
    return made


def link(shop: Shop, found: Mapping[str, str]) -> None:
    with shop.ledger.transaction() as connection:
        links.replace(connection, found, str(found))


def planned(shop: Shop, *persons: str, of: Campaign | None = None) -> PlanReport:
    return plan(shop.ledger, of or shop.of, table(persons), known=all_good(persons), clock=FixedClock(NOON))


def sent(shop: Shop) -> int:
    channel = open_channel("recording", {})
    return Sender(shop.desk(channel), shop.of, settings=SETTINGS, clock=FixedClock(NOON)).run().accepted


def states(shop: Shop) -> dict[str, tuple[str, str]]:
    rows = shop.ledger.to_arrow(shop.of.name).to_pylist()
    return {row["person"]: (row["state"], row["reason"]) for row in rows}


def test_whoever_was_written_to_under_another_name_is_not_written_to_again(shop: Shop) -> None:
    planned(shop, ANN)
    assert sent(shop) == 1
    link(shop, {ANN: ANNA})
    report = planned(shop, ANNA, BOB)
    assert (report.audience, report.planned, report.added) == (2, 2, 1)  # anna's is the one that ann got
    assert sent(shop) == 1
    assert states(shop) == {ANN: ("accepted", ""), BOB: ("accepted", "")}


def test_a_message_that_waits_stands_down_when_another_name_had_one(shop: Shop) -> None:
    planned(shop, ANN)
    assert sent(shop) == 1
    planned(shop, ANNA)
    link(shop, {ANN: ANNA})
    planned(shop, ANNA)
    assert states(shop)[ANNA] == ("skipped", "capped")
    assert sent(shop) == 0
    link(shop, {})
    planned(shop, ANN, ANNA, BOB)
    assert states(shop)[ANNA] == ("skipped", "capped")  # what was decided stays
    assert sent(shop) == 1


def test_two_names_that_both_wait_are_left_to_the_permits(shop: Shop) -> None:
    planned(shop, ANN, ANNA)
    link(shop, {ANN: ANNA})
    planned(shop, ANNA)
    assert {state for state, _ in states(shop).values()} == {"planned"}


def test_whoever_was_held_out_under_another_name_stays_held_out(tmp_path: Path) -> None:
    shop = Shop(tmp_path, of=campaign(hold_out=0.5))
    planned(shop, *people(60)[2:])
    held = next(person for person, state in states(shop).items() if state == ("skipped", "hold-out"))
    link(shop, {held: ANNA})
    report = planned(shop, ANNA, of=campaign(hold_out=0.0))
    assert report.skipped == {"hold-out": 1}
    assert ANNA not in states(shop)


def test_caps_count_what_went_out_under_every_name(shop: Shop) -> None:
    planned(shop, ANN)
    assert sent(shop) == 1
    link(shop, {ANN: ANNA})
    once = campaign("summer", limits=Limits(per_person_messages=1, quiet_from=0, quiet_until=0))
    assert planned(shop, ANNA, BOB, of=once).skipped == {"capped": 1}
    link(shop, {})
    again = campaign("autumn", limits=Limits(per_person_messages=1, quiet_from=0, quiet_until=0))
    assert planned(shop, ANNA, of=again).planned == 1

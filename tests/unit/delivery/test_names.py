"""One person with several names is written to once, whichever of the names was written to first."""

from __future__ import annotations

from pathlib import Path

import pytest

from siyu.delivery import plan
from siyu.domain.clock import FixedClock
from siyu.domain.ids import stable_id
from siyu.store import links
from siyu.store.ledger import Line, Settlement

from .shop import NOON, Shop, all_good, people, table

NOW = FixedClock(NOON)
PERSONS = people(8)
LATER = NOON.replace(hour=23)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path)
    plan(made.ledger, made.of, table(PERSONS), known=all_good(PERSONS), clock=NOW)
    return made


def write_to(shop: Shop, *numbers: int) -> None:
    line = Line(shop.of.name, 0, shop.of.channel)
    ids = [stable_id(shop.of.name, "0", PERSONS[number], shop.of.channel) for number in numbers]
    shop.ledger.lease(line, "one", now=NOON, until=LATER, ids=ids)
    shop.ledger.hand(ids, "one", now=NOON, until=LATER)
    shop.ledger.settle([Settlement(one, "accepted") for one in ids], now=NOON)


def link(shop: Shop, **names: int | str) -> None:
    """``p0=1``: the person 0 was merged into 1; a text is a name nobody was planned under."""
    found = {PERSONS[int(a[1:])]: b if isinstance(b, str) else PERSONS[b] for a, b in names.items()}
    with shop.ledger.transaction() as connection:
        links.replace(connection, found, "v1")


def states(shop: Shop) -> list[tuple[str, str]]:
    plan(shop.ledger, shop.of, table(PERSONS), known=all_good(PERSONS), clock=NOW)
    rows = {row["person"]: (row["state"], row["reason"]) for row in shop.ledger.to_arrow(shop.of.name).to_pylist()}
    return [rows[person] for person in PERSONS]


def test_the_name_in_use_and_the_old_ones_share_one_message(shop: Shop) -> None:
    write_to(shop, 0, 2, 4)
    link(shop, p0=1, p3=2, p4="elsewhere", p5="elsewhere")
    sent, capped, waits = ("accepted", ""), ("skipped", "capped"), ("planned", "")
    # 1: its old name 0 was written to; 3: the name it stands for now was; 5: 4, another old name of the same, was
    assert states(shop) == [sent, capped, sent, capped, sent, capped, waits, waits]


def test_nobody_written_to_nobody_stands_down(shop: Shop) -> None:
    link(shop, p0=1, p3=2)
    assert states(shop) == [("planned", "")] * 8


def test_links_between_people_already_written_to_change_nothing(shop: Shop) -> None:
    write_to(shop, 0, 1)
    link(shop, p0=1)
    assert states(shop)[:2] == [("accepted", "")] * 2

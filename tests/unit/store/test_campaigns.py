"""Campaigns and offers come back as they went in, and start once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.campaigns import Audience, Campaign, Limits, Offer
from siyu.domain.errors import MissingDataError, SettingsError, StorageError
from siyu.domain.ids import ItemId
from siyu.store import campaigns
from siyu.store.database import Store, open_store

START = datetime(2026, 11, 1, tzinfo=timezone(timedelta(hours=8)))
NOW = datetime(2026, 11, 5, tzinfo=UTC)
SPRING = Campaign(
    "double-eleven",
    START,
    START + timedelta(days=11),
    goal="discover",
    audience=Audience(lifecycle=("loyal", "at-risk"), interests=("brand:灯",), limit=500),
    offers=("ten-off",),
    limits=Limits(per_person_messages=1, quiet_from=22, quiet_until=7),
    attribution=timedelta(hours=36),
)
OFFER = Offer("ten-off", START, START + timedelta(days=11), category="家居 > 灯", percent_off=10.0, terms="满百")


@pytest.fixture
def store() -> Store:
    return open_store("sqlite://")


def test_round_trip(store: Store) -> None:
    with store.connection() as connection:
        assert campaigns.put_campaign(connection, SPRING, NOW) == 1
        campaigns.put_offer(connection, OFFER, NOW)
        assert campaigns.campaign(connection, "double-eleven") == SPRING
        assert campaigns.offer(connection, "ten-off") == OFFER
        assert campaigns.campaigns(connection) == [(SPRING, "draft")]


@given(
    price=st.floats(0.01, 1e12),
    stock=st.none() | st.integers(0, 10**9),
    words=st.text(st.characters(exclude_categories=["Cs"])),
)
def test_any_valid_offer_round_trips(price: float, stock: int | None, words: str) -> None:
    offer = Offer("o", START, NOW, item=ItemId("p'1"), price=price, currency="CNY", stock=stock, terms=words)
    store = open_store("sqlite://")
    with store.connection() as connection:
        campaigns.put_offer(connection, offer, NOW)
        assert campaigns.offer(connection, "o") == offer


def test_a_change_is_a_new_revision_and_undoes_approval(store: Store) -> None:
    with store.connection() as connection:
        campaigns.put_campaign(connection, SPRING, NOW)
        assert campaigns.move(connection, SPRING.name, expected="draft", to="approved", at=NOW)
        assert campaigns.put_campaign(connection, SPRING, NOW) == 1  # the same: still approved
        assert campaigns.status(connection, SPRING.name) == "approved"
        assert campaigns.put_campaign(connection, replace(SPRING, tone="plain"), NOW) == 2
        assert campaigns.status(connection, SPRING.name) == "draft"


def test_of_two_starters_one_wins(store: Store) -> None:
    with store.connection() as connection:
        campaigns.put_campaign(connection, SPRING, NOW)
        outcomes = [campaigns.move(connection, SPRING.name, expected="draft", to="running", at=NOW) for _ in range(2)]
    assert outcomes == [True, False]
    with store.connection() as connection, pytest.raises(SettingsError, match="no status"):
        campaigns.move(connection, SPRING.name, expected="running", to="flying", at=NOW)


def test_only_offers_in_force(store: Store) -> None:
    over = replace(OFFER, name="over", end=START + timedelta(days=1))
    gone = replace(OFFER, name="gone", stock=0)
    with store.connection() as connection:
        for one in (OFFER, over, gone):
            campaigns.put_offer(connection, one, NOW)
        assert campaigns.offers(connection, NOW) == [OFFER]
        assert [one.name for one in campaigns.offers(connection)] == ["gone", "over", "ten-off"]
        campaigns.drop_offer(connection, "gone")
        assert len(campaigns.offers(connection)) == 2


def test_what_is_missing_or_damaged_is_said(store: Store) -> None:
    with store.connection() as connection:
        with pytest.raises(MissingDataError, match="no campaign 'none'"):
            campaigns.campaign(connection, "none")
        campaigns.put_offer(connection, OFFER, NOW)
        broken = campaigns.OFFERS.update().values(body='{"name": "ten-off"}')
        connection.execute(broken)
        with pytest.raises(StorageError, match="cannot be read back"):
            campaigns.offer(connection, "ten-off")

"""Campaigns and offers are refused where they are made, not where they would hurt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from siyu.domain.campaigns import Campaign, Limits, Offer
from siyu.domain.errors import SettingsError
from siyu.domain.ids import ItemId

START = datetime(2026, 11, 1, tzinfo=UTC)
END = datetime(2026, 11, 12, tzinfo=UTC)


def offer(**changes: object) -> Offer:
    given: dict[str, object] = {"name": "double-eleven", "start": START, "end": END, "item": ItemId("p1")}
    return Offer(**{**given, "percent_off": 20.0, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Double Eleven"},
        {"name": ""},
        {"item": None},
        {"category": "shoes"},
        {"percent_off": 0.0},
        {"percent_off": 100.0},
        {"percent_off": None},
        {"price": 9.0, "currency": "CNY"},
        {"percent_off": None, "price": 9.0},
        {"percent_off": None, "price": -1.0, "currency": "CNY"},
        {"percent_off": None, "price": float("inf"), "currency": "CNY"},
        {"stock": -1},
        {"end": START},
        {"start": datetime(2026, 11, 1)},  # noqa: DTZ001 - the missing zone is what is tested
    ],
)
def test_a_broken_offer_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        offer(**changes)


def test_an_offer_holds_from_its_start_until_just_before_its_end() -> None:
    terms = offer(stock=3)
    assert terms.in_force(START)
    assert terms.in_force(END - timedelta(microseconds=1))
    assert not terms.in_force(START - timedelta(microseconds=1))
    assert not terms.in_force(END)
    assert not replace(terms, stock=0).in_force(START)


@pytest.mark.parametrize(
    "changes",
    [
        {"goal": "everything"},
        {"hold_out": 0.51},
        {"hold_out": -0.01},
        {"languages": ()},
        {"attribution": timedelta(0)},
        {"end": START},
        {"name": "../etc"},
    ],
)
def test_a_broken_campaign_is_refused(changes: dict[str, object]) -> None:
    given: dict[str, object] = {"name": "spring", "start": START, "end": END}
    with pytest.raises(SettingsError):
        Campaign(**{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes", [{"quiet_from": 24}, {"quiet_until": -1}, {"per_person_messages": 0}, {"items": 0}, {"items": 11}]
)
def test_broken_limits_are_refused(changes: dict[str, int]) -> None:
    with pytest.raises(SettingsError):
        Limits(**changes)

"""What the law of a place requires stands in every message, or nothing is sent."""

from __future__ import annotations

import pytest

from siyu.delivery.required import check_sender, required
from siyu.delivery.settings import SenderIdentity
from siyu.domain.errors import SettingsError


def test_china_asks_for_the_word_in_subject_and_body() -> None:
    assert {"ad-mark", "subject-ad-mark", "sender", "refuse"} <= required("cn", "email")


def test_a_place_without_a_pack_requires_nothing_here() -> None:
    assert required("atlantis", "email") == frozenset()
    assert required("../cn", "email") == frozenset()


def test_the_us_asks_for_a_postal_address_in_email() -> None:
    with pytest.raises(SettingsError, match=r"CAN-SPAM.*\[delivery.sender\] postal"):
        check_sender("us", "email", SenderIdentity(name="Shop"))
    check_sender("us", "email", SenderIdentity(name="Shop", postal="1 Main Street"))
    check_sender("cn", "email", SenderIdentity(name="Shop"))

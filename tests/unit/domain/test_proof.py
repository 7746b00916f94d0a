"""Proofs cannot be made without the right seal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from siyu.domain.contact import Exposure, Permit
from siyu.domain.copy import ApprovedCopy
from siyu.domain.errors import NotPermittedError
from siyu.domain.ids import PersonId
from siyu.domain.proof import Seal, SealKind

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANN = PersonId("a" * 32)


def permit(seal: Seal) -> Permit:
    return Permit(ANN, "marketing", "mailbox", "c1", NOW, NOW + timedelta(hours=1), seal)


def test_a_permit_needs_the_consent_seal() -> None:
    with pytest.raises(NotPermittedError, match="consent"):
        permit(Seal(SealKind.REVIEW))


def test_a_permit_covers_one_person_purpose_channel_and_time() -> None:
    given = permit(Seal(SealKind.CONSENT))
    assert given.covers(ANN, "marketing", "mailbox", NOW)
    assert not given.covers(PersonId("b" * 32), "marketing", "mailbox", NOW)
    assert not given.covers(ANN, "research", "mailbox", NOW)
    assert not given.covers(ANN, "marketing", "sms", NOW)
    assert not given.covers(ANN, "marketing", "mailbox", NOW + timedelta(hours=1))
    assert not given.covers(ANN, "marketing", "mailbox", NOW - timedelta(seconds=1))


def test_copy_is_approved_by_the_gate_alone() -> None:
    with pytest.raises(NotPermittedError, match="review"):
        ApprovedCopy("m", ANN, "c", "zh", (), (), (), (), "b", NOW, Seal(SealKind.CONSENT))


@pytest.mark.parametrize("propensity", [0.0, -0.1, 1.1, float("nan")])
def test_an_exposure_has_a_propensity(propensity: float) -> None:
    with pytest.raises(ValueError, match="propensity"):
        Exposure("m", ANN, "c", "a", (), propensity, "uniform", NOW, Seal(SealKind.POLICY))

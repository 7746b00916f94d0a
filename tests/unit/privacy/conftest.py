"""A ring of keys, a store on disk, a contact book and a consent ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings

from siyu.domain.proof import Seal, SealKind
from siyu.privacy.consent import ConsentLedger
from siyu.privacy.contacts import ContactBook
from siyu.privacy.keys import KeyRing
from siyu.privacy.pseudonyms import Pseudonymiser
from siyu.store.database import Store, open_store

settings.register_profile("unhurried", deadline=None)  # first calls compile regular expressions and load libraries
settings.load_profile("unhurried")


@dataclass
class HandClock:
    """A clock that is moved by hand."""

    moment: datetime = field(default=datetime(2026, 6, 1, 12, tzinfo=UTC))

    def now(self) -> datetime:
        return self.moment

    def advance(self, **by: float) -> None:
        self.moment += timedelta(**by)


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    return KeyRing.create(tmp_path_factory.mktemp("ring") / "keys")


@pytest.fixture
def hand_clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "siyu.db")


@pytest.fixture
def book(store: Store, keys: KeyRing, hand_clock: HandClock) -> ContactBook:
    return ContactBook(store, keys, clock=hand_clock)


@pytest.fixture
def ledger(store: Store, hand_clock: HandClock) -> ConsentLedger:
    return ConsentLedger(store, seal=Seal(SealKind.CONSENT), clock=hand_clock)


@pytest.fixture
def pseudonymise(keys: KeyRing) -> Pseudonymiser:
    return Pseudonymiser(keys)

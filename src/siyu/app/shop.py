"""A project put together: settings, clock, engine, store, keys, and the rooms that need them. Seals are made here."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from siyu.app import layout
from siyu.app.links import follow
from siyu.app.loading import Origins, load
from siyu.app.paths import Paths
from siyu.app.settings import Settings
from siyu.copywriting.settings import CopySettings
from siyu.domain.campaigns import Campaign, Offer
from siyu.domain.clock import Clock, FixedClock, SystemClock
from siyu.domain.errors import MissingDataError
from siyu.domain.ids import PersonId
from siyu.domain.proof import Seal, SealKind
from siyu.engine import Engine, open_engine
from siyu.privacy.consent import ConsentLedger
from siyu.privacy.contacts import ContactBook
from siyu.privacy.envelope import Envelope
from siyu.privacy.keys import KeyRing
from siyu.privacy.pseudonyms import Pseudonymiser
from siyu.privacy.tokens import TokenSigner
from siyu.reports.settings import ReportSettings
from siyu.store import campaigns
from siyu.store.database import Store, open_store
from siyu.store.ledger import Ledger

if TYPE_CHECKING:
    from siyu.copywriting.gate import Gate


class Shop:
    """One project, opened. Parts are made when first asked for, so that `siyu doctor` can look at a broken one.

    Args:
        folder: the folder with siyu.toml.
        as_of: the moment that counts as now; the settings' own, else the system's, where it is ``None``.
        environment: variables that may override settings.
        upgrading: open a project of an older layout too.
    """

    def __init__(
        self,
        folder: Path,
        *,
        as_of: datetime | None = None,
        environment: Mapping[str, str] = os.environ,
        upgrading: bool = False,
    ) -> None:
        settings, origins = load(Settings, folder, environment)
        self.settings: Settings = settings
        self.origins: Origins = origins
        self.paths = Paths.of(folder, state=settings.project.state, inputs=settings.project.inputs)
        moment = as_of or settings.project.as_of
        self.clock: Clock = FixedClock(moment) if moment else SystemClock()
        self.replayed = moment is not None
        self.upgrading = upgrading

    @cached_property
    def engine(self) -> Engine:
        """Where tables live."""
        self._require_current_layout()
        chosen = self.settings.engine
        return open_engine(
            chosen.kind,
            self.paths.tables,
            memory=chosen.memory,
            threads=chosen.threads,
            options=getattr(self.settings.engines, chosen.kind, None),
        )

    @cached_property
    def store(self) -> Store:
        """Operational state. The keys come first, so that a store without its keys can be told from a new one."""
        self._require_current_layout()
        _ = self.keys
        return open_store(self.settings.store.url or self.paths.store)

    @cached_property
    def old_store(self) -> Store:
        """The store as it is, of an older schema too: only to upgrade and to copy it."""
        return open_store(self.settings.store.url or self.paths.store, as_it_is=True)

    @cached_property
    def keys(self) -> KeyRing:
        """The project's keys; made on first use."""
        folder = self.paths.keys
        if (folder.is_dir() and any(folder.iterdir())) or self.paths.store.exists():
            return KeyRing.open(folder)  # beside a filled store a missing key is an error, not a reason for a new one
        self._require_current_layout()  # where a restore was cut off, the keys lie elsewhere
        return KeyRing.create(folder)

    @cached_property
    def pseudonymise(self) -> Pseudonymiser:
        """Shop's ids to pseudonyms."""
        return Pseudonymiser(self.keys)

    @cached_property
    def envelope(self) -> Envelope:
        """Encryption of what must not lie open."""
        return Envelope(self.keys)

    @cached_property
    def signer(self) -> TokenSigner:
        """Signed tokens for links."""
        return TokenSigner(self.keys)

    @cached_property
    def contacts(self) -> ContactBook:
        """Who people are and how to reach them."""
        people = self.settings.people
        return ContactBook(
            self.store,
            self.keys,
            clock=self.clock,
            reserved=people.reserved or people.synthetic is not None,
            country=people.country,
        )

    @cached_property
    def consents(self) -> ConsentLedger:
        """Who agreed to what; the only maker of permits. What is known of who is who is brought up to date first."""
        follow(self.engine, self.store)
        return ConsentLedger(self.store, seal=Seal(SealKind.CONSENT), clock=self.clock)

    @cached_property
    def ledger(self) -> Ledger:
        """What was planned, sent and skipped."""
        return Ledger(self.store)

    @contextmanager
    def rehearsal(self) -> Iterator[Shop]:
        """This shop over a throw-away copy of its store: what is planned in it leaves no trace."""
        with tempfile.TemporaryDirectory(prefix="siyu-rehearsal-") as folder:
            other = copy(self)
            for name, part in type(self).__dict__.items():  # parts that hold the store are made anew
                if isinstance(part, cached_property) and name not in ("engine", "keys"):
                    other.__dict__.pop(name, None)
            other.__dict__["store"] = self.store.copy_to(Path(folder) / "store.db")
            try:
                yield other
            finally:
                other.store.close()

    def close(self) -> None:
        """Let go of the store."""
        for name in ("store", "old_store"):
            if name in self.__dict__:
                self.__dict__[name].close()

    def _require_current_layout(self) -> None:
        if not self.upgrading:
            layout.require_current(self.paths)

    def person(self, asked: str) -> PersonId:
        """The pseudonym of a person given by the shop's id, or by the pseudonym itself."""
        known = self.contacts.external_ids([PersonId(asked)])
        return PersonId(asked) if known else self.pseudonymise.one(asked)

    @cached_property
    def campaign(self) -> Campaign:
        """The campaign of the settings. Without a start of its own it began when it was first written."""
        chosen = self.settings.campaign
        people = tuple(self.pseudonymise.one(asked) for asked in chosen.audience.people)
        return chosen.campaign(self._begun(chosen.name) or self.clock.now(), people)

    def _begun(self, name: str) -> datetime | None:
        try:
            with self.store.reading() as connection:
                return campaigns.campaign(connection, name).start
        except MissingDataError:
            return None

    @property
    def copy_settings(self) -> CopySettings:
        """The copy's settings; time zone and own domain are the project's unless set."""
        host = urlsplit(self.settings.delivery.sender.link_host).hostname
        given = {"timezone": self.settings.project.timezone, "own_domains": (host,) if host else ()}
        chosen = self.settings.copywriting
        return chosen.model_copy(update={k: v for k, v in given.items() if k not in chosen.model_fields_set})

    def gate(self) -> Gate:
        """The review gate of the campaign; the only maker of approved copy."""
        from siyu.copywriting.gate import Gate  # deferred: few commands write

        return Gate(
            Seal(SealKind.REVIEW),
            self.engine,
            self.campaign,
            settings=self.copy_settings,
            offers=self.offers,
            key=self.copy_key,
        )

    @property
    def copy_key(self) -> bytes:
        """The notary's key: only whoever holds the project's keys can mark a message as checked."""
        from siyu.copywriting.notary import PURPOSE  # deferred, like the gate

        return self.keys.derive(PURPOSE)

    @property
    def report_settings(self) -> ReportSettings:
        """The report's settings; language and currency are the project's unless set."""
        project = self.settings.project
        given = {"language": project.language, "currency": project.currency, "timezone": project.timezone}
        chosen = self.settings.report
        return chosen.model_copy(update={k: v for k, v in given.items() if k not in chosen.model_fields_set})

    @cached_property
    def offers(self) -> tuple[Offer, ...]:
        """The offers of the settings."""
        return tuple(offer.offer() for offer in self.settings.offers)

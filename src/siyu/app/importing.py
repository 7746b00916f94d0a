"""The import stage: people, catalogue, events, in that order, so that events find what they point at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from siyu.app.exchanging import RatesReport, publish_rates, unconverted
from siyu.app.fetching import Fetcher, fetching
from siyu.app.links import follow
from siyu.app.shop import Shop
from siyu.app.sparing import SparedReport, publish_exclusions
from siyu.catalogue import CatalogueReport, import_products
from siyu.domain import columns as c
from siyu.domain.progress import Progress, silent
from siyu.events import ImportReport, import_events
from siyu.files import SourceFile
from siyu.privacy import people_aside
from siyu.privacy.people_import import PeopleReport, import_people
from siyu.privacy.synthetic import invent
from siyu.profiles.inputs import DECLARED
from siyu.store import people as people_records

_LANGUAGES = pa.schema([(c.PERSON, pa.string()), (c.LANGUAGE, pa.string())])


@dataclass(frozen=True, slots=True)
class ImportedReport:
    """What the three imports did."""

    people: PeopleReport | None
    catalogue: tuple[CatalogueReport, ...]
    events: tuple[ImportReport, ...]
    invented: int = 0
    rates: RatesReport = field(default_factory=RatesReport)
    spared: SparedReport | None = None


@dataclass(slots=True)
class _Registrar:
    """Gives pseudonyms, makes the people known to the store, and remembers which ids it saw."""

    shop: Shop
    seen: list[pa.Array] = field(default_factory=list)

    def __call__(self, external_ids: pa.Array) -> pa.Array:
        pseudonyms = self.shop.pseudonymise(external_ids)
        self.shop.contacts.register(external_ids, pseudonyms)
        self.seen.append(external_ids)
        return pseudonyms


def import_all(shop: Shop, progress: Progress = silent) -> ImportedReport:
    """Read everything the settings name; only what is new is read.

    Raises:
        InputError: a file cannot be read as what it claims to be.
    """
    with fetching(shop) as fetcher:
        done = _import(shop, fetcher, progress)
        fetcher.keep_marks()
    return done


def _import(shop: Shop, fetcher: Fetcher, progress: Progress) -> ImportedReport:
    rates = publish_rates(shop)
    people = _people(shop, fetcher.people(), progress)
    catalogue = tuple(
        import_products(shop.engine, fetcher.source("catalogue", source), clock=shop.clock, progress=progress)
        for source in shop.settings.catalogue
    )
    registrar = _Registrar(shop)
    events = tuple(
        import_events(
            shop.engine,
            fetcher.source("events", source),
            pseudonymise=registrar,
            encrypt=shop.envelope.seal_payloads,
            clock=shop.clock,
            progress=progress,
        )
        for source in shop.settings.events
    )
    follow(shop.engine, shop.store)
    invented = _invent(shop, registrar, progress)
    _publish_languages(shop)
    rates = replace(rates, unconverted=unconverted(shop))
    return ImportedReport(people, catalogue, events, invented, rates, publish_exclusions(shop))


def _publish_languages(shop: Shop) -> None:
    """The languages people declared, for the stages: a language is no contact, and the store is not theirs to open."""
    with shop.store.reading() as connection:
        spoken = people_records.languages(connection)
    table = pa.table({c.PERSON: list(spoken), c.LANGUAGE: list(spoken.values())}, schema=_LANGUAGES)
    shop.engine.write(pa.RecordBatchReader.from_batches(_LANGUAGES, table.to_batches()), DECLARED)


def _people(shop: Shop, files: Sequence[SourceFile], progress: Progress) -> PeopleReport | None:
    if not files:
        return None
    database = shop.settings.people.database
    aside = partial(
        people_aside.publish,
        engine=shop.engine,
        seal=shop.envelope.seal_payloads,
        now=shop.clock.now(),
        reread=(files[-1].name,) if database and database.since else (),
    )
    return import_people(
        files,
        book=shop.contacts,
        consents=shop.consents,
        pseudonymise=shop.pseudonymise,
        settings=shop.settings.people,
        put_aside=aside,
        progress=progress,
    )


def _invent(shop: Shop, registrar: _Registrar, progress: Progress) -> int:
    """Synthetic contacts and consent for everyone just seen, where the settings declare them."""
    synthetic = shop.settings.people.synthetic
    if synthetic is None or not registrar.seen:
        return 0
    ids = pc.unique(pa.chunked_array([array.cast(pa.string()) for array in registrar.seen]))
    done = import_people(
        invent(ids, synthetic),
        book=shop.contacts,
        consents=shop.consents,
        pseudonymise=shop.pseudonymise,
        settings=shop.settings.people,
        progress=progress,
    )
    return done.people

"""Tracking: what readers did comes back as events and, where they said stop, as decisions in the consent ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from siyu.app.shop import Shop
from siyu.domain import columns as c
from siyu.domain.errors import InputError
from siyu.domain.ids import PersonId
from siyu.domain.kinds import EventKind
from siyu.domain.progress import Progress, Step, silent
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.engine.schemas import EVENTS
from siyu.engine.sql import fill
from siyu.feedback.hits import RAW, read_jsonl
from siyu.feedback.judging import intake, sent_events
from siyu.feedback.ranking.results import relearn

HITS = "hits.jsonl"
"""The tracking log in the state folder, read where no file is named."""


@dataclass(frozen=True, slots=True)
class TrackReport:
    """``hits == forged + sum(verdicts.values())``; ``kept`` hits became events, ``replays`` were known already."""

    hits: int
    kept: int
    forged: int
    replays: int
    verdicts: Mapping[str, int]
    stopped: int
    sent: int


def track(shop: Shop, files: Sequence[Path] = (), progress: Progress = silent) -> TrackReport:
    """Take in tracking hits; taking in the same file again adds nothing.

    Raises:
        InputError: a file cannot be read.
    """
    progress(Step("track.read"))
    sent = _note_sends(shop)
    raw = pa.concat_tables([RAW.empty_table(), *(read_jsonl(path) for path in _existing(shop, files))])
    progress(Step("track.verify", 0, raw.num_rows))
    taken = intake(
        shop.engine, shop.ledger, raw, verifier=shop.signer, clock=shop.clock, settings=shop.settings.feedback
    )
    append_events(shop.engine, taken.events)
    stopped = _stop(shop, taken.unsubscribes)
    if taken.events.num_rows:
        relearn(shop.engine, shop.ledger.accepted(shop.campaign.name)[c.MESSAGE_ID].combine_chunks())
    progress(Step("track.done", raw.num_rows, raw.num_rows))
    return TrackReport(taken.hits, taken.events.num_rows, taken.forged, taken.replays, taken.verdicts, stopped, sent)


def append_events(engine: Engine, rows: pa.Table) -> None:
    """Append rows in the events schema; the manifest's memory of imported files stays."""
    if not rows.num_rows:
        return
    found = manifest.find(engine.root, "events")
    reader = pa.RecordBatchReader.from_batches(EVENTS, rows.cast(EVENTS).to_batches())
    engine.write(reader, "events", append=True, meta=dict(found.meta) if found else None)


def _existing(shop: Shop, files: Sequence[Path]) -> list[Path]:
    if not files:
        own = shop.paths.state / HITS
        return [own] if own.is_file() else []
    for path in files:
        if not path.is_file():
            raise InputError(f"There is no file {path}.", next_step="Check the name.", file=str(path))
    return list(files)


def _note_sends(shop: Shop) -> int:
    """Sends of the ledger that are no events yet, made events."""
    source, noted = shop.settings.feedback.source, None
    if manifest.find(shop.engine.root, "events") is not None:
        shop.engine.table("events_so_far", "events")
        known = fill(
            "SELECT message_id FROM events_so_far WHERE kind = $kind AND source = $source",
            kind=str(EventKind.SENT),
            source=source,
        )
        found = [batch.column(0).cast(pa.string()) for batch in shop.engine.batches(known)]
        noted = pa.chunked_array(found, pa.string())
    fresh = sent_events(shop.ledger, shop.campaign.name, source=source, noted=noted)
    append_events(shop.engine, fresh)
    return int(fresh.num_rows)


def _stop(shop: Shop, asked: pa.Table) -> int:
    """Who unsubscribed or complained is not written to again on any channel for the campaign's purpose."""
    people = [PersonId(person) for person in asked[c.PERSON].unique().to_pylist()]
    if people:
        shop.consents.suppress(people, "unsubscribed")
    return len(people)

"""Writing the briefs that nobody has written yet into the dataset ``pieces``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import chain
from typing import Final

import pyarrow as pa

from siyu.copywriting.briefs import BriefMaker, Matter
from siyu.copywriting.drafting import Drafting, Tally
from siyu.copywriting.reviewing import Reviewer
from siyu.copywriting.settings import CopySettings
from siyu.copywriting.storing import PIECES
from siyu.copywriting.writers.port import Asked, Asking, Desk, Writer
from siyu.domain.campaigns import Campaign
from siyu.domain.copy import Brief
from siyu.engine import sql
from siyu.engine.port import Engine

_ROOM: Final = "siyu.copywriting"
_MATTER: Final = ("item", "angle_facet", "angle_value", "reason", "occasion", "language")


def write_briefs(
    engine: Engine,
    campaign: Campaign,
    writer: Writer,
    *,
    maker: BriefMaker,
    settings: CopySettings,
    reviewers: dict[str, Reviewer],
    now: datetime,
) -> Tally:
    """Pieces for every brief of the table ``choices`` that has none, or for which the offline writer stood in."""
    drafting = Drafting(writer, reviewers, max_repairs=settings.max_repairs, now=now)
    if isinstance(writer, Asking):
        desk = Desk(
            engine,
            lambda brief, pieces: reviewers[brief.language].look_at_pieces(brief, pieces),
            lambda language: rules_of(language, campaign.place, campaign.industry),
            settings.max_repairs,
        )
        writer.prepare(_asked(engine, maker, writer.name), desk)
        drafting.tally.usage = writer.usage
    batches = drafting.rows(_new(engine, maker, writer.name))
    first = next(batches, None)
    if first is not None:
        rows = pa.RecordBatchReader.from_batches(PIECES, chain([first], batches))
        if isinstance(writer, Asking):  # some may have been written before, by the offline writer
            engine.table("new_briefs", _ids(engine, writer.name))
            engine.write(rows, "pieces", supersede="SELECT brief_id FROM new_briefs")
        else:
            engine.write(rows, "pieces", append=True)
        engine.table("pieces", "pieces")
    return drafting.tally


def _new(engine: Engine, maker: BriefMaker, writer: str) -> Iterator[Brief]:
    for batch in engine.batches(sql.query(_ROOM, "new_briefs", writer=writer)):
        columns = [batch.column(name).to_pylist() for name in ("brief_id", *_MATTER)]
        for brief_id, *matter in zip(*columns, strict=True):
            yield maker.brief(brief_id, Matter(*matter))


def _asked(engine: Engine, maker: BriefMaker, writer: str) -> Iterator[Asked]:
    for batch in engine.batches(sql.query(_ROOM, "asked_briefs", writer=writer)):
        names = ("brief_id", "readers", "angle_readers", *_MATTER)
        for brief_id, readers, sharing, *matter in zip(
            *(batch.column(name).to_pylist() for name in names), strict=True
        ):
            yield Asked(maker.brief(brief_id, Matter(*matter)), readers, sharing)


def _ids(engine: Engine, writer: str) -> pa.Table:
    query = sql.query(_ROOM, "new_briefs", writer=writer)
    batches = [batch.select(["brief_id"]) for batch in engine.batches(query)]
    return pa.Table.from_batches(batches, pa.schema([("brief_id", pa.string())]))


@cache
def rules_of(language: str, place: str, industry: str) -> str:
    """Digest of the packs that say what a text of a language may say: law, industry, tone, and what models are told."""
    packs = files("siyu.packs")
    entries = [
        packs.joinpath("law", place or "-"),
        packs.joinpath("industries", f"{industry}.toml"),
        packs.joinpath("industries", industry),
        packs.joinpath("languages", language, "tone.toml"),
        packs.joinpath("drafts", f"{language}.toml"),
    ]
    digest = hashlib.sha256()
    for entry in entries:
        _add(entry, digest)
    return digest.hexdigest()[:16]


def _add(entry: Traversable, digest: hashlib._Hash) -> None:
    if entry.is_dir():
        for inside in sorted(entry.iterdir(), key=lambda one: one.name):
            _add(inside, digest)
    elif entry.is_file():
        digest.update(f"{entry.name}:".encode() + entry.read_bytes())

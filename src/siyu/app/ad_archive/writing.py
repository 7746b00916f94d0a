"""Putting what has left into the archive: once each, however often a send is broken off and run again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from siyu import __version__
from siyu.app.ad_archive import files
from siyu.app.shop import Shop
from siyu.domain.progress import Progress, Step, silent
from siyu.packs import names, read
from siyu.store import archived
from siyu.store import people as stored_people

FOLDER: Final = "archive"
_ROWS: Final = 5_000
_GONE: Final = ("handed", "accepted", "failed")
_KEPT: Final = (
    "message_id", "step", "channel", "language", "item", "items", "brief_id", "angle_facet", "angle_value", "reason",
    "variant", "propensity", "parts", "facts", "findings",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Added:
    """What a call put into the archive: messages, files, and messages of erased people, which are left out."""

    messages: int
    files: int
    erased: int


def folder(shop: Shop) -> Path:
    """Where the files lie: in the state folder, so that backups hold them."""
    return shop.paths.state / FOLDER


def add(shop: Shop, progress: Progress = silent) -> Added:
    """Archive every message of the campaign that has left, or may have, and is not archived yet."""
    missing = _missing(shop)
    if not missing.num_rows:
        return Added(0, 0, 0)
    progress(Step("send.archive", 0, missing.num_rows))
    shop.engine.table("messages", "messages")
    shop.engine.table("left_unarchived", missing.select(["message_id"]))
    told = {row["message_id"]: row for row in missing.to_pylist()}
    messages = made = erased = 0
    for rows in _lots(shop):
        kept, gone = _one_file(shop, rows, told)
        messages, made, erased = messages + kept, made + bool(kept), erased + gone
        progress(Step("send.archive", messages + erased, missing.num_rows))
    return Added(messages, made, erased)


def _missing(shop: Shop) -> pa.Table:
    """Rows of the ledger that have left and lie in no file of the archive."""
    ledger = shop.ledger.to_arrow(
        shop.campaign.name, "message_id", "person", "state", "reason", "planned_at", "handed_at", "settled_at"
    )
    left = ledger.filter(pc.is_in(ledger["state"], value_set=pa.array(_GONE)))
    with shop.store.reading() as connection:
        mine = [entry for entry in archived.entries(connection) if entry.campaign == shop.campaign.name]
    for entry in mine:
        path = folder(shop) / entry.name
        if path.exists():
            left = left.filter(pc.invert(pc.is_in(left["person"], value_set=files.people(path))))
    return left


def _lots(shop: Shop) -> Iterator[list[dict[str, Any]]]:
    wanted = "EXISTS (SELECT 1 FROM left_unarchived l WHERE l.message_id = m.message_id)"
    for batch in shop.engine.batches(f"SELECT person, {', '.join(_KEPT)} FROM messages m WHERE {wanted}", rows=_ROWS):
        yield batch.to_pylist()


def _one_file(shop: Shop, rows: Sequence[Mapping[str, Any]], told: Mapping[str, Mapping[str, Any]]) -> tuple[int, int]:
    """One file of the archive and its link of the chain; the file is there before the chain names it."""
    with shop.store.reading() as connection:
        keys = stored_people.data_keys(connection, [row["person"] for row in rows])
        entries = archived.entries(connection)
    mine = [row for row in rows if row["person"] in keys]
    if not mine:
        return 0, len(rows)
    sealed = [
        shop.envelope.seal_bytes(
            files.packed(_record(row, told[row["message_id"]])), wrapped=keys[row["person"]], person=row["person"],
            field=files.FIELD,
        )
        for row in mine
    ]  # fmt: skip
    name = f"{len(entries) + 1:08d}-{shop.campaign.name}.parquet"
    now = shop.clock.now()
    previous = entries[-1].hash if entries else archived.GENESIS
    about = {**_about(shop, mine), "at": now.isoformat(), "previous": previous}
    digest = files.write(folder(shop) / name, [row["person"] for row in mine], sealed, about)
    with shop.store.connection(durable=True) as connection:
        archived.append(connection, archived.Entry(shop.campaign.name, name, len(mine), now, digest))
    return len(mine), len(rows) - len(mine)


def _record(row: Mapping[str, Any], delivery: Mapping[str, Any]) -> dict[str, Any]:
    """The advertisement one person got: its words, the facts and findings behind them, and its delivery."""
    ledger = {name: _plain(value) for name, value in delivery.items() if name not in ("message_id", "person")}
    return {**{name: _deep(row[name]) for name in _KEPT}, "delivery": ledger}


def _deep(value: Any) -> Any:
    if isinstance(value, list):
        return [_deep(one) for one in value]
    if isinstance(value, dict):
        return {key: _deep(one) for key, one in value.items() if one is not None}
    return _plain(value)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _about(shop: Shop, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What everyone's ads had in common: the campaign, who wrote the words, and the law they were held against."""
    campaign = shop.settings.campaign.model_dump(mode="json", exclude={"audience": {"people"}})
    shop.engine.table("pieces", "pieces")
    briefs = sorted({row["brief_id"] for row in rows if row["brief_id"]})
    shop.engine.table("archived_briefs", pa.table({"brief_id": pa.array(briefs, pa.string())}))
    sql = (
        "SELECT p.writer, p.pieces FROM pieces p "
        "WHERE EXISTS (SELECT 1 FROM archived_briefs a WHERE a.brief_id = p.brief_id)"
    )
    used = {part["piece_id"] for row in rows for part in row["parts"] or ()}
    pieces: dict[str, dict[str, str]] = {}
    for batch in shop.engine.batches(sql):
        for found in batch.to_pylist():
            for piece in found["pieces"]:
                if piece["piece_id"] in used:
                    pieces[piece["piece_id"]] = {"text": piece["text"], "writer": found["writer"]}
    place = shop.settings.campaign.place
    law = {name: read("law", place, name) for name in names("law", place)}
    return {
        "campaign": shop.campaign.name, "settings": campaign, "siyu": __version__, "place": place, "law": law,
        "pieces": dict(sorted(pieces.items())),
    }  # fmt: skip

"""Rows that were set aside: where they came from, why, and what they held, decrypted for this reader only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from siyu.app.shop import Shop
from siyu.app.words import say
from siyu.catalogue.problems import PROBLEMS
from siyu.engine import manifest
from siyu.engine.port import Sql
from siyu.engine.schemas import QUARANTINE
from siyu.engine.sql import fill
from siyu.privacy import people_aside
from siyu.store import audit


@dataclass(frozen=True, slots=True)
class SetAside:
    """One row: ``values`` are its columns as they came."""

    source: str
    file: str
    row: int
    field: str
    reason: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """All rows by source and reason, and the first few of those asked for."""

    counts: Mapping[str, Mapping[str, int]]
    rows: tuple[SetAside, ...]


def quarantined(shop: Shop, *, reason: str = "", limit: int = 20) -> Quarantined:
    """Counts of every reason, and up to ``limit`` rows (of one ``reason`` where it is given). The look is audited.

    Rows of events and people come first, then what the last import of each catalogue left out: rows, and values of
    rows that were kept.

    Raises:
        MissingDataError: nothing was imported yet.
    """
    _open_rows(shop)
    counts: dict[str, dict[str, int]] = {}
    totals = (
        "SELECT source, reason, count(*) AS n FROM quarantine GROUP BY source, reason ORDER BY source, n DESC, reason"
    )
    for batch in shop.engine.batches(totals):
        for row in batch.to_pylist():
            counts.setdefault(row["source"], {})[row["reason"]] = row["n"]
    wanted = "SELECT source, file, row, field, reason, payload FROM quarantine "
    chosen = fill("WHERE reason = $reason ", reason=reason) if reason else ""
    rows = list(shop.engine.batches(wanted + chosen + fill("ORDER BY source, file, row LIMIT $limit", limit=limit)))
    found = tuple(opened for batch in rows for opened in _open(shop, batch))
    found += _of_catalogues(shop, counts, chosen, limit - len(found))
    _note(shop, len(found), reason)
    return Quarantined(counts, found)


def _open_rows(shop: Shop) -> None:
    """Rows of events and of people; none where only products were imported yet."""
    there = [name for name in ("quarantine", people_aside.DATASET) if manifest.find(shop.engine.root, name)]
    for name in there:
        shop.engine.table(f"{name}_stored", name)
    parts = [f"SELECT {', '.join(QUARANTINE.names)} FROM {name}_stored" for name in there]
    if there:
        shop.engine.table("quarantine", Sql(" UNION ALL ".join(parts)))
    else:
        nothing = manifest.find(shop.engine.root, PROBLEMS)
        shop.engine.table("quarantine", QUARANTINE.empty_table() if nothing else "quarantine")


def _of_catalogues(shop: Shop, counts: dict[str, dict[str, int]], chosen: str, limit: int) -> tuple[SetAside, ...]:
    """Adds to ``counts``; what feeds say of products is about nobody, so it lies open.

    One name may stand for a source of events and for a catalogue: their rows are counted apart.
    """
    told = {source: f"{source} (catalogue)" for source in counts}
    if manifest.find(shop.engine.root, PROBLEMS) is None:
        return ()
    shop.engine.table(PROBLEMS, PROBLEMS)
    totals = (
        f"SELECT source, reason, count(*) AS n FROM {PROBLEMS} GROUP BY source, reason ORDER BY source, n DESC, reason"
    )
    for row in (row for batch in shop.engine.batches(totals) for row in batch.to_pylist()):
        counts.setdefault(told.get(row["source"], row["source"]), {})[row["reason"]] = row["n"]
    order = fill("ORDER BY source, file, row, item, field LIMIT $limit", limit=max(limit, 0))
    wanted = f"SELECT source, file, row, item, field, reason, value, whole FROM {PROBLEMS} {chosen}{order}"
    rows = (row for batch in shop.engine.batches(wanted) for row in batch.to_pylist())
    return tuple(
        SetAside(told.get(row["source"], row["source"]), row["file"], row["row"] or 0, row["field"], row["reason"],
                 {"item": row["item"], "row" if row["whole"] else row["field"]: row["value"]})
        for row in rows
    )  # fmt: skip


def _open(shop: Shop, batch: pa.RecordBatch) -> list[SetAside]:
    payloads = shop.envelope.open_payloads(batch.column("payload")).to_pylist()
    return [
        SetAside(row["source"], row["file"], row["row"], row["field"], row["reason"], _values(payload))
        for row, payload in zip(batch.drop_columns(["payload"]).to_pylist(), payloads, strict=True)
    ]


def _values(payload: str | bytes | None) -> dict[str, Any]:
    try:
        read = json.loads(payload or "{}")
    except ValueError:
        read = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else payload
    return read if isinstance(read, dict) else {"": read}


def _note(shop: Shop, rows: int, reason: str) -> None:
    """Rows set aside may hold personal data: who looked is written down."""
    with shop.store.connection() as connection:
        audit.append(
            connection,
            at=shop.clock.now(),
            actor="siyu",
            action="quarantine.read",
            subject=reason or "all",
            detail={"rows": rows},
        )


def sentences(found: Quarantined) -> list[str]:
    """Counts, then the rows."""
    lines = [] if found.counts else [say("result.nothing_set_aside")]
    for source, reasons in found.counts.items():
        lines.append(f"{source}: {sum(reasons.values()):,}")
        for reason, count in reasons.items():
            lines.append(f"    {say('quarantine.' + reason)}: {count:,}  ({reason})")
            lines.append(f"        {say('quarantine_next.' + reason)}")
    for row in found.rows:
        kept = {key: value for key, value in row.values.items() if value not in (None, "")}
        lines.append(f"{row.file}:{row.row}  {row.reason} ({row.field})  {json.dumps(kept, ensure_ascii=False)}")
    return lines

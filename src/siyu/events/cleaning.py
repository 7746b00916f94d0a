"""The steps that look at more than one row: copies, ids, bots, returns. Each sets rows aside in ``import_fate``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from siyu.engine import manifest
from siyu.engine.port import Engine, Sql
from siyu.engine.schemas import EVENTS, MOMENT
from siyu.engine.sql import query
from siyu.events.mapping import Mapping

PACKAGE = "siyu.events"
FATE, PARTS, STAGE, COPIES, WORDS = "import_fate", "import_parts", "import_stage", "import_copies", "import_words"
PLACED, SESSIONS = "import_placed", "import_sessions"
SCRATCH = (FATE, PARTS, STAGE, COPIES, WORDS, PLACED, SESSIONS)
"""Datasets of one import, dropped when it ends. They hold pseudonyms, never raw ids."""

_KEY = [("_file", pa.string()), ("_row", pa.int64()), ("_part", pa.int32())]
_FATE = pa.schema([*_KEY, ("reason", pa.string())])
_IDS = pa.schema([*_KEY, ("event_id", pa.string())])
_PARTS = pa.schema([*_KEY, ("effective_ts", MOMENT), ("quantity", pa.float64()), ("place", pa.int32())])


@dataclass(frozen=True, slots=True)
class Staged:
    """What the staged rows are, in one look."""

    rows: int
    kinds: frozenset[str]
    first: datetime | None
    last: datetime | None
    given: int
    aliases: int
    texts: int
    by_bot: int


def look(engine: Engine) -> Staged:
    """Counts over ``import_stage``."""
    sql = (
        "SELECT kind, count(*) AS n, min(ts) AS first, max(ts) AS last, count(CASE WHEN given THEN 1 END) AS given, "
        "count(alias_number) AS aliases, count(words) AS texts, count(CASE WHEN by_bot THEN 1 END) AS by_bot "
        "FROM import_stage GROUP BY kind"
    )
    rows = [row for batch in engine.batches(sql) for row in batch.to_pylist()]
    return Staged(
        rows=sum(row["n"] for row in rows),
        kinds=frozenset(row["kind"] for row in rows),
        first=min((row["first"] for row in rows), default=None),
        last=max((row["last"] for row in rows), default=None),
        given=sum(row["given"] for row in rows),
        aliases=sum(row["aliases"] for row in rows),
        texts=sum(row["texts"] for row in rows),
        by_bot=sum(row["by_bot"] for row in rows),
    )


def register_stored(engine: Engine, source: str, resumed_after: int | None) -> None:
    """``import_stored``: events of earlier imports; not those a cut-off run of this import has published already."""
    if manifest.find(engine.root, "events") is None:
        engine.table("import_stored", EVENTS.empty_table())
        return
    engine.table("import_stored", "events")
    if resumed_after is not None:
        engine.table("import_leftover", "events", after=resumed_after)
        engine.table("import_everything", "events")
        engine.table("import_stored", Sql(query(PACKAGE, "without_leftover", source=source)))


def clean(engine: Engine, mapping: Mapping, staged: Staged) -> None:
    """Set aside what is a copy, already stored, a bot's or a return of nothing; ``import_live`` is the rest."""
    engine.table(FATE, _FATE.empty_table())
    engine.table(PARTS, _PARTS.empty_table())
    engine.table("import_ids", _IDS.empty_table())
    engine.table("import_live", Sql(query(PACKAGE, "live")))
    _copies(engine, mapping)
    if staged.first is not None and manifest.find(engine.root, "events") is not None:
        bounds = {"first": staged.first, "last": staged.last, "unbounded": staged.given > 0}
        _set_aside(engine, query(PACKAGE, "stored", **bounds))
    bots = mapping.source.bots
    if staged.by_bot or staged.kinds & {"browse", "search", "cart"}:
        _set_aside(engine, query(PACKAGE, "bots", events=bots.events, before=bots.events - 1, seconds=bots.seconds))
    if "return" in staged.kinds:
        engine.write(query(PACKAGE, "returns"), PARTS)
        engine.table(PARTS, PARTS)
        _set_aside(engine, query(PACKAGE, "orphans"))


def _copies(engine: Engine, mapping: Mapping) -> None:
    engine.table("import_repeated", Sql(query(PACKAGE, "repeated")))
    compared = (
        f"SELECT k.*, md5({mapping.whole('r')}) AS whole FROM import_raw r "
        "JOIN import_repeated k ON k._file = r._file AND k._row = r._row AND k._part = r._part"
    )
    engine.table("import_compared", Sql(compared))
    engine.write(query(PACKAGE, "copies"), COPIES)
    engine.table(COPIES, COPIES)
    _set_aside(engine, f"SELECT _file, _row, _part, reason FROM {COPIES} WHERE reason IS NOT NULL")
    engine.table("import_ids", Sql(f"SELECT * FROM {COPIES} WHERE event_id IS NOT NULL"))


def _set_aside(engine: Engine, sql: str) -> None:
    engine.write(sql, FATE, append=manifest.find(engine.root, FATE) is not None)
    engine.table(FATE, FATE)


def counted(engine: Engine, sql: str) -> dict[Any, int]:
    """The first column of ``sql`` to its second, a count; keys in order."""
    pairs = [tuple(row.values()) for batch in engine.batches(sql) for row in batch.to_pylist()]
    return {key: int(count) for key, count in sorted(pairs)}

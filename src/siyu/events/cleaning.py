"""The steps that look at more than one row: copies, ids, bots, returns. Each sets rows aside in ``import_fate``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from siyu.engine import manifest
from siyu.engine.port import Engine, Sql
from siyu.engine.schemas import EVENTS, MOMENT
from siyu.engine.sql import literal, query
from siyu.events.mapping import Mapping, mapped

PACKAGE = "siyu.events"
FATE, PARTS, STAGE, COPIES, WORDS = "import_fate", "import_parts", "import_stage", "import_copies", "import_words"
CONTENT, REPEATED, KNOWN = "import_content", "import_repeated", "import_known"
PLACED, NEAR, SESSIONS = "import_placed", "import_near", "import_sessions"
SCRATCH = (FATE, PARTS, STAGE, COPIES, WORDS, CONTENT, REPEATED, KNOWN, PLACED, NEAR, SESSIONS)
"""Datasets of one import, dropped when it ends. They hold pseudonyms or numbers, ids of events, and no raw ids."""

_KEY = ("_key", pa.int64())
_FATE = pa.schema([_KEY, ("reason", pa.string())])
_IDS = pa.schema([_KEY, ("event_id", pa.string())])
_FIRST_IDS = pa.schema([_KEY, ("first_id", pa.string())])
_PARTS = pa.schema([_KEY, ("effective_ts", MOMENT), ("quantity", pa.float64()), ("place", pa.int32())])


@dataclass(frozen=True, slots=True)
class Staged:
    """What the rows that pass every check of their own are, in one look; ``failed`` did not, by reason."""

    rows: int
    kinds: frozenset[str]
    first: datetime | None
    last: datetime | None
    given: int
    aliases: int
    texts: int
    by_bot: int
    failed: int


def look(engine: Engine) -> Staged:
    """Counts over ``import_stage``."""
    sql = (
        "SELECT kind, count(*) AS n, min(ts) AS first, max(ts) AS last, count(CASE WHEN given THEN 1 END) AS given, "
        "count(alias_number) AS aliases, count(CASE WHEN has_words THEN 1 END) AS texts, "
        "count(CASE WHEN by_bot THEN 1 END) AS by_bot FROM import_stage WHERE reason IS NULL GROUP BY kind"
    )
    rows = [row for batch in engine.batches(sql) for row in batch.to_pylist()]
    failed = "SELECT count(*) AS n FROM import_stage WHERE reason IS NOT NULL"
    return Staged(
        rows=sum(row["n"] for row in rows),
        kinds=frozenset(row["kind"] for row in rows),
        first=min((row["first"] for row in rows), default=None),
        last=max((row["last"] for row in rows), default=None),
        given=sum(row["given"] for row in rows),
        aliases=sum(row["aliases"] for row in rows),
        texts=sum(row["texts"] for row in rows),
        by_bot=sum(row["by_bot"] for row in rows),
        failed=sum(row["n"] for batch in engine.batches(failed) for row in batch.to_pylist()),
    )


def register_empty(engine: Engine) -> None:
    """What the steps below fill, empty."""
    engine.table(FATE, _FATE.empty_table())
    engine.table(PARTS, _PARTS.empty_table())
    engine.table("import_renumbered", _IDS.empty_table())
    engine.table(CONTENT, _FIRST_IDS.empty_table())


def register_stored(engine: Engine, source: str, resumed_after: int | None, *, instead: bool) -> None:
    """``import_stored``: events of earlier imports; not those a cut-off run of this import has published already.

    Args:
        instead: the source is read anew, so nothing that it gave counts.
    """
    if manifest.find(engine.root, "events") is None:
        engine.table("import_stored", EVENTS.empty_table())
        return
    engine.table("import_stored", "events")
    if instead:
        engine.table("import_everything", "events")
        engine.table("import_stored", Sql(f"SELECT * FROM import_everything WHERE source <> {literal(source)}"))
    elif resumed_after is not None:
        engine.table("import_leftover", "events", after=resumed_after)
        engine.table("import_everything", "events")
        engine.table("import_stored", Sql(query(PACKAGE, "without_leftover", source=source)))


def clean(engine: Engine, mapping: Mapping, staged: Staged, *, waiting: bool) -> None:
    """Set aside what is a copy, already stored, a bot's or a return of nothing; ``import_live`` is the rest.

    Args:
        waiting: returns of earlier imports wait for a purchase.
    """
    engine.table("import_live", Sql(query(PACKAGE, "live")))
    _find_ids(engine, mapping, staged)
    if staged.first is not None and manifest.find(engine.root, "events") is not None:
        _find_stored(engine, staged)
    bots = mapping.source.bots
    if staged.by_bot or staged.kinds & {"browse", "search", "cart"}:
        _set_aside(engine, query(PACKAGE, "bots", events=bots.events, before=bots.events - 1, seconds=bots.seconds))
    if "return" in staged.kinds or (waiting and "purchase" in staged.kinds):
        keep(engine, query(PACKAGE, "returns"), PARTS)
        _set_aside(engine, query(PACKAGE, "orphans"))


def _find_ids(engine: Engine, mapping: Mapping, staged: Staged) -> None:
    """``import_event_ids``; copies among the rows of this import are set aside."""
    prefix = mapping.source.id_prefix
    if staged.given < staged.rows:
        keep(engine, query(PACKAGE, "content"), CONTENT)
    engine.table("import_event_ids", Sql(query(PACKAGE, "event_ids", id_prefix=prefix)))
    own = f"{literal(prefix)} || m.given_id"
    given = f"SELECT m.*, {own} AS event_id FROM import_mapped m"
    made = (
        f"SELECT m.*, coalesce({own}, i.event_id, c.first_id) AS event_id FROM import_mapped m "
        "LEFT JOIN import_content c ON c._key = m._key LEFT JOIN import_renumbered i ON i._key = m._key"
    )
    keep(engine, query(PACKAGE, "repeated"), REPEATED)
    if _has_rows(engine, REPEATED):
        picked = "SELECT r.* FROM import_raw r JOIN import_repeated k ON k._key = r._key"
        engine.table("import_repeated_raw", Sql(picked))
        engine.table("import_repeated_mapped", Sql(mapped(mapping, "import_repeated_raw", whole=True)))
        keep(engine, query(PACKAGE, "copies"), COPIES)
        _set_aside(engine, f"SELECT _key, reason FROM {COPIES} WHERE reason IS NOT NULL")
        if staged.given < staged.rows:
            engine.table("import_renumbered", Sql(f"SELECT _key, event_id FROM {COPIES} WHERE event_id IS NOT NULL"))
    engine.table("import_identified", Sql(given if staged.given == staged.rows else made))


def _find_stored(engine: Engine, staged: Staged) -> None:
    bounds = {"first": staged.first, "last": staged.last, "unbounded": staged.given > 0}
    keep(engine, query(PACKAGE, "known", **bounds), KNOWN)
    if _has_rows(engine, KNOWN):
        _set_aside(engine, query(PACKAGE, "stored"))


def keep(engine: Engine, sql: str, dataset: str) -> None:
    """Write ``sql`` as scratch and make it readable under its own name."""
    engine.write(sql, dataset, scratch=True)
    engine.table(dataset, dataset)


def _has_rows(engine: Engine, dataset: str) -> bool:
    return manifest.require(engine.root, dataset).rows > 0


def _set_aside(engine: Engine, sql: str) -> None:
    engine.write(sql, FATE, append=manifest.find(engine.root, FATE) is not None, scratch=True)
    engine.table(FATE, FATE)


def counted(engine: Engine, sql: str) -> dict[Any, int]:
    """The first column of ``sql`` to its second, a count; keys in order."""
    pairs = [tuple(row.values()) for batch in engine.batches(sql) for row in batch.to_pylist()]
    return {key: int(count) for key, count in sorted(pairs)}

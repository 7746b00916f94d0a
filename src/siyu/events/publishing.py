"""Publishes what an import found: links, events with sessions, quarantine; each all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import pyarrow as pa

from siyu.domain.kinds import QuarantineReason
from siyu.domain.progress import Progress
from siyu.engine import identity
from siyu.engine.port import Engine, Sql
from siyu.engine.schemas import EVENTS, MOMENT, QUARANTINE
from siyu.engine.sql import fill, query
from siyu.events import journal
from siyu.events.cleaning import NEAR, PACKAGE, PARTS, PLACED, SESSIONS, WORDS, Staged, counted, keep
from siyu.events.intake import Intake
from siyu.events.mapping import LINK_KINDS, Mapping
from siyu.events.people import Pseudonymise, claimed, number_people
from siyu.events.report import ImportReport
from siyu.events.settings import SourceSettings
from siyu.events.words import SCHEMA as WORDS_SCHEMA
from siyu.events.words import read_words

Encrypt = Callable[[pa.Array], pa.Array]

FIELD_AT_FAULT: Final = {
    QuarantineReason.MALFORMED: "row",
    QuarantineReason.MISSING_PERSON: "user_id",
    QuarantineReason.ROUNDED_ID: "user_id",
    QuarantineReason.UNKNOWN_KIND: "kind",
    QuarantineReason.MISSING_TIME: "ts",
    QuarantineReason.BAD_TIME: "ts",
    QuarantineReason.TIME_OUT_OF_RANGE: "ts",
    QuarantineReason.FUTURE_TIME: "ts",
    QuarantineReason.MISSING_ITEM: "item",
    QuarantineReason.ROUNDED_ITEM: "item",
    QuarantineReason.NOT_A_PRODUCT: "item",
    QuarantineReason.BAD_QUANTITY: "quantity",
    QuarantineReason.BAD_PRICE: "unit_price",
    QuarantineReason.ZERO_PRICE: "unit_price",
    QuarantineReason.BAD_RATING: "rating",
    QuarantineReason.BAD_CURRENCY: "currency",
    QuarantineReason.EXACT_DUPLICATE: "row",
    QuarantineReason.DUPLICATE_ID: "event_id",
    QuarantineReason.CONFLICTING_ID: "event_id",
    QuarantineReason.BOT: "user_id",
    QuarantineReason.ORPHAN_RETURN: "item",
}

_BAD = "SELECT _key, reason FROM import_stage WHERE reason IS NOT NULL UNION ALL SELECT _key, reason FROM import_fate"
_LIVE = (
    "SELECT kind, count(*) AS n, min(ts) AS first, max(ts) AS last, "
    "sum(CASE WHEN kind = 'return' THEN quantity END) AS returned FROM import_live GROUP BY kind"
)
_NO_MOMENTS = pa.table(
    {"who": pa.array([], pa.int32()), "t": pa.array([], MOMENT), "session_id": pa.array([], pa.string())}
)


@dataclass(frozen=True, slots=True)
class Run:
    """One import of the files that are new."""

    engine: Engine
    source: SourceSettings
    pseudonymise: Pseudonymise
    encrypt: Encrypt
    now: datetime
    latest: datetime
    progress: Progress


def publish_aliases(run: Run, staged: Staged) -> tuple[int, int]:
    """Add what this import claims about who is who; how many links are new, how many claims do not hold."""
    engine = run.engine
    before = identity.stored_links(engine)
    claims = claimed(engine) if staged.aliases else []
    links = identity.say(engine, claims, run.source.name) if claims else before
    rows = {"alias": list(links), "person": list(links.values())}
    engine.table("import_aliases", pa.table(rows, schema=identity.LINKS))
    refused = sum(links.get(one.alias, one.alias) != links.get(one.person, one.person) for one in claims)
    return len(links.keys() - before.keys()), refused


def publish_events(run: Run, plan: journal.Intent, staged: Staged, *, healed: bool, instead: bool) -> None:
    """Add what is live, and returns of earlier imports that found their purchase; or put it in the source's place."""
    engine = run.engine
    _find_sessions(run, staged)
    if _is_in(engine, "events", plan.events, run.source.name):
        return
    if staged.texts:
        read_words(engine, WORDS)
        engine.table(WORDS, WORDS)
    else:
        engine.table(WORDS, WORDS_SCHEMA.empty_table())
    rows = [query(PACKAGE, "events", source=run.source.name)]
    rows += [query(PACKAGE, "healed_events")] if healed else []
    rows += [f"SELECT {', '.join(EVENTS.names)} FROM import_stored"] if instead else []
    engine.write(" UNION ALL ".join(rows), "events", append=not instead)


def _find_sessions(run: Run, staged: Staged) -> None:
    """``import_sessions``: one row an event to store, with its session."""
    engine = run.engine
    gap = timedelta(minutes=run.source.session_minutes)
    day = max(gap, timedelta(days=1))  # an order's rows lie within a day
    near = {"near_first": (staged.first or run.now) - day, "near_last": (staged.last or run.now) + day}
    number_people(engine)
    keep(engine, query(PACKAGE, "placed", **near), PLACED)
    if journal.version(engine, "events"):
        keep(engine, query(PACKAGE, "near", **near), NEAR)
    else:
        engine.table(NEAR, _NO_MOMENTS)
    keep(engine, query(PACKAGE, "sessions", gap=int(gap.total_seconds())), SESSIONS)


def publish_quarantine(run: Run, plan: journal.Intent, mapping: Mapping, *, waits: bool, instead: bool) -> None:
    """Add what was set aside, and take out what is set aside no longer."""
    engine = run.engine
    engine.table("import_bad", Sql(_BAD))
    if _is_in(engine, "quarantine", plan.quarantine, run.source.name):
        return
    engine.table("import_fields", pa.table({"reason": list(FIELD_AT_FAULT), "field": list(FIELD_AT_FAULT.values())}))
    engine.table("import_bad_raw", Sql("SELECT b.reason, r.* FROM import_bad b JOIN import_raw r ON r._key = b._key"))
    said = f"SELECT b._file, b._row, b.reason, {mapping.payload('b')} AS payload FROM import_bad_raw b"
    engine.table("import_payloads", Sql(said))
    sql = query(PACKAGE, "quarantine", source=run.source.name, imported_at=run.now)

    def seal(batch: pa.RecordBatch) -> pa.RecordBatch:
        columns = [batch.column(name) for name in QUARANTINE.names]
        place = QUARANTINE.get_field_index("payload")
        columns[place] = run.encrypt(columns[place])
        cast = [column.cast(field.type) for column, field in zip(columns, QUARANTINE, strict=True)]
        return pa.record_batch(cast, schema=QUARANTINE)

    sealed = (seal(batch) for batch in engine.batches(sql))  # here, not on a cluster: keys stay on this machine
    before = journal.version(engine, "quarantine") > 0
    if before:
        engine.table("import_aside", "quarantine")
    no_longer = query(PACKAGE, "no_longer_aside") if waits and before else None
    if instead and before:
        no_longer = fill("SELECT payload FROM import_aside WHERE source = $source", source=run.source.name)
    rows = pa.RecordBatchReader.from_batches(QUARANTINE, sealed)
    engine.write(rows, "quarantine", append=True, supersede=no_longer)


def _is_in(engine: Engine, dataset: str, version: int, source: str) -> bool:
    """Whether rows of ``source`` were published to ``dataset`` after ``version``."""
    if journal.version(engine, dataset) <= version:
        return False
    engine.table("import_newer", dataset, after=version)
    return source in counted(engine, "SELECT source, count(*) FROM import_newer GROUP BY source")


def report(run: Run, intake: Intake, *, skipped: tuple[str, ...], **more: int) -> ImportReport:
    """Counts over what lies in scratch: the same whether this import published it, or the one that was cut off."""
    engine = run.engine
    live = {row["kind"]: row for batch in engine.batches(_LIVE) for row in batch.to_pylist()}
    shop = [row for kind, row in live.items() if kind not in LINK_KINDS]
    parts = next(iter(engine.batches(f"SELECT count(CASE WHEN place > 1 THEN 1 END) AS n, sum(quantity) FROM {PARTS}")))
    more_returns, undone = parts.to_pylist()[0].values()
    kinds = {row["kind"]: row["n"] + (more_returns if row["kind"] == "return" else 0) for row in shop}
    first, last = min((row["first"] for row in shop), default=None), max((row["last"] for row in shop), default=None)
    people = sum(counted(engine, f"SELECT 0, count(DISTINCT number) FROM {SESSIONS}").values())
    quarantined = counted(engine, "SELECT reason, count(*) FROM import_bad GROUP BY reason")
    fields: dict[str, int] = {}
    for reason, count in quarantined.items():
        fields[FIELD_AT_FAULT[QuarantineReason(reason)]] = (
            fields.get(FIELD_AT_FAULT[QuarantineReason(reason)], 0) + count
        )
    return ImportReport(
        source=run.source.name,
        files=tuple(file.name for file in intake.files),
        skipped=skipped,
        read=intake.rows,
        accepted=sum(row["n"] for row in live.values()),
        links=sum(live[kind]["n"] for kind in LINK_KINDS if kind in live),
        events=sum(kinds.values()),
        kinds=dict(sorted(kinds.items())),
        quarantined=quarantined,
        fields=dict(sorted(fields.items())),
        people=people,
        first=first.replace(tzinfo=UTC) if first else None,
        last=last.replace(tzinfo=UTC) if last else None,
        aliases=more["aliases"],
        alias_conflicts=more["conflicts"],
        unmatched_quantity=round((live["return"]["returned"] if "return" in live else 0.0) - (undone or 0.0), 6),
        resumed=bool(more["resumed"]),
        again=bool(more["again"]),
        healed=more["healed"],
    )

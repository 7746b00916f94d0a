"""Import: read, check, clean, publish. See :mod:`siyu.events.journal` for what a crash leaves and how it heals."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import pyarrow as pa
from babel.core import get_global

from siyu.domain.clock import Clock, SystemClock
from siyu.domain.kinds import EventKind, QuarantineReason
from siyu.domain.progress import Progress, Step, silent
from siyu.engine.port import Engine, Sql
from siyu.engine.resolved import ALIASES
from siyu.engine.schemas import QUARANTINE
from siyu.engine.sql import query
from siyu.events import files, journal
from siyu.events.cleaning import PACKAGE, PARTS, SCRATCH, STAGE, WORDS, Staged, clean, counted, look, register_stored
from siyu.events.intake import Intake
from siyu.events.mapping import LINK_KINDS, Mapping, mapped
from siyu.events.people import Pseudonymise, claimed, link, name_people, stored_aliases
from siyu.events.report import ImportReport
from siyu.events.settings import SourceSettings
from siyu.events.words import SCHEMA as WORDS_SCHEMA
from siyu.events.words import read_words

Encrypt = Callable[[pa.Array], pa.Array]

END_OF_TIME = datetime(2100, 1, 1, tzinfo=UTC)
ITEM_KINDS = tuple(k.value for k in EventKind if k in {"browse", "cart", "purchase", "return", "review", "rating"})
FIELD_AT_FAULT: Final = {
    QuarantineReason.MALFORMED: "row",
    QuarantineReason.MISSING_PERSON: "user_id",
    QuarantineReason.UNKNOWN_KIND: "kind",
    QuarantineReason.MISSING_TIME: "ts",
    QuarantineReason.BAD_TIME: "ts",
    QuarantineReason.TIME_OUT_OF_RANGE: "ts",
    QuarantineReason.FUTURE_TIME: "ts",
    QuarantineReason.MISSING_ITEM: "item",
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


@dataclass(frozen=True, slots=True)
class _Run:
    """One import of the files that are new."""

    engine: Engine
    source: SourceSettings
    pseudonymise: Pseudonymise
    encrypt: Encrypt
    now: datetime
    latest: datetime
    progress: Progress


def import_events(
    engine: Engine,
    source: SourceSettings,
    *,
    pseudonymise: Pseudonymise,
    encrypt: Encrypt,
    clock: Clock,
    progress: Progress = silent,
) -> ImportReport:
    """Import the files of ``source`` that were not imported before: appends to ``events`` and ``quarantine``.

    Args:
        pseudonymise: distinct raw ids (string) to pseudonyms, in order.
        encrypt: quarantined rows (JSON text) to bytes, in order.

    Returns:
        Counts; ``read == accepted + sum(quarantined)`` always. Importing the same files again reads nothing.

    Raises:
        InputError: a file is missing or is not what it claims to be; nothing is changed.
        SettingsError: the mapping does not fit the files.
        StorageError: writing failed; the next import of the same files completes it.
    """
    now = clock.now()
    found = files.find(source.paths)
    known = journal.known(engine, source.name)
    fresh: dict[str, files.SourceFile] = {}
    for file in found:
        if file.fingerprint not in known:
            fresh.setdefault(file.fingerprint, file)
    taken = tuple(fresh.values())
    skipped = tuple(file.name for file in found if file not in taken)
    if not taken:
        return ImportReport(source.name, skipped=skipped)
    run = _Run(engine, source, pseudonymise, encrypt, now, _latest(source, clock), progress)
    _drop_scratch(engine)
    try:
        with Intake(engine, source, taken, progress) as intake:
            return _import(run, intake, skipped)
    finally:
        _drop_scratch(engine)


def _latest(source: SourceSettings, clock: Clock) -> datetime:
    """The last moment a row may tell of. Under ``--as-of`` later rows are no error: stages ignore them until then."""
    if source.latest is not None:
        return source.latest
    return clock.now() + timedelta(days=1) if isinstance(clock, SystemClock) else END_OF_TIME


def _import(run: _Run, intake: Intake, skipped: tuple[str, ...]) -> ImportReport:
    engine, source = run.engine, run.source
    if not intake.rows:
        journal.finish(engine, source.name, intake.files, run.now)
        return ImportReport(source.name, files=tuple(file.name for file in intake.files), skipped=skipped)
    mapping = Mapping(intake.source, intake.schema)
    _stage(run, mapping)
    staged = look(engine)
    plan, resumed = _plan(run, intake)
    register_stored(engine, source.name, plan.events if resumed else None)
    run.progress(Step("import.clean"))
    clean(engine, mapping, staged)
    run.progress(Step("import.publish"))
    journal.begin(engine, source.name, plan)
    added, refused = _publish_aliases(run, staged)
    _publish_events(run, plan, staged)
    _publish_quarantine(run, plan, mapping, everything=intake.rows == staged.rows)
    journal.finish(engine, source.name, intake.files, run.now)
    return _report(run, plan, intake, staged, skipped=skipped, aliases=added, conflicts=refused, resumed=resumed)


def _stage(run: _Run, mapping: Mapping) -> None:
    source, engine = run.source, run.engine
    run.progress(Step("import.check"))
    engine.table("import_mapped", Sql(mapped(mapping)))
    checked = query(
        PACKAGE,
        "check",
        earliest=source.earliest,
        end_of_time=END_OF_TIME,
        latest=run.latest,
        link_kinds=LINK_KINDS,
        item_kinds=ITEM_KINDS,
        max_quantity=source.max_quantity,
        max_price=source.max_price,
        no_zero_price=source.zero_price == "quarantine",
        currencies=tuple(sorted(get_global("all_currencies"))),
    )
    engine.table("import_checked", Sql(checked))
    name_people(engine, run.pseudonymise)
    engine.write(query(PACKAGE, "stage", id_prefix=source.id_prefix), STAGE)
    engine.table(STAGE, STAGE)


def _plan(run: _Run, intake: Intake) -> tuple[journal.Intent, bool]:
    """What will be published over which versions; the plan of a cut-off import of the same files is taken up."""
    prints = tuple(sorted(file.fingerprint for file in intake.files))
    settings = run.source.model_dump_json(exclude={"paths"})
    left = journal.intent(run.engine, run.source.name)
    if left and left.fingerprints == prints and left.settings == settings:
        return left, True
    versions = journal.version(run.engine, "events"), journal.version(run.engine, "quarantine")
    return journal.Intent(prints, settings, *versions), False


def _publish_aliases(run: _Run, staged: Staged) -> tuple[int, int]:
    known = stored_aliases(run.engine)
    links, added, refused = link(known, claimed(run.engine)) if staged.aliases else (known, 0, 0)
    if added:
        run.engine.write(links.to_reader(), ALIASES)
    run.engine.table("import_aliases", links)
    return added, refused


def _publish_events(run: _Run, plan: journal.Intent, staged: Staged) -> None:
    engine = run.engine
    if _is_in(engine, "events", plan.events, run.source.name):
        return
    gap = timedelta(minutes=run.source.session_minutes)
    day = max(gap, timedelta(days=1))  # an order's rows lie within a day
    first, last = staged.first or run.now, staged.last or run.now
    sql = query(
        PACKAGE,
        "events",
        near_first=first - day,
        near_last=last + day,
        gap=int(gap.total_seconds()),
        source=run.source.name,
    )
    if staged.texts:
        read_words(engine, WORDS)
        engine.table(WORDS, WORDS)
    else:
        engine.table(WORDS, WORDS_SCHEMA.empty_table())
    engine.write(sql, "events", append=True)


def _publish_quarantine(run: _Run, plan: journal.Intent, mapping: Mapping, *, everything: bool) -> None:
    engine = run.engine
    if _is_in(engine, "quarantine", plan.quarantine, run.source.name):
        return
    if everything:  # no row failed a check of its own, so the files need not be read for them again
        engine.table(
            "import_checked", Sql("SELECT _file, _row, _part, CAST(NULL AS VARCHAR) AS reason FROM import_fate")
        )
    engine.table("import_fields", pa.table({"reason": list(FIELD_AT_FAULT), "field": list(FIELD_AT_FAULT.values())}))
    payloads = f"SELECT r._file, r._row, r._part, {mapping.payload('r')} AS payload FROM import_raw r"
    engine.table("import_payloads", Sql(payloads))
    sql = query(PACKAGE, "quarantine", source=run.source.name, imported_at=run.now)

    def seal(batch: pa.RecordBatch) -> pa.RecordBatch:
        columns = [batch.column(name) for name in QUARANTINE.names]
        place = QUARANTINE.get_field_index("payload")
        columns[place] = run.encrypt(columns[place])
        cast = [column.cast(field.type) for column, field in zip(columns, QUARANTINE, strict=True)]
        return pa.record_batch(cast, schema=QUARANTINE)

    engine.map_arrow(sql, seal, QUARANTINE, "quarantine", append=True)


def _is_in(engine: Engine, dataset: str, version: int, source: str) -> bool:
    """Whether rows of ``source`` were published to ``dataset`` after ``version``."""
    if journal.version(engine, dataset) <= version:
        return False
    engine.table("import_newer", dataset, after=version)
    return source in counted(engine, "SELECT source, count(*) FROM import_newer GROUP BY source")


def _report(
    run: _Run, plan: journal.Intent, intake: Intake, staged: Staged, *, skipped: tuple[str, ...], **more: int
) -> ImportReport:
    engine, name = run.engine, run.source.name
    engine.table("import_new", "events", after=plan.events)
    engine.table("import_aside", "quarantine", after=plan.quarantine)
    mine = f"FROM import_new WHERE source = '{name}'"  # the settings allow a-z, 0-9, - and _ only
    kinds = counted(engine, f"SELECT kind, count(*) {mine} GROUP BY kind")
    ends = next(iter(engine.batches(f"SELECT count(DISTINCT person), min(ts), max(ts) {mine}"))).to_pylist()[0]
    people, first, last = ends.values()
    live = counted(engine, "SELECT kind, count(*) FROM import_live GROUP BY kind")
    undone = sum(_quantity(engine, f"SELECT sum(quantity) FROM {PARTS}"))
    asked = sum(_quantity(engine, "SELECT sum(quantity) FROM import_live WHERE kind = 'return'"))
    return ImportReport(
        source=name,
        files=tuple(file.name for file in intake.files),
        skipped=skipped,
        read=intake.rows,
        accepted=sum(live.values()),
        links=sum(live.get(kind, 0) for kind in LINK_KINDS),
        events=sum(kinds.values()),
        kinds=kinds,
        quarantined=counted(
            engine, f"SELECT reason, count(*) FROM import_aside WHERE source = '{name}' GROUP BY reason"
        ),
        fields=counted(engine, f"SELECT field, count(*) FROM import_aside WHERE source = '{name}' GROUP BY field"),
        people=people,
        first=first.replace(tzinfo=UTC) if first else None,
        last=last.replace(tzinfo=UTC) if last else None,
        aliases=more["aliases"],
        alias_conflicts=more["conflicts"],
        unmatched_quantity=round(asked - undone, 6),
        resumed=bool(more["resumed"]),
    )


def _quantity(engine: Engine, sql: str) -> list[float]:
    return [value or 0.0 for batch in engine.batches(sql) for value in batch.column(0).to_pylist()]


def _drop_scratch(engine: Engine) -> None:
    for name in SCRATCH:
        shutil.rmtree(engine.root / name, ignore_errors=True)

"""Import: read, check, clean, publish. See :mod:`siyu.events.journal` for what a crash leaves and how it heals."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
from babel.core import get_global

from siyu.domain.clock import Clock, SystemClock
from siyu.domain.kinds import EventKind
from siyu.domain.progress import Progress, Step, silent
from siyu.engine.port import Engine, Sql
from siyu.engine.sql import query
from siyu.engine.values import ROUNDED
from siyu.events import journal, waiting
from siyu.events.cleaning import PACKAGE, SCRATCH, STAGE, clean, keep, look, register_empty, register_stored
from siyu.events.intake import Intake, sweep
from siyu.events.mapping import LINK_KINDS, Mapping, mapped
from siyu.events.people import Pseudonymise, name_people, number_ids
from siyu.events.prices import read_prices
from siyu.events.publishing import Encrypt, Run, publish_aliases, publish_events, publish_quarantine, report
from siyu.events.report import ImportReport
from siyu.events.settings import SourceSettings
from siyu.events.taking import Taken, take

END_OF_TIME = datetime(2100, 1, 1, tzinfo=UTC)
ITEM_KINDS = tuple(k.value for k in EventKind if k in {"browse", "cart", "purchase", "return", "review", "rating"})


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
    taken = take(source, journal.entries(engine, source.name))
    if not taken.files:
        sweep(engine)
        _drop_scratch(engine)  # a kill after the last step leaves it, and there may be nothing new for a long time
        return ImportReport(source.name, skipped=taken.skipped)
    run = Run(engine, source, pseudonymise, encrypt, now, _latest(source, clock), progress)
    _drop_scratch(engine)
    try:
        with Intake(engine, source, taken.files, progress) as intake:
            return _import(run, intake, taken)
    finally:
        _drop_scratch(engine)


def _latest(source: SourceSettings, clock: Clock) -> datetime:
    """The last moment a row may tell of. Under ``--as-of`` later rows are no error: stages ignore them until then."""
    if source.latest is not None:
        return source.latest
    return clock.now() + timedelta(days=1) if isinstance(clock, SystemClock) else END_OF_TIME


def _import(run: Run, intake: Intake, taken: Taken) -> ImportReport:
    engine, source = run.engine, run.source
    if not intake.rows and intake.names:  # a file whose only line is no header is not empty
        Mapping(intake.source, intake.schema).require()
    if not intake.rows and not taken.instead:
        journal.finish(engine, source.name, taken.entries, run.now)
        return ImportReport(source.name, files=tuple(file.name for file in intake.files), skipped=taken.skipped)
    mapping = Mapping(intake.source, intake.schema)
    mapping.require()
    mapping = replace(mapping, written=read_prices(engine, mapping))
    _stage(run, mapping)
    staged = look(engine)
    plan, resumed = _plan(run, intake)
    register_empty(engine)
    register_stored(engine, source.name, plan.events if resumed else None, instead=taken.instead)
    held = journal.healing(engine, besides=source.name)
    waits = waiting.register(engine, source.name, instead=taken.instead, taken=held)
    run.progress(Step("import.clean"))
    clean(engine, mapping, staged, waiting=waits)
    run.progress(Step("import.publish"))
    healed = waiting.healed(engine) if waits else ()
    journal.begin(engine, source.name, replace(plan, healed=healed))
    added, refused = publish_aliases(run, staged)
    publish_events(run, plan, staged, healed=bool(healed), instead=taken.instead)
    publish_quarantine(run, plan, mapping, waits=waits, instead=taken.instead)
    if waits or "return" in staged.kinds:
        waiting.publish(engine, source.name, plan.key)
    journal.finish(engine, source.name, taken.entries, run.now, instead=taken.instead)
    counts = {"aliases": added, "conflicts": refused, "healed": len(healed)}
    return report(run, intake, skipped=taken.skipped, resumed=resumed, again=taken.instead, **counts)


def _stage(run: Run, mapping: Mapping) -> None:
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
        rounded=ROUNDED,
        max_quantity=source.max_quantity,
        max_price=source.max_price,
        no_zero_price=source.zero_price == "quarantine",
        currencies=tuple(sorted(get_global("all_currencies"))),
    )
    engine.table("import_checked", Sql(checked))
    number_ids(engine)
    keep(engine, query(PACKAGE, "stage", id_prefix=source.id_prefix), STAGE)
    name_people(engine, run.pseudonymise)


def _plan(run: Run, intake: Intake) -> tuple[journal.Intent, bool]:
    """What will be published over which versions; the plan of a cut-off import of the same files is taken up."""
    prints = tuple(sorted(file.fingerprint for file in intake.files))
    settings = run.source.model_dump_json(exclude={"paths"})
    left = journal.intent(run.engine, run.source.name)
    if left and left.fingerprints == prints and left.settings == settings:
        return left, True
    versions = journal.version(run.engine, "events"), journal.version(run.engine, "quarantine")
    return journal.Intent(prints, settings, *versions), False


def _drop_scratch(engine: Engine) -> None:
    for name in SCRATCH:
        engine.drop(name)
    for name in ("import_ids", "import_people", "import_who", "import_aliases"):  # held in memory, one row a person
        engine.table(name, pa.table({"number": pa.array([], pa.int32())}))

"""Import: read, check, clean, publish. See :mod:`siyu.events.journal` for what a crash leaves and how it heals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from babel.core import get_global

from siyu import files
from siyu.domain.clock import Clock, SystemClock
from siyu.domain.kinds import EventKind
from siyu.domain.progress import Progress, Step, silent
from siyu.engine.port import Engine, Sql
from siyu.engine.sql import query
from siyu.events import journal
from siyu.events.cleaning import PACKAGE, SCRATCH, STAGE, clean, keep, look, register_stored
from siyu.events.intake import Intake
from siyu.events.mapping import LINK_KINDS, Mapping, mapped
from siyu.events.people import Pseudonymise, name_people, number_ids
from siyu.events.publishing import Encrypt, Run, publish_aliases, publish_events, publish_quarantine, report
from siyu.events.report import ImportReport
from siyu.events.settings import SourceSettings

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
    run = Run(engine, source, pseudonymise, encrypt, now, _latest(source, clock), progress)
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


def _import(run: Run, intake: Intake, skipped: tuple[str, ...]) -> ImportReport:
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
    added, refused = publish_aliases(run, staged)
    publish_events(run, plan, staged)
    publish_quarantine(run, plan, mapping)
    journal.finish(engine, source.name, intake.files, run.now)
    return report(run, intake, skipped=skipped, aliases=added, conflicts=refused, resumed=resumed)


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

"""Examining a project: settings and their origins, keys, data, state, disk. It looks at broken ones too."""

from __future__ import annotations

import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from glob import glob
from pathlib import Path

from siyu.app.describe import Setting, settings_of, values_of
from siyu.app.settings import Settings
from siyu.app.shop import Shop
from siyu.app.words import say
from siyu.domain.errors import SiyuError
from siyu.engine import manifest
from siyu.store import audit

LEAST_FREE_GB = 1.0
DATASETS = ("events", "quarantine", "products", "facts", "interests", "people", "recommendations", "messages")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: ``verdict`` is ok, warn or bad; ``next_step`` says what to do about it."""

    name: str
    verdict: str
    found: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything found. ``values``: dotted path, value, origin."""

    checks: tuple[Check, ...]
    values: tuple[tuple[str, str, str], ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing must be mended."""
        return all(check.verdict != "bad" for check in self.checks)


def every_setting() -> tuple[Setting, ...]:
    """All settings with their meaning."""
    return tuple(settings_of(Settings))


def setting_lines(listed: tuple[Setting, ...]) -> list[str]:
    """Settings, one a line."""
    width = max(len(setting.path) for setting in listed)
    return [f"{setting.path:<{width}}  {setting.default or '-':<24}  {setting.meaning}" for setting in listed]


def examine(folder: Path) -> Examination:
    """Look at the project in ``folder``; a check that fails is reported, not raised."""
    try:
        shop = Shop(folder)
    except SiyuError as error:
        return Examination((_failed("settings", error),), ())
    values = tuple(
        (path, str(value), shop.origins.get(path, say("doctor.origin_default")))
        for path, value in values_of(shop.settings)
    )
    checks = [check for look in LOOKS for check in _safely(look, shop)]
    return Examination(tuple(checks), values)


def _safely(look: Callable[[Shop], Iterator[Check]], shop: Shop) -> Iterator[Check]:
    try:
        yield from look(shop)
    except SiyuError as error:
        yield _failed(look.__name__.strip("_"), error)


def _failed(name: str, error: SiyuError) -> Check:
    return Check(name, "bad", f"{error.what} {error.why}".strip(), error.next_step)


def _python(shop: Shop) -> Iterator[Check]:
    yield Check("python", "ok", sys.version.split()[0])


def _disk(shop: Shop) -> Iterator[Check]:
    free = shutil.disk_usage(shop.paths.root).free / 1e9
    verdict = "ok" if free >= LEAST_FREE_GB else "warn"
    yield Check("disk", verdict, f"{free:.1f} GB free", "" if verdict == "ok" else "Free some space.")


def _keys(shop: Shop) -> Iterator[Check]:
    folder = shop.paths.keys
    if not folder.is_dir():
        yield Check("keys", "warn", "none yet", "They are made by the first import; back the folder up after it.")
        return
    open_to_all = [path.name for path in folder.iterdir() if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    if open_to_all:
        yield Check("keys", "bad", f"readable by others: {', '.join(open_to_all)}", f"chmod 600 {folder}/*")
    else:
        _ = shop.keys  # opens them; a missing one is an error with its cure
        yield Check("keys", "ok", str(folder))


def _inputs(shop: Shop) -> Iterator[Check]:
    catalogue = [(f"catalogue {source.name}", source.paths) for source in shop.settings.catalogue]
    events = [(f"events {source.name}", source.paths) for source in shop.settings.events]
    for name, paths in (*catalogue, *events):
        for pattern in shop.paths.expand(paths):
            count = len(glob(pattern))
            cure = "" if count else "Correct paths, or set [project] inputs."
            yield Check(name, "ok" if count else "bad", f"{count} files match {pattern}", cure)
    for path in shop.paths.expand(shop.settings.people.files):
        there = Path(path).is_file()
        yield Check("people", "ok" if there else "bad", path, "" if there else "Correct [people] files.")


def _datasets(shop: Shop) -> Iterator[Check]:
    for name in DATASETS:
        found = manifest.find(shop.paths.tables, name)
        if found is not None:
            yield Check(f"dataset {name}", "ok", f"{found.rows:,} rows, version {found.version}")


def _audit(shop: Shop) -> Iterator[Check]:
    if not shop.paths.store.is_file():
        return
    with shop.store.reading() as connection:
        verdict = audit.verify(connection)
    if verdict.whole:
        yield Check("audit log", "ok", f"{verdict.entries} entries, unbroken")
    else:
        yield Check("audit log", "bad", f"broken at entry {verdict.broken_at}", "Restore the store from a backup.")


def _sender(shop: Shop) -> Iterator[Check]:
    sender = shop.settings.delivery.sender
    if not sender.postal:
        yield Check("sender", "warn", "no postal address", "Set [delivery.sender] postal: many places require it.")


LOOKS: tuple[Callable[[Shop], Iterator[Check]], ...] = (_python, _disk, _inputs, _keys, _datasets, _audit, _sender)


def sentences(found: Examination) -> list[str]:
    """The examination, line by line: checks first, then values that are not defaults."""
    lines = []
    for check in found.checks:
        lines.append(f"{say(f'doctor.{check.verdict}'):<6} {check.name:<20} {check.found}")
        if check.next_step:
            lines.append(f"{'':<28}{say('errors.next_step')}: {check.next_step}")
    given = [row for row in found.values if row[2] != say("doctor.origin_default")]
    width = max((len(path) for path, _, _ in given), default=0)
    return [*lines, "", *(f"{path:<{width}} = {value}   ({origin})" for path, value, origin in given)]

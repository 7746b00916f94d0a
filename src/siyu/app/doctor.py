"""Examining a project: settings and their origins, keys, data, state, disk. It looks at broken ones too."""

from __future__ import annotations

import shutil
import stat
import sys
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from glob import glob
from pathlib import Path

from siyu.app import layout
from siyu.app.describe import Setting, settings_of, values_of
from siyu.app.settings import Settings
from siyu.app.shop import Shop
from siyu.app.words import say
from siyu.domain.errors import SiyuError
from siyu.engine import manifest
from siyu.files import database, find, is_remote
from siyu.store import audit

LEAST_FREE_GB = 1.0
DATASETS = ("events", "quarantine", "products", "facts", "interests", "people", "recommendations", "messages")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: ``verdict`` is ok, warn or bad; ``next_step`` says what to do about it.

    Attributes:
        name: what was looked at, one of ``doctor.checks`` in the packs; ``of``: which one, where there are several.
    """

    name: str
    verdict: str
    found: str
    next_step: str = ""
    of: str = ""


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
    enough = free >= LEAST_FREE_GB
    found = say("doctor.free", gigabytes=f"{free:.1f}")
    yield Check("disk", "ok" if enough else "warn", found, "" if enough else say("doctor.free_some"))


def _layout(shop: Shop) -> Iterator[Check]:
    version = layout.found(shop.paths)
    if version is None:
        return
    layout.require_current(shop.paths)
    yield Check("layout", "ok", say("doctor.layout", layout=version.layout, siyu=version.siyu))


def _keys(shop: Shop) -> Iterator[Check]:
    folder = shop.paths.keys
    if not folder.is_dir() and not shop.paths.store.exists():
        yield Check("keys", "warn", say("doctor.no_keys"), say("doctor.make_keys"))
        return
    inside = folder.iterdir() if folder.is_dir() else ()
    open_to_all = [path.name for path in inside if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    if open_to_all:
        yield Check("keys", "bad", say("doctor.open_keys", names=", ".join(open_to_all)), f"chmod 600 {folder}/*")
    else:
        _ = shop.keys  # opens them; a missing one is an error with its cure
        yield Check("keys", "ok", str(folder))


def _inputs(shop: Shop) -> Iterator[Check]:
    catalogue = [("catalogue", source.name, source.paths) for source in shop.settings.catalogue]
    events = [("events", source.name, source.paths) for source in shop.settings.events]
    for kind, name, paths in (*catalogue, *events):
        for pattern in shop.paths.expand(paths):
            count = len(find([pattern])) if is_remote(pattern) else len(glob(pattern))
            cure = "" if count else say("doctor.correct_paths")
            found = say("doctor.matches", count=count, pattern=pattern)
            yield Check(kind, "ok" if count else "bad", found, cure, of=name)
    for path in shop.paths.expand(shop.settings.people.files):
        there = bool(find([path]) if is_remote(path) else glob(path)) or Path(path).is_file()
        yield Check("people", "ok" if there else "bad", path, "" if there else say("doctor.correct_people"))


def _databases(shop: Shop) -> Iterator[Check]:
    """Whether each database opens and gives what is asked of it; no row is read."""
    settings = shop.settings
    sources = [(f"catalogue.{one.name}", one.database) for one in settings.catalogue]
    sources += [(f"events.{one.name}", one.database) for one in settings.events]
    for name, found in (*sources, ("people", settings.people.database)):
        if found is None:
            continue
        try:
            columns = database.columns(found, name)
            yield Check("database", "ok", say("doctor.columns", count=len(columns)), of=name)
        except SiyuError as error:
            yield replace(_failed("database", error), of=name)


def _datasets(shop: Shop) -> Iterator[Check]:
    for name in DATASETS:
        found = manifest.find(shop.paths.tables, name)
        if found is not None:
            rows = say("doctor.dataset", rows=f"{found.rows:,}", version=found.version)
            yield Check("dataset", "ok", rows, of=name)


def _audit(shop: Shop) -> Iterator[Check]:
    if not shop.paths.store.is_file():
        return
    with shop.old_store.reading() as connection:  # whatever its keys and its layout
        verdict = audit.verify(connection)
    if verdict.whole:
        yield Check("audit", "ok", say("doctor.audit", entries=verdict.entries))
    else:
        broken = say("doctor.audit_broken", entry=verdict.broken_at)
        yield Check("audit", "bad", broken, say("doctor.restore"))


def _sender(shop: Shop) -> Iterator[Check]:
    sender = shop.settings.delivery.sender
    if not sender.postal:
        yield Check("sender", "warn", say("doctor.no_postal"), say("doctor.set_postal"))


LOOKS: tuple[Callable[[Shop], Iterator[Check]], ...] = (
    _python,
    _disk,
    _inputs,
    _databases,
    _layout,
    _keys,
    _datasets,
    _audit,
    _sender,
)


def sentences(found: Examination) -> list[str]:
    """The examination, line by line: checks first, then values that are not defaults."""
    lines = []
    for check in found.checks:
        name = f"{say(f'doctor.checks.{check.name}')} {check.of}".strip()
        lines.append(f"{_padded(say(f'doctor.{check.verdict}'), 6)} {_padded(name, 20)} {check.found}")
        if check.next_step:
            lines.append(f"{'':<28}{say('errors.next_step')}: {check.next_step}")
    given = [row for row in found.values if row[2] != say("doctor.origin_default")]
    width = max((len(path) for path, _, _ in given), default=0)
    return [*lines, "", *(f"{path:<{width}} = {value}   ({origin})" for path, value, origin in given)]


def _padded(text: str, width: int) -> str:
    """``text`` filled up to ``width`` columns of a terminal, in which a Chinese character takes two."""
    return text + " " * (width - sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text))

"""Making a backup: everything of one moment, without the keys unless asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from siyu import __version__
from siyu.app import layout
from siyu.app.backup import archive
from siyu.app.loading import FILE
from siyu.app.paths import Paths
from siyu.app.shop import Shop
from siyu.app.words import say
from siyu.domain.clock import SystemClock
from siyu.domain.errors import MissingDataError, SettingsError
from siyu.domain.progress import Progress, Step, silent
from siyu.privacy.contacts import ring_mark

STATE: Final = "state"
KEYS: Final = f"{STATE}/keys"
_PASSING: Final = ("lock", ".spill", "keys", "store.db", "store.db-wal", "store.db-shm")
"""Entries of the state folder that a backup leaves out, or takes by another way."""
_SCRATCH: Final = frozenset({".spill", ".spark", ".intake", ".catalogue"})
"""Folders among the tables that hold what a running stage works on; the last three may hold the shop's own ids."""


@dataclass(frozen=True, slots=True)
class BackupMade:
    """A backup: where it lies, how large it and what it holds are, and whether the keys are in it."""

    path: Path
    files: int
    bytes: int
    packed: int
    keys: bool
    store: bool


def back_up(shop: Shop, target: Path, *, with_keys: bool = False, progress: Progress = silent) -> BackupMade:
    """Write the project's settings and state, as they are at this moment, into one file.

    The caller holds the project's lock, so that no other command changes datasets meanwhile; the store is copied at one
    moment, beside writers too.

    Raises:
        MissingDataError: the project has no state yet.
        SettingsError: ``target`` lies in the state folder or exists.
        StorageError: it cannot be written.
    """
    _check(shop.paths, target)
    with tempfile.TemporaryDirectory(prefix=".siyu-backup-", dir=_room(target)) as scratch:
        files = dict(_files(shop.paths, target))
        store = _copy_of_store(shop, Path(scratch))
        if store is not None:
            files[f"{STATE}/store.db"] = store
        if with_keys:
            files |= {f"{KEYS}/{path.name}": path for path in sorted(shop.paths.keys.glob("*.key"))}
        progress(Step("backup.pack", 0, len(files)))
        contents = archive.pack(target, _about(shop, with_keys, store is not None), files)
    progress(Step("backup.pack", len(files), len(files)))
    size = archive.sizes(contents.files)
    return BackupMade(target, len(files), size, target.stat().st_size, with_keys, store is not None)


def _check(paths: Paths, target: Path) -> None:
    if layout.found(paths) is None:
        raise MissingDataError(
            "There is nothing to back up yet.",
            why=f"{paths.state} holds no state.",
            next_step="Run `siyu run` first, or name the project with -p.",
        )
    if target.resolve().is_relative_to(paths.state.resolve()):
        raise SettingsError(
            f"{target} lies in the state folder.",
            why="A backup that lies with what it saves is lost with it.",
            next_step="Name a file outside, best on another disk.",
        )
    if target.exists():
        raise SettingsError(f"{target} exists already.", why="It would be overwritten.", next_step="Name another file.")


def _room(target: Path) -> Path | None:
    return target.parent if target.parent.is_dir() else None


def _files(paths: Paths, target: Path) -> Iterator[tuple[str, Path]]:
    settings = paths.root / FILE
    if settings.is_file():
        yield FILE, settings
    for entry in sorted(paths.state.iterdir()):
        if entry.name in _PASSING or entry.name.startswith("."):
            continue
        for path in sorted(entry.rglob("*")) if entry.is_dir() else [entry]:
            if _is_kept(path) and path.resolve() != target.resolve():
                yield f"{STATE}/{path.relative_to(paths.state).as_posix()}", path


def _is_kept(path: Path) -> bool:
    """A plain file that a command left whole."""
    passing = path.name.endswith((".tmp", ".part")) or not _SCRATCH.isdisjoint(path.parts)
    return path.is_file() and not path.is_symlink() and not passing


def _copy_of_store(shop: Shop, scratch: Path) -> Path | None:
    """A copy of an SQLite store; ``None`` where the store is a server's, or there is none."""
    if not shop.settings.store.url and not shop.paths.store.is_file():
        return None
    store = shop.old_store
    if not store.in_file:
        return None
    copy = scratch / "store.db"
    store.copy_to(copy).close()
    return copy


def _about(shop: Shop, with_keys: bool, store: bool) -> dict[str, Any]:
    version = layout.found(shop.paths)
    return {
        "siyu": __version__,
        "layout": version.layout if version else layout.LAYOUT,
        "project": shop.settings.project.name,
        "state": shop.settings.project.state,
        "made_at": SystemClock().now().isoformat(timespec="seconds"),
        "keys": with_keys,
        "store": store,
        "ring": ring_mark(shop.keys) if with_keys or shop.paths.keys.is_dir() else "",
    }


def sentences(made: BackupMade) -> list[str]:
    """What was made, line by line."""
    lines = [say("backup.made", path=made.path, files=f"{made.files:,}", size=f"{made.packed / 1e6:.1f}")]
    lines.append(say("backup.with_keys" if made.keys else "backup.without_keys"))
    if not made.store:
        lines.append(say("backup.without_store"))
    return lines

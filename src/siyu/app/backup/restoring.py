"""Restoring a backup: unpacked aside, checked whole, and only then moved into the place of what was there."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siyu import __version__
from siyu.app import layout
from siyu.app.backup import archive
from siyu.app.backup.making import STATE
from siyu.app.loading import FILE, load
from siyu.app.lock import project_lock
from siyu.app.paths import Paths
from siyu.app.settings import Settings
from siyu.app.words import say
from siyu.domain.errors import NotPermittedError, SettingsError, StorageError
from siyu.privacy.contacts import ring_mark
from siyu.privacy.keys import KeyRing


@dataclass(frozen=True, slots=True)
class Restored:
    """A project put back: where, from when, whether its keys are there, and whether its layout must be upgraded."""

    folder: Path
    made_at: str
    files: int
    keys: bool
    store: bool
    upgrade: bool
    keys_folder: Path


def restore(source: Path, folder: Path, *, force: bool = False) -> Restored:
    """Put the project of a backup into ``folder``.

    The keys that are there stay, where the backup holds none and they are the ones that belong to it.

    Args:
        force: replace a state, and settings, that are there.

    Raises:
        InputError: the file is damaged, or no backup.
        NotPermittedError: the keys that are there belong to another store.
        SettingsError: something is there already and ``force`` is off.
        StorageError: the backup is of a newer version, another command works on the project, or the disk is full.
    """
    about = archive.look(source).about
    _check_version(about, source)
    folder.mkdir(parents=True, exist_ok=True)
    paths = _paths(folder, str(about["state"]))
    _heal(paths)
    if not force:
        _check_empty(paths, source)
    _check_keys(paths, about)
    aside = paths.state.with_name(f"{paths.state.name}.restoring-{os.getpid()}")
    try:
        with project_lock(paths.lock, "siyu restore"):
            contents = archive.unpack(source, aside)
            _put_in_place(paths, aside, about, force)
    except OSError as error:
        raise StorageError(
            "The backup could not be put in place.",
            why=f"{error.filename or paths.state}: {error.strerror}.",
            next_step="Free space or make the folder writable, then run it again.",
            retry=True,
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    has_keys = paths.keys.is_dir() and any(paths.keys.iterdir())
    old = int(about["layout"]) < layout.LAYOUT
    return Restored(folder, str(about["made_at"]), len(contents.files), has_keys, bool(about["store"]), old, paths.keys)


def _paths(folder: Path, state: str) -> Paths:
    """Where the folder's own settings say the state lies, else those of the backup, as long as that is inside."""
    if not (folder / FILE).is_file():
        return Paths.of(folder, state=state if archive.is_safe(state) else ".siyu", inputs=".")
    settings, _ = load(Settings, folder, os.environ)
    return Paths.of(folder, state=settings.project.state, inputs=settings.project.inputs)


def _check_version(about: Any, source: Path) -> None:
    if int(about["layout"]) > layout.LAYOUT:
        raise StorageError(
            f"{source} was made by a newer version of Siyu.",
            why=f"It has layout {about['layout']}; this version, {__version__}, knows {layout.LAYOUT}.",
            next_step=f"Install siyu {about['siyu']} or newer, then restore with it. Nothing was changed.",
        )


def _heal(paths: Paths) -> None:
    """End what a restore that was killed left behind: put the former state back, or remove it where it was replaced."""
    for former in reversed(layout.replaced(paths)):
        if (former / "keys").is_dir() and not layout.is_there(paths):
            shutil.rmtree(paths.state, ignore_errors=True)  # at most the lock of a command that found nothing
            former.rename(paths.state)
        else:
            shutil.rmtree(former, ignore_errors=True)


def _check_empty(paths: Paths, source: Path) -> None:
    if layout.found(paths) is not None:
        raise SettingsError(
            f"{paths.state} holds a project's state already.",
            why=f"Restoring {source} would replace it: contacts, consent and what was sent since.",
            next_step="Restore into another folder (-p), or replace it with --force.",
        )


def _check_keys(paths: Paths, about: Any) -> None:
    if not (paths.keys.is_dir() and any(paths.keys.glob("*.key"))) or not about["ring"]:
        return
    if ring_mark(KeyRing.open(paths.keys)) != about["ring"]:
        raise NotPermittedError(
            f"The keys in {paths.keys} do not belong to this backup.",
            why="Nothing sealed in it could be read with them, and no new event would meet the people in it.",
            next_step="Restore into another folder, or move these keys away and put the backup's own in their place.",
        )


def _put_in_place(paths: Paths, aside: Path, about: Any, force: bool) -> None:
    state, fresh = paths.state, aside / STATE
    replaced = state.with_name(f"{state.name}.replaced-{os.getpid()}")
    fresh.mkdir(exist_ok=True)
    if about["keys"]:
        (fresh / "keys").chmod(0o700)
    elif paths.keys.is_dir():
        shutil.copytree(paths.keys, fresh / "keys")
    state.rename(replaced)
    fresh.rename(state)
    settings = paths.root / FILE
    if (aside / FILE).is_file() and (force or not settings.exists()):
        shutil.copyfile(aside / FILE, settings)
    shutil.rmtree(replaced)


def sentences(done: Restored) -> list[str]:
    """What was put back, and what is still to do."""
    lines = [say("restore.done", folder=done.folder, files=f"{done.files:,}", made_at=done.made_at)]
    if not done.keys:
        lines.append(say("restore.without_keys", folder=done.keys_folder))
    if not done.store:
        lines.append(say("backup.without_store"))
    if done.upgrade:
        lines.append(say("restore.upgrade", command=f"siyu upgrade -p {done.folder}"))
    return lines

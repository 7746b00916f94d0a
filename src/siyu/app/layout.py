"""The version of a project's state: how it is laid out, and whether this Siyu may open it.

``version.json`` in the state folder holds one number for everything in it (datasets, store, keys). A state without that
file is the first layout, which did not write one. :mod:`siyu.app.upgrades` moves a project from one number to the next.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from siyu import __version__
from siyu.app.paths import Paths
from siyu.domain.errors import StorageError
from siyu.engine import manifest

LAYOUT: Final = 3
"""Version of the layout that this code reads and writes."""

FIRST: Final = 1


@dataclass(frozen=True, slots=True)
class Version:
    """What a state folder says of itself: its layout, and the version of Siyu that wrote it (empty where unknown)."""

    layout: int
    siyu: str


def found(paths: Paths) -> Version | None:
    """The version of the project's state; ``None`` where there is no state yet.

    Raises:
        StorageError: the file that says so is damaged.
    """
    try:
        raw = json.loads(paths.version.read_text("utf-8"))
        return Version(int(raw["layout"]), str(raw["siyu"]))
    except FileNotFoundError:
        if _holds_something(paths):
            return Version(FIRST, "")
        if replaced(paths):
            raise StorageError(
                "A restore was cut off before it was done.",
                why=f"What was there before lies in {replaced(paths)[-1]}.",
                next_step="Run the same `siyu restore` again: it puts that back first.",
            ) from None
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(
            "The version of this project cannot be read.",
            why=f"{paths.version}: {error}.",
            next_step="Restore that file from a backup.",
        ) from error


def replaced(paths: Paths) -> list[Path]:
    """Former state folders that a restore moved away and did not come to remove, the latest last."""
    return sorted(paths.state.parent.glob(f"{paths.state.name}.replaced-*"), key=lambda path: path.stat().st_mtime)


def require_current(paths: Paths) -> None:
    """Check that this code may work on the project; a state that is not there yet is begun.

    Raises:
        StorageError: the state is of an older or a newer layout, or cannot be written.
    """
    version = found(paths)
    if version is None:
        put(paths, LAYOUT)
    elif version.layout < LAYOUT:
        raise StorageError(
            "This project was made by an older version of Siyu.",
            why=f"Its state in {paths.state} has layout {version.layout}; this version works with {LAYOUT}.",
            next_step="Run `siyu upgrade`: it makes a backup first and says what it changes.",
            layout=version.layout,
        )
    elif version.layout > LAYOUT:
        raise StorageError(
            "This project was made by a newer version of Siyu.",
            why=f"Its state in {paths.state} has layout {version.layout}; this version, {__version__}, knows {LAYOUT}.",
            next_step=f"Install siyu {version.siyu} or newer. Nothing was changed.",
            layout=version.layout,
        )


def put(paths: Paths, layout: int) -> None:
    """Say that the state has this layout, durably and in one step.

    Raises:
        StorageError: the folder cannot be written.
    """
    aside = paths.version.with_name(f".{paths.version.name}.{os.getpid()}")
    text = json.dumps({"layout": layout, "siyu": __version__})
    try:
        paths.state.mkdir(parents=True, exist_ok=True)
        with aside.open("w", encoding="utf-8") as handle:
            handle.write(text + "\n")
            handle.flush()
            os.fsync(handle.fileno())
        aside.replace(paths.version)
    except OSError as error:
        raise StorageError(
            "The state folder cannot be written.",
            why=f"{error.filename or paths.state}: {error.strerror}.",
            next_step="Free space, make it writable for this user, or set [project] state.",
            retry=True,
        ) from error


def is_there(paths: Paths) -> bool:
    """Whether there is a state, of whatever layout."""
    return paths.version.exists() or _holds_something(paths)


def _holds_something(paths: Paths) -> bool:
    if paths.store.exists():
        return True
    tables: Path = paths.tables
    return tables.is_dir() and any((entry / manifest.NAME).is_file() for entry in tables.iterdir())

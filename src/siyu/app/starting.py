"""Starting a project: a folder with a commented siyu.toml that runs as soon as the paths are right."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from siyu.app.loading import FILE
from siyu.domain.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Started:
    """What was made, and what to run next."""

    path: Path
    next_command: str


def start(folder: Path, *, force: bool = False) -> Started:
    """Write a commented siyu.toml into ``folder``.

    Raises:
        SettingsError: there is one already, and ``force`` is off.
    """
    path = folder / FILE
    if path.exists() and not force:
        raise SettingsError(
            f"{path} exists already.", why="It would be overwritten.", next_step="Use --force, or another folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(files("siyu.app").joinpath("siyu.toml.template").read_text("utf-8"), "utf-8")
    return Started(path, f"siyu doctor -p {folder}")

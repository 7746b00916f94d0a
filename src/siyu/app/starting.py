"""Starting a project: a folder with a commented siyu.toml that runs as soon as the paths are right."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from siyu.app.loading import FILE
from siyu.app.proposing import Proposal, propose, toml
from siyu.domain.errors import SettingsError
from siyu.files import is_remote


@dataclass(frozen=True, slots=True)
class Started:
    """What was made, and what to run next."""

    path: Path
    next_command: str
    proposals: tuple[Proposal, ...] = ()


def start(folder: Path, *, force: bool = False, sources: Sequence[str] = ()) -> Started:
    """Write a commented siyu.toml into ``folder``.

    Args:
        sources: files (or globs) to look into; what they hold is proposed in place of the template's sources.

    Raises:
        SettingsError: there is one already, and ``force`` is off.
        InputError: one of ``sources`` is not there, or cannot be read.
    """
    path = folder / FILE
    if path.exists() and not force:
        raise SettingsError(
            f"{path} exists already.", why="It would be overwritten.", next_step="Use --force, or another folder."
        )
    template = files("siyu.app").joinpath("siyu.toml.template").read_text("utf-8")
    project = tomllib.loads(template)["project"]
    looked = [propose(one, currency=project["currency"], timezone=project["timezone"]) for one in sources]
    proposals = tuple(replace(one, path=_seen_from(folder, one.path)) for one in looked)
    folder.mkdir(parents=True, exist_ok=True)
    if proposals:
        before, rest = template.split("# People:", 1)
        template = f"{before}{toml(proposals)}\n[delivery.sender]{rest.split('[delivery.sender]', 1)[1]}"
    path.write_text(template, "utf-8")
    return Started(path, f"siyu doctor -p {folder}", proposals)


def _seen_from(folder: Path, path: str) -> str:
    """The path as the project's settings write it: from its own folder where it lies there."""
    if is_remote(path):
        return path
    whole, home = Path(path).absolute(), folder.absolute()
    return whole.relative_to(home).as_posix() if whole.is_relative_to(home) else str(whole)

"""A simulated shop as a project: raw files, the truth beside them, and a siyu.toml that reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from importlib.resources import files
from pathlib import Path

from siyu.app.loading import FILE
from siyu.app.progress import bars
from siyu.domain.errors import SettingsError
from siyu.simulator import SimulationSettings, World, simulate

MORNING = time(4, 0, tzinfo=UTC)
"""Noon in Shanghai: when a simulated campaign is run on the day after the history."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """Where the shop is, and what to run next."""

    folder: Path
    next_command: str


def settings_of(people: int, products: int, months: int, *, seed: int, null_world: bool) -> SimulationSettings:
    """Settings of the simulator from a command line."""
    return SimulationSettings(people=people, products=products, months=months, seed=seed, null_world=null_world)


def moment_of(settings: SimulationSettings) -> datetime:
    """The moment at which a campaign on the simulated shop is run."""
    return datetime.combine(settings.end, MORNING)


def simulate_project(folder: Path, settings: SimulationSettings, silent: bool) -> Simulated:
    """Simulate a shop into ``folder`` and write its siyu.toml.

    Raises:
        SettingsError: the folder holds a project already.
    """
    if (folder / FILE).exists():
        raise SettingsError(
            f"{folder} holds a project already.", why=f"There is a {FILE}.", next_step="Choose another folder."
        )
    with bars(shown=False if silent else None) as progress:
        make_world(folder, settings, progress)
    return Simulated(folder, f"siyu run -p {folder}")


def make_world(folder: Path, settings: SimulationSettings, progress: object) -> World:
    """Simulate and write the project's settings."""
    world = simulate(settings, folder, progress=progress)  # type: ignore[arg-type]
    template = files("siyu.app").joinpath("simulated.toml.template").read_text("utf-8")
    values = {
        "@AS_OF@": moment_of(settings).isoformat(),
        "@FORMAT@": settings.file_format,
        "@LATEST@": datetime.combine(settings.horizon, time(), UTC).isoformat(),
    }
    text = template
    for mark, value in values.items():
        text = text.replace(mark, value)
    (folder / FILE).write_text(text, "utf-8")
    return world

"""A shop whose truth is known: settings, catalogue and people, restored from its folder at will."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np

from siyu.domain.errors import InputError
from siyu.simulator.catalogue import Catalogue, build_catalogue
from siyu.simulator.playing import SPILL, Played, play
from siyu.simulator.settings import SimulationSettings, add_months
from siyu.simulator.tastes import CHUNK, People, build_people
from siyu.simulator.visits import month_of

SETTINGS_FILE = "settings.json"


@dataclass(frozen=True)
class World:
    """The shop. ``folder`` holds what the outside may see, and ``folder/truth`` what it may not."""

    settings: SimulationSettings
    folder: Path
    catalogue: Catalogue
    people: People

    @classmethod
    def build(cls, settings: SimulationSettings, folder: Path) -> World:
        """The shop with these settings, without writing anything."""
        catalogue = build_catalogue(settings)
        return cls(settings, folder, catalogue, build_people(settings, catalogue))

    @classmethod
    def load(cls, folder: Path) -> World:
        """The shop that :func:`siyu.simulator.simulation.simulate` wrote into ``folder``.

        Raises:
            InputError: there is none, or this version of the simulator builds another shop from its settings.
        """
        path = folder / "truth" / SETTINGS_FILE
        if not path.is_file():
            raise InputError(
                f"There is no simulated shop in {folder.name!r}.",
                why=f"truth/{SETTINGS_FILE} is missing.",
                next_step="Simulate one first.",
            )
        kept = json.loads(path.read_text("utf-8"))
        world = cls.build(SimulationSettings.model_validate(kept["settings"]), folder)
        if world.fingerprint != kept["fingerprint"]:
            raise InputError(
                f"The shop in {folder.name!r} cannot be restored.",
                why="This version draws other people from the same settings.",
                next_step="Simulate it again.",
            )
        return world

    @property
    def fingerprint(self) -> str:
        """A short digest of hidden tastes and prices, to tell one shop from another."""
        parts = (self.people.taste.astype(np.float64).sum(), self.catalogue.prices.astype(np.float64).sum())
        return "/".join(f"{part:.3f}" for part in parts)

    @property
    def chunks(self) -> int:
        """Number of chunks of people."""
        return -(-self.settings.people // CHUNK)

    def play(self, month: int, chunk: int) -> Played:
        """What the people of ``chunk`` do in ``month`` of their own accord; always the same."""
        return play(month_of(self.settings, self.catalogue, self.people, index=month, chunk=chunk))

    def months_within(self, since: datetime, until: datetime) -> range:
        """Months whose rows may lie in [since, until)."""
        early: date = (since - SPILL).date()
        found = [
            month
            for month in range(self.settings.months + 3)
            if self.settings.block(month)[1] > early and self.settings.block(month)[0] <= until.date()
        ]
        return range(found[0], found[-1] + 1) if found else range(0)

    def check_until(self, until: datetime) -> None:
        """Refuse moments that cannot be played.

        Raises:
            InputError: ``until`` lies before the end of the history or after the horizon.
        """
        if not self.settings.end <= until.date() <= add_months(self.settings.horizon, 0):
            raise InputError(
                f"The shop cannot be played until {until.date()}.",
                why=f"It can be played from {self.settings.end} until {self.settings.horizon}.",
                next_step="Choose a moment in between, or simulate a shop that ends later.",
            )

"""Benchmarks that are a shop's own files: imported with settings like any project's, outside of every project."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from siyu.app import importing
from siyu.app.benchmarks.port import Opened, required
from siyu.app.shop import Shop
from siyu.app.showing import shown
from siyu.domain.progress import Progress
from siyu.recommendations.evaluation.splitting import TimeSplit

_DONE = "imported"
"""Written last into the folder: what lies there is whole, and of which settings."""


@dataclass(frozen=True, slots=True)
class ShopBenchmark:
    """A folder of files and the settings that read them; split by time."""

    name: str
    folder: str
    settings: str
    at: datetime
    places: int = 20

    def open(self, data: Path, folder: Path, *, at: datetime | None, progress: Progress) -> Opened:
        """Import once; the catalogue is taken as it was known at each cut."""
        place = required(data / self.folder, self.name)
        mark = hashlib.sha256(f"{self.settings}{place.resolve()}".encode()).hexdigest()
        done = folder / _DONE
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "siyu.toml").write_text(self.settings, "utf-8")
        shop = Shop(folder, as_of=self.at, environment={"SIYU_PROJECT__INPUTS": str(place.resolve())})
        if not done.is_file() or done.read_text("utf-8") != mark:
            importing.import_all(shop, progress)
            done.write_text(mark, "utf-8")
        return Opened(shown(shop, name=self.name), TimeSplit(at or self.at))

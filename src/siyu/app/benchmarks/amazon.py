"""Amazon reviews, leave-one-out: Beauty and Sports, as most papers on sequential recommendation use them.

**Leak:** products reviewed on the same day are sorted by id, so that models which look at the order of two products
cheat; only undirected results may be claimed. Each act counts as a day, the last of everyone on the same day.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from siyu.app.benchmarks.port import Opened, required
from siyu.app.benchmarks.writing import events_of, keep_catalogue, products_of, profiled
from siyu.domain.progress import Progress
from siyu.engine.embedded import EmbeddedEngine
from siyu.recommendations.evaluation.splitting import LeaveOneOut, Shown

_END: Final = datetime(2014, 7, 23, 12, tzinfo=UTC)
_DAY: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class AmazonBenchmark:
    """Lines of ``user item item ...`` in order, and the attributes of each item by number."""

    name: str
    file: str
    places: int = 10
    at: datetime | None = None

    def open(self, data: Path, folder: Path, *, at: datetime | None, progress: Progress) -> Opened:
        """Acts become purchases, one a day, counted back from the last."""
        lines = required(data / "amazon_loo" / f"{self.file}.txt", self.name).read_text("ascii").splitlines()
        told = json.loads(required(data / "amazon_loo" / f"{self.file}_item2attributes.json", self.name).read_bytes())
        engine = EmbeddedEngine(folder / "tables", memory="1500MB")
        rows = [line.split() for line in lines]
        engine.write(_events(rows).to_reader(), "events")
        engine.write(products_of({item: [str(one) for one in found] for item, found in told.items()}), "products")
        shown = Shown(
            engine, self.name, catalogue=lambda view, now: keep_catalogue(engine, view), prepare=profiled,
            notes=("order-leaks",),
        )  # fmt: skip
        return Opened(shown, LeaveOneOut())


def _events(rows: Sequence[Sequence[str]]) -> pa.Table:
    sizes = np.array([len(row) - 1 for row in rows])
    places = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    back = np.repeat(sizes, sizes) - 1 - places
    moments = int(_END.timestamp() * 1_000_000) - back * _DAY
    people = np.repeat(np.array([f"u{row[0]}" for row in rows]), sizes)
    items = np.array([item for row in rows for item in row[1:]])
    return events_of(people, items, moments, places, kind="purchase")


BEAUTY: Final = AmazonBenchmark("beauty", "Beauty")
SPORTS: Final = AmazonBenchmark("sports", "Sports_and_Outdoors")

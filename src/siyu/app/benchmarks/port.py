"""The benchmark port: how a public data set becomes something to be examined on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from siyu.domain.errors import MissingDataError
from siyu.domain.progress import Progress
from siyu.recommendations.evaluation.splitting import Shown, Split


@dataclass(frozen=True)
class Opened:
    """A benchmark ready to be examined on: its data, and the split its published figures use."""

    shown: Shown
    split: Split


class Benchmark(Protocol):
    """A public data set.

    Attributes:
        name: as the command calls it.
        places: of each list, as its published figures count them.
        at: where its published time split cuts; ``None`` where it has another split.
    """

    @property
    def name(self) -> str: ...
    @property
    def places(self) -> int: ...
    @property
    def at(self) -> datetime | None: ...

    def open(self, data: Path, folder: Path, *, at: datetime | None, progress: Progress) -> Opened:
        """Read the set below ``data``; what must be made of it first is kept in ``folder`` and found there again.

        Raises:
            MissingDataError: its files are not there.
        """
        ...


def required(path: Path, name: str) -> Path:
    """``path``, which must be there.

    Raises:
        MissingDataError: it is not.
    """
    if not path.exists():
        raise MissingDataError(
            f"The data of benchmark {name!r} are not there.",
            why=f"{path} does not exist.",
            next_step="Name the folder that holds the data sets with --data or SIYU_DATA.",
            benchmark=name,
        )
    return path

"""An exam: what models may see, in a folder of their own, and what people did later, which only the judge holds.

Leak-proof by construction: the visible rows are copied into a folder without anything else in it, every model gets a
fresh copy of that folder through an engine that is sealed to it, and the truth never lies in a file.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeAlias

import pyarrow as pa

from siyu.engine.embedded import EmbeddedEngine
from siyu.engine.port import Engine

WANTED: Final = pa.schema([("person", pa.string()), ("item", pa.string()), ("owned", pa.bool_())])
"""What people did later, a row for each person and product; ``owned``: they had bought it before."""

Prepare: TypeAlias = Callable[[Engine, datetime], None]
"""What earlier stages make of the visible rows (interests): called with an engine that sees nothing else."""


class Part(StrEnum):
    """On which part of the data models are examined."""

    TEST = "test"
    VALIDATION = "validation"  # inside what the test may learn from: to choose settings by


@dataclass(frozen=True)
class Exam:
    """One split of the data.

    Attributes:
        folder: datasets that may be seen: ``events``, ``products``, and what ``prepare`` made of them.
        now: the moment at which models stand.
        wanted: the truth (:data:`WANTED`), of people who are known from the visible events.
        late: events that come after models have learnt: people who are asked for were not there to be learnt from.
        split: how it was made, in JSON values, for the report.
        counts: ``events`` visible, ``people`` and ``items`` in them, ``absent`` people of the truth without any visible
            event and ``absent_items`` of it that nobody can name.
        kind: the kind of act that is to be named.
        memory, threads: of the engine that models get.
        notes: what the reader must know of this data, as keys of the report.
    """

    folder: Path
    now: datetime
    wanted: pa.Table
    late: pa.Table | None
    split: Mapping[str, Any]
    counts: Mapping[str, int]
    kind: str = "purchase"
    memory: str = "1500MB"
    threads: int = 0
    notes: tuple[str, ...] = ()

    @contextmanager
    def view(self) -> Iterator[Engine]:
        """A fresh copy of what may be seen, through an engine that is sealed to it; gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="siyu-view-") as folder:
            root = Path(folder).resolve() / "tables"
            shutil.copytree(self.folder, root, copy_function=_linked)
            engine = EmbeddedEngine(root, memory=self.memory, threads=self.threads)
            engine.seal()
            yield engine

    @property
    def people(self) -> pa.Table:
        """Who is asked for, each once: the column ``person``."""
        return self.wanted.select(["person"]).group_by("person").aggregate([])


def _linked(source: str, target: str) -> None:
    """The same file under another name: published files are never changed, only replaced."""
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copyfile(source, target)

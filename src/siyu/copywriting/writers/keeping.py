"""Drafts that were paid for, kept under the exact hash of all they depend on.

Each goes to a journal on the disk before anything else is done with it, and from there into the dataset
``copy_drafts``, at the end of a run or at the beginning of the next: a run that is killed loses no answer. There is no
likeness in the key: a near match would carry another product's facts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa

from siyu.engine import manifest
from siyu.engine.port import Engine

DATASET: Final = "copy_drafts"
SCHEMA: Final = pa.schema([("key", pa.string()), ("draft", pa.string())])
"""Dataset ``copy_drafts``: ``draft`` is JSON; see :class:`Draft`."""


class Draft(NamedTuple):
    """What became of an order so far.

    Attributes:
        good: (part, text) that passed every check when it came.
        bad: (part, text) that did not, as far as it may still be mended.
        repairs: how often it was sent back.
        done: whether nothing more is to be asked.
    """

    good: tuple[tuple[str, str], ...] = ()
    bad: tuple[tuple[str, str], ...] = ()
    repairs: int = 0
    done: bool = False


class Drafts:
    """The kept drafts of a project."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._path = engine.root / ".copy_drafts.jsonl"
        self._absorb()

    def find(self, keys: Iterable[str]) -> dict[str, Draft]:
        """What is kept under ``keys``."""
        wanted = pa.table({"key": pa.array(sorted(set(keys)), pa.string())})
        if not wanted.num_rows or manifest.find(self._engine.root, DATASET) is None:
            return {}
        self._engine.table(DATASET, DATASET)
        self._engine.table("asked_drafts", wanted)
        query = f"SELECT d.key, d.draft FROM {DATASET} d JOIN asked_drafts a ON a.key = d.key"
        found: dict[str, Draft] = {}
        for batch in self._engine.batches(query):
            pairs = zip(*(column.to_pylist() for column in batch.columns), strict=True)
            found.update((key, _read(text)) for key, text in pairs)
        return found

    def keep(self, drafts: dict[str, Draft]) -> None:
        """Keep ``drafts``; on return they are on the disk."""
        lines = "".join(json.dumps([key, *draft], ensure_ascii=False) + "\n" for key, draft in drafts.items())
        with self._path.open("a", encoding="utf-8") as journal:
            journal.write(lines)
            journal.flush()
            os.fsync(journal.fileno())

    def close(self) -> None:
        """Move what lies in the journal into the dataset."""
        self._absorb()

    def _absorb(self) -> None:
        rows = dict(_lines(self._path))
        if rows:
            table = pa.table([list(rows), list(rows.values())], schema=SCHEMA)
            self._engine.table("new_drafts", table)
            self._engine.write(table.to_reader(), DATASET, supersede="SELECT key FROM new_drafts")
        self._path.unlink(missing_ok=True)


def _lines(path: Path) -> Iterable[tuple[str, str]]:
    """Keys and drafts of a journal; a line that was cut off is none."""
    if not path.exists():
        return
    for line in path.read_text("utf-8", "replace").splitlines():
        try:
            key, *draft = json.loads(line)
            text = json.dumps(draft, ensure_ascii=False)
            _read(text)
        except (ValueError, TypeError):
            continue
        yield str(key), text


def _read(text: str) -> Draft:
    good, bad, repairs, done = json.loads(text)
    return Draft(_pairs(good), _pairs(bad), int(repairs), bool(done))


def _pairs(rows: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(part), str(text)) for part, text in rows)

"""The manifest of a dataset: which files are its rows. Written aside, then switched in one step.

A folder rename fails on object stores, and erasure rewrites files, so a small JSON file is the pointer.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from siyu.domain.errors import MissingDataError, StorageError

FORMAT = 2
"""2 added ``hides`` and ``hidden``; 1 is read as it is."""
NAME = "_manifest.json"


@dataclass(frozen=True, slots=True)
class DataFile:
    """One Parquet file: path relative to the dataset's folder, its rows, the version that added it."""

    path: str
    rows: int
    version: int


@dataclass(frozen=True, slots=True)
class HiddenKeys:
    """A Parquet file of keys (its one column, ``key``): rows of earlier versions with these keys count no more."""

    path: str
    key: str
    rows: int
    version: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a dataset is made of now. ``hidden`` counts the rows of ``files`` that ``hides`` hide."""

    version: int
    files: tuple[DataFile, ...]
    meta: Mapping[str, object] = field(default_factory=dict)
    hides: tuple[HiddenKeys, ...] = ()
    hidden: int = 0

    @property
    def rows(self) -> int:
        """Rows that a reader sees."""
        return sum(file.rows for file in self.files) - self.hidden


def find(root: Path, dataset: str) -> Manifest | None:
    """The manifest of ``dataset``, or ``None`` where it was never published.

    Raises:
        StorageError: the manifest is damaged or of a newer format.
    """
    path = root / dataset / NAME
    try:
        raw = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StorageError(
            f"The manifest of {dataset!r} cannot be read.",
            why=str(error),
            next_step=f"Restore {path} from a backup, or remove the folder and run the stage again.",
            path=str(path),
        ) from error
    if raw.get("format") not in (1, FORMAT):
        raise StorageError(
            f"Dataset {dataset!r} was written by another version of Siyu.",
            why=f"Its format is {raw.get('format')}, this version reads up to {FORMAT}.",
            next_step="Install the version that wrote it, or a newer one.",
        )
    return Manifest(
        raw["version"],
        tuple(DataFile(**item) for item in raw["files"]),
        raw["meta"],
        tuple(HiddenKeys(**item) for item in raw.get("hides", ())),
        raw.get("hidden", 0),
    )


def require(root: Path, dataset: str) -> Manifest:
    """Like :func:`find`, but a missing dataset is an error.

    Raises:
        MissingDataError: it was never published.
    """
    found = find(root, dataset)
    if found is None:
        raise MissingDataError(
            f"There is no dataset {dataset!r} yet.",
            why="No earlier stage has made it.",
            next_step="Run the stages before this one, or all of them with `siyu run`.",
            dataset=dataset,
        )
    return found


def switch(root: Path, dataset: str, manifest: Manifest) -> None:
    """Make ``manifest`` what ``dataset`` is, in one step, durably."""
    folder = root / dataset
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"format": FORMAT, **asdict(manifest), "meta": dict(manifest.meta)}, ensure_ascii=False, indent=1)
    aside = folder / f"{NAME}.{os.getpid()}.tmp"
    with aside.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    aside.replace(folder / NAME)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def drop_strays(root: Path, dataset: str) -> None:
    """Remove folders that the manifest of ``dataset`` does not name: older versions, and what dead writers left."""
    found = require(root, dataset)
    paths = [file.path for file in found.files] + [keys.path for keys in found.hides]
    alive = {Path(path).parts[0] for path in paths}
    for entry in (root / dataset).iterdir():
        if entry.is_dir() and entry.name not in alive:
            shutil.rmtree(entry, ignore_errors=True)


def forget(root: Path, dataset: str) -> None:
    """Remove ``dataset``, pointer first, so that no reader finds a pointer to files that are gone."""
    (root / dataset / NAME).unlink(missing_ok=True)
    shutil.rmtree(root / dataset, ignore_errors=True)

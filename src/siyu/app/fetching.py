"""Sources that are no files here: rows of databases and files of other stores, brought where imports read them.

A database with ``since`` is read on from where the last import that ended well left off; the marks lie in the state.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from siyu.app.shop import Shop
from siyu.catalogue import CatalogueSettings
from siyu.events import SourceSettings
from siyu.files import SourceFile, database, find
from siyu.files.database import DatabaseSettings
from siyu.files.finding import described

Source = TypeVar("Source", CatalogueSettings, SourceSettings)


@dataclass(slots=True)
class Fetcher:
    """Brings sources here into ``folder``, and keeps the marks of what was read once it is imported."""

    shop: Shop
    folder: Path
    marks: dict[str, str] = field(default_factory=dict)

    def source(self, kind: str, source: Source) -> Source:
        """``source`` with files that lie here, or in a store that the import itself opens."""
        if source.database is None:
            return source.model_copy(update={"paths": self.shop.paths.expand(source.paths)})
        path = self._read(f"{kind}.{source.name}", source.database)
        return source.model_copy(update={"paths": (str(path),), "format": "parquet", "database": None})

    def people(self) -> tuple[SourceFile, ...]:
        """The files of people: those named, and the rows of the database."""
        settings = self.shop.settings.people
        here = find(self.shop.paths.expand(settings.files))
        return here + ((described(self._read("people", settings.database)),) if settings.database else ())

    def keep_marks(self) -> None:
        """What was read is imported: the next read goes on after it."""
        if self.marks:
            target = _marks_of(self.shop)
            aside = target.with_suffix(".new")
            aside.write_text(json.dumps({**_stored(self.shop), **self.marks}, indent=1), "utf-8")
            os.replace(aside, target)

    def _read(self, name: str, settings: DatabaseSettings) -> Path:
        # another table, query or column is another read, from its beginning
        asked = settings.model_dump_json(exclude={"rows", "password_env"})
        key = f"{name}:{hashlib.blake2b(asked.encode(), digest_size=8).hexdigest()}"
        done = database.read(settings, name, self.folder, after=_stored(self.shop).get(key))
        if done.mark is not None:
            self.marks[key] = done.mark
        return done.path


@contextmanager
def fetching(shop: Shop) -> Iterator[Fetcher]:
    """A folder for what is brought here, which ends with the block: it may hold people's own data."""
    folder = shop.paths.state / "fetched"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield Fetcher(shop, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _marks_of(shop: Shop) -> Path:
    return shop.paths.state / "marks.json"


def _stored(shop: Shop) -> dict[str, str]:
    path = _marks_of(shop)
    found = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return {str(key): str(value) for key, value in found.items()}

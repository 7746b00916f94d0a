"""Looking into the archive: is it whole, what is in it, give it out, and let go of what is older than the law asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from siyu.app.ad_archive import files
from siyu.app.ad_archive.writing import folder
from siyu.app.shop import Shop
from siyu.app.words import say
from siyu.domain.errors import SettingsError, StorageError
from siyu.store import archived, audit
from siyu.store import people as stored_people

YEARS: Final = 3
"""How long ads, rules and delivery records are kept (互联网广告管理办法 art. 13 to 15)."""


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether the archive is as it was written.

    Attributes:
        files, messages: in the chain; ``removed``: files whose time was over.
        first, last: moments of the first and the last file.
        faults: (file, what is wrong with it): ``missing``, ``changed``, or ``chain``.
        head: the last hash. Kept somewhere else, it also shows files cut off the end.
    """

    files: int
    messages: int
    removed: int
    first: datetime | None
    last: datetime | None
    faults: tuple[tuple[str, str], ...]
    head: str

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class Given:
    """What was written out: messages, those that no key opens any more, and where."""

    messages: int
    erased: int
    path: Path


def verify(shop: Shop) -> Verified:
    """Hold every file against the chain, and the chain against itself."""
    with shop.store.reading() as connection:
        entries = archived.entries(connection)
    faults: list[tuple[str, str]] = []
    previous = archived.GENESIS
    for place, row in enumerate(entries, 1):
        entry = archived.Entry(row.campaign, row.name, row.messages, row.at, row.digest)
        if (row.seq, row.previous) != (place, previous) or row.hash != archived.chain(place, entry, previous):
            faults.append((row.name, "chain"))
        fault = None if row.removed_at is not None else _fault(folder(shop) / row.name, row, previous)
        if fault:
            faults.append((row.name, fault))
        previous = row.hash
    kept = [row for row in entries if row.removed_at is None]
    return Verified(
        len(kept), sum(row.messages for row in kept), len(entries) - len(kept),
        entries[0].at if entries else None, entries[-1].at if entries else None, tuple(faults), previous,
    )  # fmt: skip


def _fault(path: Path, row: Any, previous: str) -> str | None:
    if not path.is_file():
        return "missing"
    if files.digest_of(path) != row.digest:
        return "changed"
    return "chain" if files.about(path)["previous"] != previous else None


def give(shop: Shop, target: Path, *, campaign: str = "", person: str = "") -> Given:
    """Write ads as JSON lines: one of each file's common part, then its messages. Erased people's cannot be read.

    Args:
        campaign: only of this one; ``person``: only this person's, by the shop's id or the pseudonym.

    Raises:
        SettingsError: the target exists already.
        StorageError: a file of the archive is gone or was changed.
    """
    if target.exists():
        raise SettingsError(f"{target} exists already.", why="It would be overwritten.", next_step="Name another file.")
    fault = next(iter(verify(shop).faults), None)
    if fault:
        raise StorageError(
            f"The file {fault[0]} of the archive is not as it was written.",
            why=f"What is wrong: {fault[1]}.",
            next_step="Restore it from a backup; `siyu archive verify` names all such files.",
        )
    only = shop.person(person) if person else None
    counts = {"messages": 0, "erased": 0}
    with target.open("x", encoding="utf-8") as out:
        for line in _lines(shop, campaign, only, counts):
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
    return Given(counts["messages"], counts["erased"], target)


def _lines(shop: Shop, campaign: str, only: str | None, counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    with shop.store.reading() as connection:
        entries = [row for row in archived.entries(connection) if campaign in ("", row.campaign)]
    for entry in entries:
        if entry.removed_at is not None:
            continue
        path = folder(shop) / entry.name
        yield {"file": entry.name, "hash": entry.hash, **files.about(path)}
        rows = [row for row in files.rows(path) if only in (None, row[0])]
        with shop.store.reading() as connection:
            keys = stored_people.data_keys(connection, [who for who, _ in rows])
        for who, sealed in rows:
            counts["messages"] += 1
            if who not in keys:
                counts["erased"] += 1
                yield {"file": entry.name, "erased": True}
                continue
            data = shop.envelope.open_bytes(sealed, wrapped=keys[who], person=who, field=files.FIELD)
            yield {"file": entry.name, "person": who, **files.unpacked(data)}


def prune(shop: Shop, *, years: float = YEARS) -> int:
    """Remove files older than ``years``; their links of the chain stay. Returns how many."""
    now = shop.clock.now()
    before = now - timedelta(days=365.25 * years)
    with shop.store.reading() as connection:
        old = [row for row in archived.entries(connection) if row.removed_at is None and row.at < before]
    for row in old:
        with shop.store.connection(durable=True) as connection:
            archived.removed(connection, row.seq, now)
            audit.append(
                connection, at=now, actor="siyu", action="archive.prune", subject=row.name, detail={"at": str(row.at)}
            )
        (folder(shop) / row.name).unlink(missing_ok=True)
    return len(old)


def sentences(done: Verified | Given | int) -> list[str]:
    """What was found or done, line by line."""
    if isinstance(done, int):
        return [say("archive.pruned", count=done)]
    if isinstance(done, Given):
        return [say("archive.given", count=done.messages, erased=done.erased, path=done.path)]
    since = f"{done.first:%Y-%m-%d}" if done.first else "-"
    until = f"{done.last:%Y-%m-%d}" if done.last else "-"
    lines = [say("archive.holds", messages=done.messages, files=done.files, first=since, last=until)]
    if done.removed:
        lines.append(say("archive.removed", count=done.removed))
    lines += [f"  {name}: {say(f'archive.faults.{fault}')}" for name, fault in done.faults]
    return [*lines, say("archive.whole" if done.whole else "archive.broken", head=done.head)]

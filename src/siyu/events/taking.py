"""Which files of a source are to be read now: new ones, what has grown, or all of them where the settings changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from siyu.domain.errors import SettingsError
from siyu.events.journal import Entry
from siyu.events.settings import SourceSettings
from siyu.files import SourceFile, find, is_remote
from siyu.files.finding import expanded
from siyu.files.growth import described

_GROW = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson")
"""Endings of files to which rows may be appended. One that is compressed, or a document, is another file then."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Files to read now.

    Attributes:
        entries: what the journal will say of them.
        skipped: names of files that are in already.
        instead: in place of all that the source has given so far.
    """

    files: tuple[SourceFile, ...]
    entries: tuple[Entry, ...]
    skipped: tuple[str, ...]
    instead: bool = False


def key_of(source: SourceSettings) -> str:
    """What tells whether rows read under other settings would be the same rows."""
    said = source.model_dump_json(exclude={"name", "paths", "limits"}, exclude_defaults=True)
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def take(source: SourceSettings, known: Sequence[Entry]) -> Taken:
    """What of the files of ``source`` is to be read, given those that are in.

    Raises:
        InputError: a path stands for no file.
        SettingsError: the settings have changed, and files that were read under the old ones are gone.
    """
    key = key_of(source)
    changed = any(entry.settings not in (None, key) for entry in known)
    elsewhere = [path for path in source.paths if is_remote(path)]
    found = [_look(path, source, known) for path in expanded([path for path in source.paths if path not in elsewhere])]
    found += [(file, file.fingerprint) for file in find(elsewhere)]  # a store says itself what is as it was
    if changed:
        _require_all(source, known, found)
    prints = frozenset() if changed else frozenset(entry.fingerprint for entry in known)
    fresh: dict[str, tuple[SourceFile, str]] = {}
    for file, place in found:
        if file.fingerprint not in prints:
            whole = replace(file, start=0, lines=0)
            fresh.setdefault(file.fingerprint, (whole if changed else file, place))
    taken = [file for file, _ in fresh.values()]
    return Taken(
        files=tuple(taken),
        entries=tuple(Entry(file.name, print_, file.size, key, place) for print_, (file, place) in fresh.items()),
        skipped=tuple(file.name for file, _ in found if file.path not in {one.path for one in taken}),
        instead=changed,
    )


def _look(path: Path, source: SourceSettings, known: Sequence[Entry]) -> tuple[SourceFile, str]:
    """The file, and the digest of its place and age: one that is where it was and as old as it was is as it was."""
    there = path.stat()
    said = f"{path.resolve()} {there.st_size} {there.st_mtime_ns}"
    place = hashlib.blake2b(said.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
    for entry in known:
        if entry.place == place:
            return SourceFile(path, entry.fingerprint, entry.bytes), place
    grows = path.suffix.lower() in _GROW and "\n".encode(_encoding(source)) == b"\n"
    read: dict[int, frozenset[str]] = {}
    for entry in known if grows else ():
        read[entry.bytes] = read.get(entry.bytes, frozenset()) | {entry.fingerprint}
    return described(path, read), place


def _encoding(source: SourceSettings) -> str:
    try:
        "\n".encode(source.encoding)
    except LookupError:
        return "utf-8"  # opening the file says what is wrong with it
    return source.encoding


def _require_all(source: SourceSettings, known: Sequence[Entry], found: Sequence[tuple[SourceFile, str]]) -> None:
    there = {file.fingerprint for file, _ in found}
    grown = {file.path for file, _ in found if file.start}
    gone = [entry for entry in known if entry.fingerprint not in there]
    gone = [entry for entry in gone if not any(_begins(path, entry) for path in grown)]
    if gone:
        names = ", ".join(sorted({entry.file for entry in gone})[:10])
        raise SettingsError(
            f"The settings of source {source.name!r} have changed since its files were read.",
            why=f"All of them must be read anew, but {len(gone)} are no longer there: {names}.",
            next_step="Put them back, or set the settings back and give the new files a source of another name.",
            source=source.name,
        )


def _begins(path: Path, entry: Entry) -> bool:
    """Whether the file at ``path`` begins with what ``entry`` stands for."""
    cut = described(path, {entry.bytes: frozenset({entry.fingerprint})})
    return cut.start > 0

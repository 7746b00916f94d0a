"""The archive of a backup: a tar under Zstandard whose first member lists every other one with its SHA-256.

Only plain files under names that stay inside the folder they are unpacked to; everything else is refused before it
touches the disk, and what does not match the list is never moved into place.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final

import pyarrow as pa

from siyu.domain.errors import InputError, StorageError

FORMAT: Final = 1
LIST: Final = "backup.json"
"""Name of the first member."""

_SKIPPED: Final = struct.pack("<II", 0x184D2A5E, hashlib.sha256().digest_size)
"""Head of a skippable frame (RFC 8878, section 3.1.2) with a checksum in it."""

_CHUNK: Final = 1 << 20
_LONGEST_LIST: Final = 256 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the archive: its name there, its size, its SHA-256."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What the first member says: ``about`` is free, ``files`` are all other members, in order."""

    about: Mapping[str, Any]
    files: tuple[Entry, ...]


def pack(target: Path, about: Mapping[str, Any], files: Mapping[str, Path]) -> Contents:
    """Write ``files`` (name in the archive -> file) to ``target``, whole or not at all; only its owner may read it.

    Raises:
        StorageError: it cannot be written, or a file changed while it was read.
    """
    aside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        contents = Contents(about, tuple(_described(name, path) for name, path in files.items()))
        with _written(aside) as tar:
            _add(tar, LIST, io.BytesIO(_listed(contents)), len(_listed(contents)))
            for entry in contents.files:
                _add_file(tar, entry, files[entry.name])
        _seal(aside)
        aside.replace(target)
    except OSError as error:
        raise StorageError(
            f"The backup {target} could not be written.",
            why=f"{error.strerror or error}.",
            next_step="Free space or make the folder writable, then run it again; the project was not changed.",
            retry=True,
        ) from error
    finally:
        with suppress(OSError):
            aside.unlink()
    return contents


def look(source: Path) -> Contents:
    """The list at the head of an archive, after every byte of it was held against the checksum at its end.

    Raises:
        InputError: it is no archive of this kind, or is damaged.
    """
    _check_seal(source)
    with _opened(source) as tar:
        return _head(tar, source)


def unpack(source: Path, folder: Path) -> Contents:
    """Write every file of the archive under ``folder`` (new or empty) and hold each against the list.

    Raises:
        InputError: it is no archive of this kind, a file differs from the list, is missing, or has an unsafe name.
        StorageError: the folder cannot be written.
    """
    with _opened(source) as tar:
        contents = _head(tar, source)
        left = {entry.name: entry for entry in contents.files}
        while (member := tar.next()) is not None:
            entry = left.pop(member.name, None)
            if entry is None or not member.isreg() or member.size != entry.bytes:
                raise _damaged(source, f"{member.name!r} is not what the list says")
            _write_file(tar, member, entry, folder / entry.name, source)
        if left:
            raise _damaged(source, f"{len(left)} files of the list are missing, {next(iter(left))!r} first")
    return contents


def is_safe(name: str) -> bool:
    r"""Whether a name stays inside the folder it is unpacked to, on every system.

    Example:
        >>> [is_safe(name) for name in ("tables/a.parquet", "../a", "/a", "a/../../b", "c:\\a", "")]
        [True, False, False, False, False, False]
    """
    parts = PurePosixPath(name).parts
    plain = not any(character in name for character in "\\:\0") and not name.startswith("/")
    return bool(parts) and plain and ".." not in parts and str(PurePosixPath(*parts)) == name


def _described(name: str, path: Path) -> Entry:
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Entry(name, size, digest.hexdigest())


def _listed(contents: Contents) -> bytes:
    body = {
        "format": FORMAT,
        "about": dict(contents.about),
        "files": [asdict(entry) for entry in contents.files],
    }
    text = json.dumps(body, ensure_ascii=False, sort_keys=True)
    return json.dumps({"sha256": hashlib.sha256(text.encode()).hexdigest(), "list": text}, ensure_ascii=False).encode()


def _add(tar: tarfile.TarFile, name: str, source: BinaryIO, size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    tar.addfile(member, source)


def _add_file(tar: tarfile.TarFile, entry: Entry, path: Path) -> None:
    with path.open("rb") as handle:
        reading = _Hashing(handle)
        _add(tar, entry.name, reading, entry.bytes)  # type: ignore[arg-type]
        if reading.digest.hexdigest() != entry.sha256 or handle.read(1):
            raise StorageError(
                f"{path} changed while it was backed up.",
                why="Something other than Siyu writes to the project's folder.",
                next_step="Let it end, then run the backup again.",
                retry=True,
            )


class _Hashing:
    """A reader that hashes what passes."""

    def __init__(self, inner: BinaryIO) -> None:
        self._inner = inner
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._inner.read(size)
        self.digest.update(chunk)
        return chunk


@contextmanager
def _written(path: Path) -> Iterator[tarfile.TarFile]:
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with (
        os.fdopen(handle, "wb") as file,
        pa.CompressedOutputStream(file, "zstd") as stream,  # closes the file too
        tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        yield tar


def _seal(path: Path) -> None:
    """Add the SHA-256 of the whole file to its end, as a frame that Zstandard skips."""
    with path.open("r+b") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        file.write(_SKIPPED + digest)
        file.flush()
        os.fsync(file.fileno())


def _check_seal(source: Path) -> None:
    seal = len(_SKIPPED) + hashlib.sha256().digest_size
    try:
        with source.open("rb") as file:
            left = max(file.seek(0, os.SEEK_END) - seal, 0)
            file.seek(0)
            digest = hashlib.sha256()
            while left and (chunk := file.read(min(_CHUNK, left))):
                digest.update(chunk)
                left -= len(chunk)
            found = file.read()
    except OSError as error:
        raise InputError(
            f"{source} cannot be read.", why=f"{error.strerror}.", next_step="Check the name.", file=str(source)
        ) from error
    if found[: len(_SKIPPED)] != _SKIPPED:
        raise InputError(
            f"{source} is not a backup of Siyu, or it is damaged or cut.",
            why="It does not end with the checksum that `siyu backup` writes.",
            next_step="Use another copy of it; nothing was replaced.",
            file=str(source),
        )
    if found[len(_SKIPPED) :] != digest.digest():
        raise _damaged(source, "it does not match the checksum at its end")


@contextmanager
def _opened(source: Path) -> Iterator[tarfile.TarFile]:
    try:
        with (
            source.open("rb") as file,
            pa.CompressedInputStream(file, "zstd") as stream,
            tarfile.open(fileobj=stream, mode="r|") as tar,
        ):
            yield tar
    except FileNotFoundError as error:
        raise InputError(f"There is no file {source}.", next_step="Check the name.", file=str(source)) from error
    except (tarfile.TarError, EOFError) as error:
        raise _damaged(source, str(error)) from error
    except OSError as error:
        if error.errno is None:  # Zstandard could not decompress it
            raise _damaged(source, str(error)) from error
        raise StorageError(
            "The backup could not be unpacked.",
            why=f"{error.filename or source}: {error.strerror}.",
            next_step="Free space or make the folder writable, then run it again; nothing was replaced.",
            retry=True,
        ) from error


def _head(tar: tarfile.TarFile, source: Path) -> Contents:
    first = tar.next()
    if first is None or first.name != LIST or not first.isreg() or first.size > _LONGEST_LIST:
        raise InputError(
            f"{source} is not a backup of Siyu.",
            why=f"It does not begin with {LIST}.",
            next_step="Give a file that `siyu backup` made.",
            file=str(source),
        )
    contents = _read_list(_bytes(tar, first), source)
    unsafe = [entry.name for entry in contents.files if not is_safe(entry.name)]
    if unsafe:
        raise InputError(
            f"{source} names a path outside the project: {unsafe[0]!r}.",
            why="No backup of Siyu does that; unpacking it could overwrite other files.",
            next_step="Do not use this file; nothing was unpacked.",
            file=str(source),
        )
    return contents


def _read_list(raw: bytes, source: Path) -> Contents:
    try:
        outer = json.loads(raw)
        text = outer["list"]
        if hashlib.sha256(text.encode()).hexdigest() != outer["sha256"]:
            raise _damaged(source, "its list does not match its checksum")
        body = json.loads(text)
        if body["format"] != FORMAT:
            raise InputError(
                f"{source} is a backup of another format.",
                why=f"It has format {body['format']}; this version reads {FORMAT}.",
                next_step="Install a newer version of Siyu.",
                file=str(source),
            )
        return Contents(body["about"], tuple(Entry(**entry) for entry in body["files"]))
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(source, "its list cannot be read") from error


def _bytes(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    handle = tar.extractfile(member)
    return handle.read() if handle is not None else b""


def _write_file(tar: tarfile.TarFile, member: tarfile.TarInfo, entry: Entry, target: Path, source: Path) -> None:
    handle = tar.extractfile(member)
    assert handle is not None  # noqa: S101 - a regular file has content
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with target.open("xb") as out:
        os.chmod(target, 0o600)
        while chunk := handle.read(_CHUNK):
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != entry.sha256:
        raise _damaged(source, f"{entry.name!r} does not match its checksum")


def _damaged(source: Path, why: str) -> InputError:
    return InputError(
        f"The backup {source} is damaged.",
        why=f"{why[:1].upper()}{why[1:]}.",
        next_step="Use another copy of it; nothing was replaced.",
        file=str(source),
    )


def sizes(files: Sequence[Entry]) -> int:
    """Bytes of all files together."""
    return sum(entry.bytes for entry in files)

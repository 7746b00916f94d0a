"""Files that lie elsewhere: ``s3://``, ``gs://``, ``az://`` and whatever else fsspec knows, opened where they lie.

A file is told apart by what its store says of it (etag, or moment and size), so that what was imported is not fetched
again. Credentials are found by the store's own library, in its variables and profiles; none stands in a path. Options
(an endpoint, say) are fsspec's: ``FSSPEC_S3_ENDPOINT_URL=https://minio.example``. Pages on the web are no files: they
are refused, as :mod:`siyu.net` alone speaks HTTP.
"""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import IO, Any, cast

from siyu.domain.errors import InputError, MissingExtraError, SettingsError
from siyu.files.finding import SourceFile, fingerprint

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_REFUSED = frozenset({"http", "https", "ftp", "data", "github", "jupyter", "reference", "simplecache", "filecache"})
_OF_BUCKETS = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs"})
_TELLING = (
    "etag",
    "ETag",
    "md5",
    "checksum",
    "content_md5",
    "mtime",
    "LastModified",
    "last_modified",
    "updated",
    "created",
)


def is_remote(path: str) -> bool:
    """Whether ``path`` names a place by its scheme.

    Example:
        >>> is_remote("s3://shop/events/*.csv.gz"), is_remote("events/*.csv"), is_remote("C:/events/a.csv")
        (True, False, False)
    """
    return _SCHEME.match(path) is not None


def find(uri: str) -> tuple[SourceFile, ...]:
    """The files that ``uri`` (a name or a glob) stands for, in order.

    Raises:
        InputError: it stands for none, or the store cannot be reached.
        SettingsError: its scheme is not one for files, or it holds a password.
        MissingExtraError: the store's library is not installed.
    """
    store, path = _store(uri)
    try:
        store.invalidate_cache()  # what was listed before may have more in it now
        names = sorted(store.glob(path)) if any(sign in path for sign in "*?[") else [path]
        listed = [(name, store.info(name)) for name in names if store.isfile(name)]
    except Exception as error:  # stores raise what they like: botocore, azure, paramiko ...
        raise _unreachable(uri, error) from error
    if not listed:
        raise InputError(f"There is no file {uri!r}.", why=_absence(store, uri), next_step="Correct paths.")
    return tuple(_described(uri, name, about) for name, about in listed)


def _absence(store: Any, uri: str) -> str:
    scheme, rest = uri.split("://", 1)
    bucket = rest.split("/", 1)[0]
    try:
        gone = scheme.lower() in _OF_BUCKETS and not store.exists(bucket)
    except Exception as error:  # as above
        raise _unreachable(uri, error) from error
    return f"There is no bucket {bucket!r}, or not for these credentials." if gone else "Nothing has that name."


def _described(uri: str, name: str, about: Mapping[str, Any]) -> SourceFile:
    scheme = cast("re.Match[str]", _SCHEME.match(uri)).group(1)
    told = [f"{key}={about[key]}" for key in _TELLING if about.get(key)]
    size = int(about.get("size") or 0)
    digest = fingerprint()
    digest.update("\n".join((f"{scheme}://{name}", str(size), *told)).encode())
    return SourceFile(Path(name), digest.hexdigest(), size, uri=f"{scheme}://{name.lstrip('/')}")


def open_bytes(file: SourceFile) -> IO[bytes]:
    """The bytes of a remote file, which can be sought in.

    Raises:
        InputError: it is gone, or the store cannot be reached.
    """
    store, path = _store(file.uri)
    try:
        found = store.open(path, "rb")
        found.seek(0)  # a store may give the same stream twice
        return cast("IO[bytes]", io.BufferedReader(_Stream(found, file.uri), 1 << 20))
    except Exception as error:
        raise _unreachable(file.uri, error) from error


class _Stream(io.RawIOBase):
    """Bytes of a remote file. Stores fetch when they are read, so that is when they fail."""

    def __init__(self, inner: Any, uri: str) -> None:
        self._inner = inner
        self._uri = uri

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._inner.read(len(buffer))
        except Exception as error:  # stores raise what they like
            raise _unreachable(self._uri, error) from error
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(self._inner.seek(offset, whence))

    def tell(self) -> int:
        return int(self._inner.tell())

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
        super().close()


def fetched(file: SourceFile, folder: Path) -> Path:
    """The file's bytes on this machine: where it lies, or a copy in ``folder`` under its own name."""
    if not file.uri:
        return file.path
    place = folder / file.fingerprint / file.name
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with open_bytes(file) as source, place.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
    except OSError as error:
        raise _unreachable(file.uri, error) from error
    return place


def _store(uri: str) -> tuple[Any, str]:
    match = _SCHEME.match(uri)
    scheme = match.group(1).lower() if match else ""
    if scheme in _REFUSED or "@" in uri.split("://", 1)[-1].split("/", 1)[0]:
        raise SettingsError(
            f"Files cannot be read from {scheme}:// like that.",
            why="Passwords do not belong into paths, and pages on the web are no files.",
            next_step="Name a store of files (s3://, gs://, az://, sftp://) and keep its credentials in its variables.",
        )
    try:
        core = import_module("fsspec.core")
        store, path = core.url_to_fs(uri)
    except ImportError as missing:
        raise MissingExtraError(
            f"Reading {scheme}:// needs a package that is not installed.",
            why=str(missing),
            next_step="Install it: pip install 'siyu[s3]' (for s3://; others: see fsspec's list of stores).",
        ) from missing
    except ValueError as error:
        raise SettingsError(f"{scheme}:// is no store of files.", why=str(error), next_step="Correct paths.") from error
    return store, path


def _unreachable(uri: str, error: Exception) -> InputError:
    return InputError(
        f"{uri} cannot be read.",
        why=f"{type(error).__name__}: {error}"[:500],
        next_step="Check the name, and that the store's credentials are set in its own variables.",
        retry=True,
        file=uri.rsplit("/", 1)[-1],
    )

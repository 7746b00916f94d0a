"""The keys: three kinds, each in its own file, in a folder outside the database.

* *master* opens everything that is sealed (contacts, external ids, quarantined rows). It may be rotated.
* *pseudonym* turns a shop's customer id into a pseudonym. It is never rotated: another key is another set of people.
* *token* signs the links that readers get. It may be rotated; links signed by an earlier one stay good.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from siyu.domain.errors import NotPermittedError, StorageError

SIZE = 32
"""Bytes of every key."""

_LOST: Mapping[str, str] = {
    "master": "Without it no address and no external id in the store can ever be read again.",
    "pseudonym": "Without it no new event can be joined to the people already known: everyone would look new.",
    "token": "Without it every link in messages already sent (unsubscribe too) stops working.",
}


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys in memory; its printed form shows none of them.

    Attributes:
        master, token: version to key; the highest version is the one in use, earlier ones only open and verify.

    Example:
        >>> from tempfile import mkdtemp
        >>> ring = KeyRing.create(Path(mkdtemp()) / "keys")
        >>> ring
        KeyRing(folder='keys')
    """

    master: Mapping[int, bytes] = field(repr=False)
    pseudonym: bytes = field(repr=False)
    token: Mapping[int, bytes] = field(repr=False)
    folder: str = ""

    @classmethod
    def create(cls, folder: Path, *, open_secret: str = "") -> KeyRing:
        """Make new keys in ``folder`` (0700, files 0600), all of them or none. What is there is never overwritten.

        Args:
            open_secret: make the keys from this text instead of at random. Whoever knows the text has the keys: only
                for invented people, where the same start must give the same result.

        Raises:
            NotPermittedError: the folder already holds something.
            StorageError: it cannot be written.
        """
        if folder.exists() and any(folder.iterdir()):
            raise NotPermittedError(
                f"{folder} is not empty, so no keys were made there.",
                why="Overwriting a key would make what it sealed unreadable for ever.",
                next_step="Use the keys that are there, or name another folder.",
            )
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            aside = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))  # 0700
            for name in ("master-1", "pseudonym", "token-1"):
                _write(aside / f"{name}.key", _made_of(open_secret, name) if open_secret else secrets.token_bytes(SIZE))
            aside.rename(folder)
        except OSError as error:
            raise StorageError(
                "The keys could not be written.",
                why=f"{folder}: {error.strerror}.",
                next_step="Make the folder above it writable for this user, or name another folder.",
            ) from error
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path, *, shared: bool = False) -> KeyRing:
        """Read the keys in ``folder``.

        Args:
            shared: accept files that the group or everyone may read (a mounted secret, for example).

        Raises:
            NotPermittedError: others may read the keys, or one is missing; the text says what a lost key means.
        """
        if not shared:
            _require_private(folder)
        return cls(_versions(folder, "master"), _read(folder, "pseudonym"), _versions(folder, "token"), folder.name)

    def rotate(self, folder: Path, kind: str) -> KeyRing:
        """Add a new version of the ``master`` or ``token`` key and read the ring again.

        Raises:
            NotPermittedError: the pseudonym key never rotates.
        """
        known = {"master": self.master, "token": self.token}
        if kind not in known:
            raise NotPermittedError(
                f"The {kind} key is never rotated.",
                why="Another pseudonym key would make every known person a stranger.",
                next_step="Rotate master or token.",
            )
        _write(folder / f"{kind}-{max(known[kind]) + 1}.key", secrets.token_bytes(SIZE))
        return KeyRing.open(folder)

    def derive(self, purpose: str) -> bytes:
        """A key for one narrow purpose, derived from the pseudonym key (HKDF-SHA-256, RFC 5869)."""
        return HKDF(SHA256(), SIZE, salt=None, info=f"siyu/{purpose}".encode()).derive(self.pseudonym)


def _made_of(secret: str, name: str) -> bytes:
    return HKDF(SHA256(), SIZE, salt=None, info=f"siyu/open-key/{name}".encode()).derive(secret.encode())


def _write(path: Path, key: bytes) -> None:
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{key.hex()}\n")
        file.flush()
        os.fsync(file.fileno())


def _require_private(folder: Path) -> None:
    for path in (folder, *sorted(folder.glob("*.key"))):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise NotPermittedError(
                f"{path} may be read by other users of this machine.",
                why="Whoever reads the keys can read every address.",
                next_step=f"Run: chmod go-rwx '{path}'",
                path=str(path),
            )


def _versions(folder: Path, kind: str) -> dict[int, bytes]:
    found = (path.stem.rpartition("-")[2] for path in folder.glob(f"{kind}-*.key"))
    versions = sorted(int(text) for text in found if text.isdigit())
    return {version: _read(folder, f"{kind}-{version}") for version in versions or [1]}


def _read(folder: Path, name: str) -> bytes:
    path = folder / f"{name}.key"
    kind = name.partition("-")[0]
    try:
        key = bytes.fromhex(path.read_text("ascii"))
    except OSError as error:
        raise NotPermittedError(
            f"The {kind} key cannot be read.",
            why=f"{path}: {error.strerror}. {_LOST[kind]}",
            next_step="Restore the folder of keys from its backup; make new keys only for a new shop.",
            path=str(path),
        ) from error
    except ValueError:
        key = b""
    if len(key) != SIZE:
        raise NotPermittedError(
            f"The {kind} key is damaged.",
            why=f"{path} does not hold {SIZE} bytes in hexadecimal. {_LOST[kind]}",
            next_step="Restore the file from its backup.",
            path=str(path),
        )
    return key

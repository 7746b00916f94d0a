"""Envelope encryption: a data key for every person, wrapped by the master key (AES-256-GCM, NIST SP 800-38D).

Destroying a person's wrapped key makes every copy of what was sealed under it unreadable, except where a backup holds
the wrapped key as well and the master key is still there: after restoring one, erase again whom the audit log names.
Each sealed value is ``format | master version | 96-bit random nonce | ciphertext and 128-bit tag``; a data key seals
far fewer than the 2^32 values at which random nonces become a risk.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from siyu.domain.errors import NotPermittedError
from siyu.privacy.keys import SIZE, KeyRing

_NONCE: Final = 12
_TAG: Final = 16
_HEADER: Final = 2
_WRAPPED: Final = _HEADER + _NONCE + SIZE + _TAG  # 62 bytes
_FIELD, _KEY, _PAYLOAD = 1, 2, 3  # formats


class Envelope:
    """Seals and opens with the keys of a ring.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> envelope = Envelope(KeyRing.create(Path(mkdtemp()) / "keys"))
        >>> wrapped = envelope.new_key("p1")
        >>> sealed = envelope.seal("a@example.com", wrapped=wrapped, person="p1", field="email")
        >>> envelope.open(sealed, wrapped=wrapped, person="p1", field="email")
        'a@example.com'
    """

    def __init__(self, keys: KeyRing) -> None:
        self._masters = {version: AESGCM(key) for version, key in keys.master.items()}
        self._version = max(self._masters)

    def new_key(self, owner: str) -> bytes:
        """A fresh data key, wrapped by the master key and bound to ``owner`` (a person, or a kind of batch)."""
        return self._wrap(os.urandom(SIZE), owner)

    def rewrap(self, wrapped: bytes, owner: str) -> bytes:
        """The same data key under the newest master key."""
        return self._wrap(self._unwrap(wrapped, owner), owner)

    def seal(self, text: str, *, wrapped: bytes, person: str, field: str) -> bytes:
        """``text`` under the person's data key, bound to the person and the field: it opens nowhere else."""
        return self.seal_fields({field: text}, wrapped=wrapped, person=person)[0]

    def seal_bytes(self, data: bytes, *, wrapped: bytes, person: str, field: str) -> bytes:
        """:meth:`seal` for bytes."""
        head = bytes((_FIELD, wrapped[1]))
        nonce = os.urandom(_NONCE)
        cipher = AESGCM(self._unwrap(wrapped, person))
        return head + nonce + cipher.encrypt(nonce, data, head + _bound(person, field))

    def open_bytes(self, sealed: bytes, *, wrapped: bytes, person: str, field: str) -> bytes:
        """The bytes that :meth:`seal_bytes` was given.

        Raises:
            NotPermittedError: other keys, another person or field, or damaged bytes.
        """
        return _open(AESGCM(self._unwrap(wrapped, person)), sealed, _FIELD, _bound(person, field))

    def open(self, sealed: bytes, *, wrapped: bytes, person: str, field: str) -> str:
        """The text that :meth:`seal` was given.

        Raises:
            NotPermittedError: other keys, another person or field, or damaged bytes.
        """
        data = self.open_bytes(sealed, wrapped=wrapped, person=person, field=field)
        return data.decode("utf-8", "surrogatepass")

    def new_people(self, people: Sequence[str], texts: Sequence[str], field: str) -> tuple[list[bytes], list[bytes]]:
        """A fresh data key for each of ``people``, wrapped, and a text sealed under each: many times quicker than
        :meth:`new_key` and :meth:`seal` one by one.
        """
        master, key_head, field_head = (
            self._masters[self._version],
            bytes((_KEY, self._version)),
            bytes((_FIELD, self._version)),
        )
        drawn = _drawn(len(people), SIZE + 2 * _NONCE)
        wrapped, sealed = [], []
        for person, text, fresh in zip(people, texts, drawn, strict=True):
            key, first, second = fresh[:SIZE], fresh[SIZE : SIZE + _NONCE], fresh[SIZE + _NONCE :]
            wrapped.append(key_head + first + master.encrypt(first, key, key_head + _bound(person, "key")))
            raw, bound = text.encode("utf-8", "surrogatepass"), field_head + _bound(person, field)
            sealed.append(field_head + second + AESGCM(key).encrypt(second, raw, bound))
        return wrapped, sealed

    def seal_fields(self, texts: Mapping[str, str], *, wrapped: bytes, person: str) -> list[bytes]:
        """:meth:`seal` for several fields (field -> text) of one person, in order."""
        cipher = AESGCM(self._unwrap(wrapped, person))
        head = bytes((_FIELD, wrapped[1]))
        sealed = []
        for (field, text), nonce in zip(texts.items(), _drawn(len(texts), _NONCE), strict=True):
            raw, bound = text.encode("utf-8", "surrogatepass"), head + _bound(person, field)
            sealed.append(head + nonce + cipher.encrypt(nonce, raw, bound))
        return sealed

    def seal_payloads(self, payloads: pa.Array) -> pa.Array:
        """Rows that were set aside, sealed under one data key a call; each row carries that key, wrapped.

        Args:
            payloads: string or binary; null stays null.

        Returns:
            binary, 92 bytes longer a row.
        """
        wrapped = self.new_key("payload")
        cipher = AESGCM(self._unwrap(wrapped, "payload"))
        head = bytes((_PAYLOAD, self._version)) + wrapped
        bound = head[:_HEADER] + b"payload"
        rows = payloads.cast(pa.binary()).to_pylist()
        nonces = _drawn(len(rows), _NONCE)
        sealed = [
            None if row is None else head + nonce + cipher.encrypt(nonce, row, bound)
            for row, nonce in zip(rows, nonces, strict=True)
        ]
        return pa.array(sealed, pa.binary())

    def open_payloads(self, sealed: pa.Array) -> pa.Array:
        """The rows that :meth:`seal_payloads` was given, as binary.

        Raises:
            NotPermittedError: other keys or damaged bytes.
        """
        ciphers: dict[bytes, AESGCM] = {}
        opened: list[bytes | None] = []
        for row in sealed.to_pylist():
            if row is None:
                opened.append(None)
                continue
            wrapped = row[_HEADER : _HEADER + _WRAPPED]
            if wrapped not in ciphers:
                ciphers[wrapped] = AESGCM(self._unwrap(wrapped, "payload"))
            opened.append(_open(ciphers[wrapped], row[:_HEADER] + row[_HEADER + _WRAPPED :], _PAYLOAD, b"payload"))
        return pa.array(opened, pa.binary())

    def _wrap(self, key: bytes, owner: str) -> bytes:
        nonce = os.urandom(_NONCE)
        head = bytes((_KEY, self._version))
        return head + nonce + self._masters[self._version].encrypt(nonce, key, head + _bound(owner, "key"))

    def _unwrap(self, wrapped: bytes, owner: str) -> bytes:
        master = self._masters.get(wrapped[1]) if len(wrapped) == _WRAPPED else None
        if master is None:
            raise _refusal("It was sealed under a master key that is not in the folder of keys, or it is damaged.")
        return _open(master, wrapped, _KEY, _bound(owner, "key"))


def _bound(owner: str, field: str) -> bytes:
    return f"{len(owner)}\x00{owner}\x00{field}".encode()


def _drawn(count: int, size: int) -> Iterator[bytes]:
    """``count`` times ``size`` random bytes, asked of the system at once."""
    drawn = os.urandom(size * count)
    return (drawn[start : start + size] for start in range(0, len(drawn), size))


def _open(cipher: AESGCM, sealed: bytes, expected: int, bound: bytes) -> bytes:
    if len(sealed) < _HEADER + _NONCE + _TAG or sealed[0] != expected:
        raise _refusal("Its format is unknown to this version, or it is cut.")
    try:
        nonce, rest = sealed[_HEADER : _HEADER + _NONCE], sealed[_HEADER + _NONCE :]
        return cipher.decrypt(nonce, rest, sealed[:_HEADER] + bound)
    except InvalidTag as error:
        raise _refusal("It was sealed under another key or for someone else, or it was changed.") from error


def _refusal(why: str) -> NotPermittedError:
    return NotPermittedError(
        "A sealed value cannot be opened.",
        why=why,
        next_step="Use the keys that belong to this store; restore them from their backup if they were replaced.",
    )

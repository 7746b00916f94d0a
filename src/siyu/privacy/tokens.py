"""Signed tokens: what a link in a message carries instead of an address or an id that could be guessed."""

from __future__ import annotations

import binascii
import hmac
import json
import secrets
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Final

from siyu.domain.errors import NotPermittedError
from siyu.privacy.keys import KeyRing

_MAC_BYTES = 16  # 128 bits of HMAC-SHA-256: the shortest that RFC 2104 (section 5) advises; links stay short
_LONGEST = 4096
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")


class TokenSigner:
    """Signs short fields for one purpose and takes them back only whole, unchanged and for that purpose.

    A token is ``<key version>.<fields>.<mac>`` in the letters of base64url. The fields can be read by anyone: put
    ids in it, never anything personal.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> signer = TokenSigner(KeyRing.create(Path(mkdtemp()) / "keys"))
        >>> signer.verify("unsubscribe", signer.sign("unsubscribe", "m1", "email"))
        ('m1', 'email')
    """

    def __init__(self, keys: KeyRing) -> None:
        self._keys = dict(keys.token)
        self._current = max(self._keys)
        self._nobody = secrets.token_bytes(32)  # unknown versions cost as much time as known ones

    def sign(self, purpose: str, *fields: str) -> str:
        """A token for ``fields``, good for ``purpose`` alone.

        Raises:
            ValueError: the token would be longer than 4,096 characters.
        """
        body = _encode(f"[{','.join(map(encode_basestring, fields))}]".encode())
        token = f"{self._current}.{body}.{_encode(self._mac(self._current, purpose, body))}"
        if len(token) > _LONGEST:
            raise ValueError(f"a token of {len(token)} characters is too long for a link; sign an id instead")
        return token

    def verify(self, purpose: str, token: str) -> tuple[str, ...]:
        """The fields of ``token``.

        Raises:
            NotPermittedError: it was forged, cut, or made for another purpose; one text for all, so that nothing can
                be learnt by trying.
        """
        parts = token.split(".") if len(token) <= _LONGEST else []
        version, body, mac = parts if len(parts) == 3 else ("0", "", "")
        number = int(version) if version.isascii() and version.isdigit() and len(version) < 6 else 0
        expected = _encode(self._mac(number, purpose, body))
        genuine = hmac.compare_digest(expected.encode(), mac.encode("utf-8", "replace"))
        if not (genuine and number in self._keys and version == str(number)):
            raise NotPermittedError(
                "This link cannot be used.",
                why="It was changed, cut, or made for something else.",
                next_step="Open the link from the message again, whole.",
            )
        return tuple(json.loads(_decode(body)))

    def _mac(self, version: int, purpose: str, body: str) -> bytes:
        # JSON written out: eight tokens a message make its encoder the dearest part of signing
        bound = f'["siyu-token", {version}, {encode_basestring_ascii(purpose)}, {encode_basestring_ascii(body)}]'
        return hmac.digest(self._keys.get(version, self._nobody), bound.encode(), "sha256")[:_MAC_BYTES]


def _encode(raw: bytes) -> str:
    return b2a_base64(raw, newline=False).translate(_URL_SAFE, b"=").decode()


def _decode(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:  # pragma: no cover - a genuine mac rules it out
        raise NotPermittedError("This link cannot be used.", next_step="Open the message again.") from error

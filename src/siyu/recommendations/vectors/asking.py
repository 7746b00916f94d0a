"""Asking a server of embeddings: batches, time-outs, retries that wait a little longer each time, answers checked.

The address is looked up once for each connection, judged, and that very address is connected to, so that a name cannot
point elsewhere afterwards. Redirects are not followed and proxies of the environment not used.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import os
import random
import socket
import ssl
import time
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import numpy as np
from pydantic import BaseModel, Field

from siyu.domain.errors import InputError, SettingsError

_ANSWER: Final = 64 * 1024 * 1024
_AGAIN: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_WIDEST: Final = 16_384
_LONGEST_WAIT: Final = 60.0


class Endpoints(BaseModel):
    """Where and how to ask."""

    url: str = Field("", description="Base URL, up to and with /v1; https, or http on this machine.")
    model: str = Field("", description="Model by the server's name for it.")
    key_env: str = Field("", description="Variable of the environment that holds the key; none is sent where empty.")
    private: bool = Field(False, description="The server may have an address of a private network.")
    batch: int = Field(64, ge=1, le=2048, description="Texts in one request.")
    timeout: float = Field(30.0, gt=0, le=600, description="Seconds to connect and for each piece of an answer.")
    retries: int = Field(4, ge=0, le=20, description="Further tries of a request that failed for a while.")
    wait: float = Field(
        0.5, ge=0, le=60, description="Seconds before the first further try; doubled for each, jittered."
    )


class Asker:
    """One server. ``width``: how long vectors must be, where that is known already.

    Raises:
        SettingsError: the URL, or the key, cannot be used.
    """

    def __init__(self, options: Endpoints, *, width: int | None = None) -> None:
        self._options, self._width = options, width
        self._url = _url(options.url)
        self._headers = {"Content-Type": "application/json", "Accept": "application/json", **_key(options.key_env)}
        self._draw = random.Random()

    def vectors(self, texts: dict[str, str], into: dict[str, Any]) -> None:
        """Put a vector for each text into ``into`` under its key; those of answered requests stay there on an error.

        Raises:
            InputError: the server fails for good, or its answer is none.
        """
        keys = list(texts)
        for first in range(0, len(keys), self._options.batch):
            some = keys[first : first + self._options.batch]
            found = self._checked(self._tried([texts[key] for key in some]), len(some))
            into.update(zip(some, found, strict=True))

    def _tried(self, texts: list[str]) -> bytes:
        body = json.dumps({"model": self._options.model, "input": texts, "encoding_format": "float"}).encode()
        for attempt in range(self._options.retries + 1):
            try:
                status, after, answer = self._sent(body)
            except (OSError, http.client.HTTPException) as error:
                status, after, answer, why = 0, None, b"", type(error).__name__
            else:
                why = f"It answers {status}."
            if status == 200:
                return answer
            if (status and status not in _AGAIN) or attempt == self._options.retries:
                raise _failed(self._url, why, retry=status in _AGAIN or not status, status=status)
            pause = self._options.wait * 2**attempt * self._draw.uniform(0.5, 1.5)
            time.sleep(min(max(pause, after or 0.0), _LONGEST_WAIT))
        raise AssertionError("unreachable")

    def _sent(self, body: bytes) -> tuple[int, float | None, bytes]:
        connection = _connected(self._url, self._options)
        try:
            connection.request("POST", f"{self._url.path.rstrip('/')}/embeddings", body, self._headers)
            response = connection.getresponse()
            answer = response.read(_ANSWER + 1)
            if len(answer) > _ANSWER:
                raise _failed(self._url, f"Its answer is longer than {_ANSWER} bytes.")
            return response.status, _seconds(response.getheader("Retry-After")), answer
        finally:
            connection.close()

    def _checked(self, answer: bytes, size: int) -> list[Any]:
        """The vectors of an answer, in the order that was asked for."""
        try:
            rows = sorted(json.loads(answer)["data"], key=lambda row: row["index"])
            places = [row["index"] for row in rows]
            found = [np.asarray(row["embedding"], np.float64).astype(np.float32) for row in rows]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise _failed(self._url, "Its answer is not what /v1/embeddings promises.") from error
        if places != list(range(size)):
            raise _failed(self._url, f"It was asked for {size} vectors and gave {len(places)} others.")
        for vector in found:
            width = self._width or len(vector)
            if vector.shape != (width,) or not 2 <= width <= _WIDEST:
                raise _failed(self._url, f"A vector has {vector.size} numbers, where {width} are expected.")
            if not np.isfinite(vector).all() or not vector.any():
                raise _failed(self._url, "A vector holds what is no number, or nothing but zeros.")
            self._width = width
        return found


def _url(text: str) -> SplitResult:
    try:
        url = urlsplit(text)
        sane = url.scheme in ("https", "http") and url.hostname and not (url.username or url.password)
        sane = sane and not url.query and not url.fragment and (url.port is None or url.port > 0)
    except ValueError:
        sane = False
    if not sane or any(ord(sign) <= 32 or ord(sign) > 126 for sign in text):
        raise SettingsError(
            "The URL of the server of embeddings cannot be used.",
            why="It must be http(s)://host[:port]/path, without user, password or query.",
            next_step="Mend url; the key goes into a variable of the environment named by key_env.",
        )
    return url


def _key(name: str) -> dict[str, str]:
    if not name:
        return {}
    key = os.environ.get(name, "").strip()
    if not key or any(ord(sign) <= 32 or ord(sign) > 126 for sign in key):
        raise SettingsError(
            f"The variable {name} holds no key that can be sent.",
            why="It is empty, or has blanks or signs other than ASCII's.",
            next_step=f"Set {name} in the environment.",
        )
    return {"Authorization": f"Bearer {key}"}


def _connected(url: SplitResult, options: Endpoints) -> http.client.HTTPConnection:
    """A connection to an address that was looked at."""
    host, port = str(url.hostname), url.port or (443 if url.scheme == "https" else 80)
    address = _judged(url, host, port, private=options.private)
    connection = http.client.HTTPConnection(host, port, timeout=options.timeout)
    plain = socket.create_connection((address, port), timeout=options.timeout)
    try:
        connection.sock = (
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) if url.scheme == "https" else plain
        )
    except BaseException:
        plain.close()
        raise
    return connection


def _judged(url: SplitResult, host: str, port: int, *, private: bool) -> str:
    """The address of a host, if it may be asked.

    Raises:
        SettingsError: it lies where no server of the shop's choice should: link-local (where clouds keep credentials),
            a private network without leave, plain http beyond this machine.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    address = str(found[0][4][0])
    seen = ipaddress.ip_address(address.split("%")[0])
    place = getattr(seen, "ipv4_mapped", None) or seen
    local = place.is_loopback
    barred = place.is_link_local or place.is_multicast or place.is_unspecified
    barred = barred or not (local or place.is_global or (private and place.is_private))
    if barred or (url.scheme == "http" and not (local or (private and place.is_private))):
        raise SettingsError(
            f"The server of embeddings at {host} may not be asked.",
            why="Its address is link-local or private, or it is asked by http beyond this machine.",
            next_step="Use https and a public address; private = true allows a private network.",
            address=str(place),
        )
    return address


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else None


def _failed(url: SplitResult, why: str, *, retry: bool = False, **facts: object) -> InputError:
    return InputError(
        f"The server of embeddings at {url.hostname} is of no use.", why=why,
        next_step="What has come so far is kept. Look at url, model and key, then run again.", retry=retry, **facts,
    )  # fmt: skip

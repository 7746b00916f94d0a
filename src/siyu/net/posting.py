"""Posting JSON to one server: a key in the header, an answer of bounded size in bounded time, tried again."""

from __future__ import annotations

import http.client
import os
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from siyu.domain.errors import InputError, SettingsError
from siyu.net.addresses import connected, is_plain, usable

AGAIN: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""Statuses after which the same request may succeed."""
_LONGEST_WAIT: Final = 60.0
_PIECE: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said. ``after``: seconds it asks to be left alone, where it says so."""

    status: int
    body: bytes
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait and how often to try.

    Attributes:
        timeout: seconds to connect, and for each piece of an answer.
        whole: seconds for a whole answer, however slowly its pieces come.
        retries: further tries.
        wait: seconds before the first of them; doubled for each, jittered by half; a server's Retry-After counts up to
            a minute.
    """

    timeout: float = 30.0
    whole: float = 600.0
    retries: int = 4
    wait: float = 0.5


class Poster:
    """One server. May be used by several threads; each request has a connection of its own.

    Args:
        url: base URL, up to and with ``/v1``.
        called: what the server is, for errors ("server of embeddings").
        key: sent as a bearer's; in no error and no log.
        private: whether an address of a private network will do.
        most: bytes of an answer at most.

    Raises:
        SettingsError: the URL cannot be used.
    """

    def __init__(
        self, url: str, *, called: str, key: str = "", private: bool = False, patience: Patience | None = None,
        most: int = 64 * 1024 * 1024,
    ) -> None:  # fmt: skip
        self._url, self._called, self._private = usable(url, called=called), called, private
        self._patience, self._most = patience or Patience(), most
        self._headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "siyu"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        self._draw = random.Random()
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Try nothing again from now on, and wait no longer."""
        self._stopped.set()

    def post(self, path: str, body: bytes, *, tried: Callable[[Answer | None], None] = lambda before: None) -> Answer:
        """The server's answer of status 200, or one that trying again cannot mend.

        Args:
            tried: called before every request with what came of the one before: None before the first, status 0 where
                it was cut off. What it raises ends the asking.

        Raises:
            InputError: it gave no answer after the last try; ``retry`` is set. SettingsError: it may not be asked.
        """
        patience = self._patience
        before: Answer | None = None
        for attempt in range(patience.retries + 1):
            tried(before)
            try:
                answer = self._once(path, body)
            except (OSError, http.client.HTTPException) as error:
                answer, why = Answer(0, b""), type(error).__name__
            else:
                why = f"It answers {answer.status}."
            if answer.status and answer.status not in AGAIN:
                return answer
            before = answer
            pause = patience.wait * 2**attempt * self._draw.uniform(0.5, 1.5)
            last = attempt == patience.retries
            if last or self._stopped.wait(min(max(pause, answer.after or 0.0), _LONGEST_WAIT)):
                raise self.failed(why, retry=True, status=answer.status)
        raise AssertionError("unreachable")

    def failed(self, why: str, *, retry: bool = False, **facts: object) -> InputError:
        """The error that says this server is of no use, and why."""
        return InputError(
            f"The {self._called} at {self._url.hostname} is of no use.", why=why,
            next_step="What has come so far is kept. Look at url, model and key, then run again.", retry=retry, **facts,
        )  # fmt: skip

    def _once(self, path: str, body: bytes) -> Answer:
        end = time.monotonic() + self._patience.whole
        connection = connected(
            self._url, called=self._called, private=self._private, timeout=self._patience.timeout
        )  # fmt: skip
        try:
            connection.request("POST", self._url.path.rstrip("/") + path, body, self._headers)
            response = connection.getresponse()
            pieces: list[bytes] = []
            size = 0
            while piece := response.read1(_PIECE):
                pieces.append(piece)
                size += len(piece)
                if size > self._most:
                    raise self.failed(f"Its answer is longer than {self._most} bytes.")
                if time.monotonic() > end:
                    raise TimeoutError
            if response.length:
                raise http.client.IncompleteRead(b"", response.length)
            return Answer(response.status, b"".join(pieces), seconds(response.getheader("Retry-After")))
        finally:
            connection.close()


def key_of(name: str, environment: Mapping[str, str] | None = None) -> str:
    """The key in the variable ``name`` of the environment; empty where no variable is named.

    Raises:
        SettingsError: it holds none, or signs that no header may hold. The key itself is never told.
    """
    if not name:
        return ""
    key = (os.environ if environment is None else environment).get(name, "").strip()
    if not key or not is_plain(key):
        raise SettingsError(
            f"The variable {name} holds no key that can be sent.",
            why="It is empty, or has blanks or signs other than ASCII's.",
            next_step=f"Set {name} in the environment.",
        )
    return key


def seconds(text: str | None) -> float | None:
    """Seconds of a Retry-After header; None where it has none, or a date.

    Example:
        >>> seconds("120"), seconds("Wed, 21 Oct 2026 07:28:00 GMT"), seconds(None)
        (120.0, None, None)
    """
    return float(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else None

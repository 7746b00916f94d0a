"""Asking a server of embeddings: texts in batches, answers checked."""

from __future__ import annotations

import json
from typing import Any, Final

import numpy as np
from pydantic import BaseModel, Field

from siyu.net.posting import Patience, Poster, key_of

_CALLED: Final = "server of embeddings"
_WIDEST: Final = 16_384


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
        self._poster = Poster(
            options.url, called=_CALLED, key=key_of(options.key_env), private=options.private,
            patience=Patience(options.timeout, retries=options.retries, wait=options.wait),
        )  # fmt: skip

    def vectors(self, texts: dict[str, str], into: dict[str, Any]) -> None:
        """Put a vector for each text into ``into`` under its key; those of answered requests stay there on an error.

        Raises:
            InputError: the server fails for good, or its answer is none.
        """
        keys = list(texts)
        for first in range(0, len(keys), self._options.batch):
            some = keys[first : first + self._options.batch]
            found = self._checked(self._asked([texts[key] for key in some]), len(some))
            into.update(zip(some, found, strict=True))

    def _asked(self, texts: list[str]) -> bytes:
        body = json.dumps({"model": self._options.model, "input": texts, "encoding_format": "float"}).encode()
        answer = self._poster.post("/embeddings", body)
        if answer.status != 200:
            raise self._poster.failed(f"It answers {answer.status}.", status=answer.status)
        return answer.body

    def _checked(self, answer: bytes, size: int) -> list[Any]:
        """The vectors of an answer, in the order that was asked for."""
        try:
            rows = sorted(json.loads(answer)["data"], key=lambda row: row["index"])
            places = [row["index"] for row in rows]
            found = [np.asarray(row["embedding"], np.float64).astype(np.float32) for row in rows]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise self._poster.failed("Its answer is not what /v1/embeddings promises.") from error
        if places != list(range(size)):
            raise self._poster.failed(f"It was asked for {size} vectors and gave {len(places)} others.")
        for vector in found:
            width = self._width or len(vector)
            if vector.shape != (width,) or not 2 <= width <= _WIDEST:
                raise self._poster.failed(f"A vector has {vector.size} numbers, where {width} are expected.")
            if not np.isfinite(vector).all() or not vector.any():
                raise self._poster.failed("A vector holds what is no number, or nothing but zeros.")
            self._width = width
        return found

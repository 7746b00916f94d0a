"""Pseudonyms: the only name a person has outside the store."""

from __future__ import annotations

import hmac
from collections.abc import Callable

import pyarrow as pa

from siyu.domain.ids import PersonId
from siyu.privacy.keys import KeyRing

DIGITS = 32
"""Hex digits of a pseudonym: 128 bits, so that two of a billion people share one with a chance of 1.5e-21."""


class Pseudonymiser:
    """HMAC-SHA-256 (RFC 2104) of a shop's customer id under the pseudonym key, first 32 hex digits.

    The same id gives the same pseudonym in every run; without the key neither can be found from the other.
    """

    def __init__(self, keys: KeyRing) -> None:
        self._key = keys.pseudonym

    def one(self, external_id: str) -> PersonId:
        """The pseudonym of one id."""
        return PersonId(hmac.digest(self._key, external_id.encode("utf-8", "surrogatepass"), "sha256").hex()[:DIGITS])

    def __call__(self, external_ids: pa.Array) -> pa.Array:
        """Pseudonyms of an array of ids (string), in order; null stays null. Each distinct id is hashed once."""
        return map_distinct(external_ids, self.one)


def map_distinct(values: pa.Array | pa.ChunkedArray, function: Callable[[str], str | None]) -> pa.Array:
    """``function`` (text to text) over the distinct values of a string array, put back in order; null stays null."""
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    encoded = whole.cast(pa.string()).dictionary_encode()
    mapped = pa.array([function(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return mapped.take(encoded.indices)

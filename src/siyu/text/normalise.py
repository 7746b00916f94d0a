"""One spelling for text that looks the same: NFKC, nothing invisible, single blanks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import TypeVar

import pyarrow as pa

T = TypeVar("T")

_BLANKS = re.compile(r"\s+")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # control characters that are not white space
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\uffa0"
    "\ud800-\udfff\U000e0000-\U000e0fff]"  # bidi, joiners, fillers, variation selectors, lone surrogates, tags
)


def normalise(text: str) -> str:
    """``text`` in NFKC, without control, zero-width and bidi characters, white space single and trimmed. Case stays.

    Idempotent. Lone surrogates, which no file can hold, are dropped.

    Example:
        >>> normalise("  ＡＢＣ\\u200b \\u202e１２３\\t手机 ")
        'ABC 123 手机'
    """
    if text.isascii():
        cleaned = _INVISIBLE.sub("", text) if not text.isprintable() else text
    else:
        cleaned = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return _BLANKS.sub(" ", cleaned).strip()


def fold(text: str) -> str:
    """:func:`normalise` and lower case: the form to compare and count by.

    Example:
        >>> fold("T-Shirt　ＸＬ")
        't-shirt xl'
    """
    return normalise(text).lower()


def normalise_all(texts: pa.Array) -> pa.Array:
    """:func:`normalise` over a string array; nulls stay null. Loops over distinct values only."""
    return over_distinct(texts, normalise, pa.string())


def over_distinct(values: pa.Array | pa.ChunkedArray, function: Callable[[str], T], kind: pa.DataType) -> pa.Array:
    """``function`` of every value of a string array, called once a distinct value; nulls stay null.

    Example:
        >>> over_distinct(pa.array(["a", None, "bb", "a"]), len, pa.int64()).to_pylist()
        [1, None, 2, 1]
    """
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    encoded = values.cast(pa.string()).dictionary_encode()
    done = pa.array([function(value) for value in encoded.dictionary.to_pylist()], type=kind)
    return done.take(encoded.indices)

"""Features of a text that a marketer would name: how long, what it asks, whom it speaks to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

Matrix = np.ndarray[Any, np.dtype[np.float64]]

_WORD: Final = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*")
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_EMOJI: Final = re.compile(r"[\U0001f300-\U0001faff\u2600-\u27bf]")


def _any(*words: str) -> re.Pattern[str]:
    """A pattern of words; those of Latin letters stand alone."""
    latin = [word for word in words if word.isascii()]
    other = [re.escape(word) for word in words if not word.isascii()]
    parts = [rf"\b(?:{'|'.join(latin)})\b"] if latin else []
    return re.compile("|".join(parts + other), re.IGNORECASE)


_PATTERNS: Final[dict[str, re.Pattern[str]]] = {
    "question": re.compile(r"[?？]"),
    "exclamation": re.compile(r"[!！]"),
    "ellipsis": re.compile(r"\.\.\.|…"),
    "digit": re.compile(r"\d"),
    "quote": re.compile(r"[\"“”「」『』]"),
    "money": re.compile(r"[¥￥$€£]|元"),
    "emoji": _EMOJI,
    "reader": _any("you", "your", "you're", "you'll", "yours", "你", "您"),
    "we": _any("we", "our", "us", "I", "my", "我们", "我"),
    "person": _any("he", "she", "his", "her", "him", "他", "她"),
    "this": _any("this", "these", "that", "here", "这", "那"),
    "asking": _any("how", "why", "what", "when", "who", "where", "which", "怎么", "为什么", "什么", "谁", "哪"),
    "not": _any("not", "no", "never", "don't", "can't", "won't", "nobody", "nothing", "不", "没", "别"),
    "urgent": _any("now", "today", "last", "only", "soon", "先到先得", "今天", "最后", "仅", "马上"),
    "new": _any("new", "first", "just", "新", "首", "刚"),
    "comma": re.compile(r"[,，、]"),
    "sentences": re.compile(r"[.。?？!！]"),
}
COUNTED: Final = frozenset({"comma", "sentences"})
NAMES: Final[tuple[str, ...]] = ("length", "words", "word-length", *_PATTERNS)
"""Names of the columns of :func:`named`, in order."""


def named(texts: Sequence[str]) -> Matrix:
    """A row for each text, a column for each of :data:`NAMES`.

    Example:
        >>> dict(zip(NAMES, named(["你喜欢吗？"])[0].tolist(), strict=True))["question"]
        1.0
    """
    found = np.zeros((len(texts), len(NAMES)))
    for place, text in enumerate(texts):
        words = _WORD.findall(text)
        units = len(words) + len(_HAN.findall(text))
        found[place, :3] = (
            np.log1p(len(text)),
            np.log1p(units),
            np.mean([len(word) for word in words]) if words else 0.0,
        )
        for column, (name, pattern) in enumerate(_PATTERNS.items(), 3):
            count = len(pattern.findall(text))
            found[place, column] = count if name in COUNTED else min(count, 1)
    return found

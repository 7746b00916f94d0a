"""Languages by script. Enough to choose a tokeniser; it does not tell French from English."""

from __future__ import annotations

import re

import pyarrow as pa

from siyu.text.normalise import over_distinct

_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_KANA = re.compile("[\u3041-\u30fa\u30fd-\u30ff\uff66-\uff9d]")
_HANGUL = re.compile("[\uac00-\ud7af\u1100-\u11ff]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_LETTER = re.compile(r"[^\W\d_]")

_HAN_SHARE = 0.1
"""Chinese titles name brands and models in Latin letters, English ones hold no Han characters: a few Han decide."""


def language_of(text: str) -> str | None:
    """``zh``, ``en`` (any Latin script), ``ja``, ``ko``, ``und`` (another script); ``None`` without letters.

    Example:
        >>> [language_of(text) for text in ("Nike Air 男鞋", "red shoes", "かわいい靴", "신발", "обувь", "42")]
        ['zh', 'en', 'ja', 'ko', 'und', None]
    """
    if text.isascii():
        return "en" if _LATIN.search(text) else None
    han, kana = len(_HAN.findall(text)), len(_KANA.findall(text))
    hangul, latin = len(_HANGUL.findall(text)), len(_LATIN.findall(text))
    if hangul > han + kana and hangul >= _HAN_SHARE * latin:
        return "ko"
    if kana and kana >= _HAN_SHARE * (han + latin):
        return "ja"
    if han and han >= _HAN_SHARE * latin:
        return "zh"
    if latin:
        return "en"
    return "und" if _LETTER.search(text) else None


def detect(texts: pa.Array) -> pa.Array:
    """:func:`language_of` every text; nulls stay null."""
    return over_distinct(texts, language_of, pa.string())


def has_han(text: str) -> bool:
    """Whether any Han character occurs.

    Example:
        >>> has_han("iPhone 手机壳"), has_han("phone case")
        (True, False)
    """
    return not text.isascii() and _HAN.search(text) is not None

"""Tokens: the words of a text that carry meaning, in a form that a person can read.

Chinese is cut by jieba's dictionary and hidden Markov model (rjieba); everything else by letters. Stop words, numbers,
measures and codes such as ``85123A`` are left out. English inflections share a stem (Snowball's "English", Porter 2):
:func:`tokenise` shows one form of each in a text, and :func:`readable_forms` the most usual one over many.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import snowballstemmer

from siyu.text.language import has_han, language_of
from siyu.text.lists import LANGUAGES, word_list
from siyu.text.normalise import normalise, over_distinct

if TYPE_CHECKING:
    import rjieba

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_HYPHENATED = re.compile(r"([A-Za-z]+(?:[-'’][A-Za-z]+)+)")
_DIGIT = re.compile(r"\d")
_MEASURE_LIKE = frozenset({"2d", "3d", "4k", "8k", "4g", "5g"})
_LONGEST = 40
_MOST_DIGITS = 2


def tokens(text: str, language: str | None = None) -> list[str]:
    """Words of ``text`` in reading order, lower case, unstemmed.

    Args:
        language: where it is known; otherwise the script decides. Mixed text is cut by both ways.

    Example:
        >>> tokens("Great quality and stylish products! 2 T-Shirts, 85123A, 500ml")
        ['quality', 'stylish', 't-shirts']
        >>> tokens("苹果iPhone手机壳 防摔 2023新款")
        ['苹果', 'iphone', '手机壳', '防摔']
    """
    plain = normalise(text)
    cut = _chinese(plain) if has_han(plain) and _is_chinese(plain, language) else _WORD.findall(plain)
    return [word for raw in cut if (word := _kept(raw))]


def tokenise(texts: pa.Array, languages: pa.Array | None = None) -> pa.ListArray:
    """:func:`tokens` of every text, with one readable form for each English stem within it.

    What a text becomes depends on nothing but itself, so that batches may be cut anywhere.

    Args:
        languages: one code a text, or null; only distinct (text, language) pairs are worked on.

    Returns:
        ``list<string>``, null where the text is null.

    Example:
        >>> tokenise(pa.array(["blue jeans", "a blue jean", None, "jeans"])).to_pylist()
        [['blue', 'jeans'], ['blue', 'jean'], None, ['jeans']]
    """
    return over_distinct(_paired(texts, languages), _shown_tokens, pa.list_(pa.string()))


def _shown_tokens(pair: str) -> list[str]:
    language, _, text = pair.partition("\x1f")
    found = tokens(text, language or None)
    shown = readable_forms(Counter(found))
    return [shown[word] for word in found]


@lru_cache(maxsize=262_144)
def stem(word: str) -> str:
    """Key shared by the inflections of an English word; other words are their own key.

    Example:
        >>> stem("jeans") == stem("jean"), stem("organic"), stem("牛仔裤")
        (True, 'organic', '牛仔裤')
    """
    if not word.isascii() or word in word_list("en", "keep"):
        return word
    return str(_stemmer().stemWord(word))


def readable_forms(counts: Counter[str]) -> dict[str, str]:
    """Each word to the most frequent word of its stem; ties go to the shorter, then by alphabet.

    Example:
        >>> readable_forms(Counter({"jean": 1, "jeans": 3, "hat": 1}))
        {'jean': 'jeans', 'jeans': 'jeans', 'hat': 'hat'}
    """
    best: dict[str, str] = {}
    for word in counts:
        rival = best.get(stem(word))
        if rival is None or _order(word, counts) < _order(rival, counts):
            best[stem(word)] = word
    return {word: best[stem(word)] for word in counts}


def _order(word: str, counts: Counter[str]) -> tuple[int, int, str]:
    return -counts[word], len(word), word


def _paired(texts: pa.Array | pa.ChunkedArray, languages: pa.Array | pa.ChunkedArray | None) -> pa.Array:
    plain = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    if languages is None:
        return pc.binary_join_element_wise("", plain.cast(pa.string()), "\x1f")
    codes = languages.combine_chunks() if isinstance(languages, pa.ChunkedArray) else languages
    return pc.binary_join_element_wise(pc.fill_null(codes.cast(pa.string()), ""), plain.cast(pa.string()), "\x1f")


def _is_chinese(text: str, language: str | None) -> bool:
    return (language or language_of(text) or "zh").split("-")[0] not in ("ja", "ko")


def _chinese(text: str) -> Iterable[str]:
    # jieba would tear "t-shirt" apart; odd pieces are the hyphenated words
    for number, piece in enumerate(_HYPHENATED.split(text)):
        if number % 2:
            yield piece
        elif piece and not piece.isspace():
            yield from _jieba().cut(piece)


@lru_cache(maxsize=262_144)
def _kept(raw: str) -> str | None:
    """The word in lower case, or ``None`` where it is a stop word, number, measure, code or mark."""
    word = raw.lower().replace("’", "'").removesuffix("'s").strip("-'")
    if not word or len(word) > _LONGEST or word in _dropped() or not any(map(str.isalpha, word)):
        return None
    if len(word) == 1:
        return word if word in _single() else None
    return None if _is_code(word) else word


def _is_code(word: str) -> bool:
    digits = len(_DIGIT.findall(word))
    if not digits or word in _MEASURE_LIKE:
        return False
    return word[0].isdigit() or digits > _MOST_DIGITS


@cache
def _dropped() -> frozenset[str]:
    return frozenset().union(*(word_list(code, name) for code in LANGUAGES for name in ("stop", "noise")))


@cache
def _single() -> frozenset[str]:
    return frozenset("".join(word_list("zh", "single")))


@cache
def _jieba() -> rjieba.Jieba:
    """An instance of our own: words added to the shared one would change other people's results."""
    import rjieba  # deferred: it reads a dictionary

    cutter = rjieba.Jieba()
    for word in sorted(word_list("zh", "compound")):
        cutter.add_word(word, cutter.suggest_freq(word), "n")
    return cutter


@cache
def _stemmer() -> snowballstemmer.EnglishStemmer:
    return snowballstemmer.stemmer("english")

"""What reviews speak of and how: aspects by clause, from the words of the language packs.

A clause speaks of an aspect where it holds one of the aspect's words. Words that judge by themselves ("delicious")
decide; a negation before one turns it round; names of an aspect ("the fabric") take the feeling of their clause (Hu and
Liu, "Mining and summarizing customer reviews", KDD 2004). Columnar: an aspect is a few patterns over all clauses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from siyu.packs import read
from siyu.profiles.reviews.opinions import Opinions
from siyu.text.language import has_han
from siyu.text.normalise import fold
from siyu.text.sentiment import sentiments

LANGUAGES = ("zh", "en")
MENTIONS = pa.schema(
    [
        ("row", pa.int64()),  # of the text
        ("aspect", pa.string()),
        ("polarity", pa.int8()),  # 1 satisfied, -1 dissatisfied, 0 named without a judgement
        ("clause", pa.string()),  # where it was said
        ("sure", pa.bool_()),  # by a word that no other aspect has
    ]
)
"""One row for every text and aspect in it; of several clauses, the one that decides most is shown."""

_RARE = 0.02
"""An aspect that a smaller share of a group's texts surely speaks of is none of that group's aspects."""
_SELDOM = 0.005
"""The same for words that no other aspect has."""
_PRIOR = 50
"""Texts of all groups together that each group's share is drawn towards with."""

_LONGEST = 2_000
"""Characters of a review that are looked at."""
_ENDS = r"[。！？!?；;，,、\n\r…~～]+|\.(?:\s|$)|\s-+\s|:\s|\s{2,}|(?<=[\u4e00-\u9fff])\s(?=[\u4e00-\u9fff])"
_GAP = {"zh": r"[^，。]{0,2}?", "en": r"(?:\s+\w+){0,2}?\s+"}
_LIKELY = 0.65
"""A clause sounds good from this learned chance on, and bad below its complement."""
_CLEARLY = 0.2
"""A clause feels good or bad from this score of the lexicon on."""

Signs = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Of one aspect in one language, as RE2."""

    aspect: str
    names: str
    good: str
    not_good: str
    bad: str
    not_bad: str
    own: str
    """Words that no other aspect has."""
    any: str


def about(aspect: str) -> str:
    """Whether an aspect is one of the ``product`` or of the ``shop``.

    Example:
        >>> about("taste"), about("delivery")
        ('product', 'shop')
    """
    return str(read("languages", "zh", "aspects")["aspects"][aspect]["about"])


def aspects() -> list[str]:
    """Every aspect that the packs know."""
    return list(read("languages", "zh", "aspects")["aspects"])


def mentions(
    texts: pa.Array | pa.ChunkedArray,
    groups: pa.Array | pa.ChunkedArray | None = None,
    *,
    opinions: Opinions | None = None,
) -> pa.Table:
    """The aspects that each text speaks of, as :data:`MENTIONS`.

    Args:
        texts: reviews, nulls included.
        groups: of each text, what it is about (a category). Words with several meanings ("smell" of a fruit or a
            perfume, "light" of a lamp or a coat) are then read as the aspects that texts of the group surely speak of.
        opinions: learned from the shop's own reviews; judges clauses that name an aspect in words no list knows.

    Example:
        >>> import pyarrow as pa
        >>> found = mentions(pa.array(["面料很舒服，但是价格太贵", "Great price, shame about the smell"])).to_pylist()
        >>> [(row["row"], row["aspect"], row["polarity"]) for row in found]
        [(0, 'material', 1), (0, 'comfort', 1), (0, 'price', -1), (1, 'price', 1), (1, 'smell', -1)]
    """
    values = texts.to_pylist()
    languages = np.array(["" if not text else "zh" if has_han(text) else "en" for text in values])
    parts = [_of_language(values, np.flatnonzero(languages == language), language, opinions) for language in LANGUAGES]
    found = pa.concat_tables(parts)
    found = found.filter(_fitting(found, pa.nulls(len(values), pa.string()) if groups is None else groups))
    places = {aspect: place for place, aspect in enumerate(aspects())}
    order = np.lexsort(([places[aspect] for aspect in found["aspect"].to_pylist()], found["row"].to_numpy()))
    return found.take(pa.array(order))


def _fitting(found: pa.Table, groups: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Which rows hold: not those of an aspect that their group has not; of one clause's aspects the sure ones, or else
    the one that the group speaks of most.
    """
    codes = pc.fill_null(groups, "").dictionary_encode()
    codes = codes.combine_chunks() if isinstance(codes, pa.ChunkedArray) else codes
    group = codes.indices.to_numpy()
    sizes = np.bincount(group, minlength=len(codes.dictionary))
    aspect = found["aspect"].combine_chunks().dictionary_encode()
    which, whose = aspect.indices.to_numpy(), group[found["row"].to_numpy()]
    counts = np.zeros((len(sizes), len(aspect.dictionary)))
    np.add.at(counts, (whose, which), found["sure"].to_numpy())
    everywhere = counts.sum(axis=0) / max(len(group), 1)
    shares = (counts + _PRIOR * everywhere) / (sizes[:, None] + _PRIOR)
    share, sure = shares[whose, which], found["sure"].to_numpy()
    _, clause = np.unique(
        np.column_stack([found["row"].to_numpy(), found["clause"].combine_chunks().dictionary_encode().indices]),
        axis=0,
        return_inverse=True,
    )
    clause = clause.ravel()
    best = np.zeros(clause.max(initial=-1) + 1)
    np.maximum.at(best, clause, np.where(sure, np.inf, share))
    told = sure | (share == best[clause])
    known = len(group) >= _PRIOR and len(sizes) > 1
    return pa.array(told & ((share >= np.where(sure, _SELDOM, _RARE)) | (not known)))


def _of_language(
    values: Sequence[str | None], rows: npt.NDArray[np.int64], language: str, opinions: Opinions | None
) -> pa.Table:
    told: list[str] = []
    owner: list[int] = []
    split = _splitter(language)
    for row in rows.tolist():
        clauses = [clause for clause in split.split(fold((values[row] or "")[:_LONGEST]).replace("’", "'")) if clause]
        told += clauses
        owner += [row] * len(clauses)
    distinct = pa.array(told, pa.string()).dictionary_encode()
    clauses = distinct.dictionary
    felt: Signs | None = None
    hits: list[_Hits] = []
    for patterns in _patterns(language):
        places = np.flatnonzero(_matches(clauses, patterns.any))
        if not places.size:
            continue
        said = clauses.take(pa.array(places))
        signs = _judged(said, patterns)
        named = np.flatnonzero(signs == 0)
        if named.size:
            felt = _feeling(clauses, language, opinions) if felt is None else felt
            feeling = felt[places[named]]
            signs[named] = np.where(feeling == 0, _UNDECIDED, feeling)
        hits.append(
            _Hits(patterns.aspect, _spread(signs, places, clauses), _spread(_sure(said, patterns), places, clauses))
        )
    return _gathered(np.array(owner, np.int64), distinct, hits)


_UNDECIDED = np.int8(2)


@dataclass(frozen=True, slots=True)
class _Hits:
    """What was found of one aspect in each clause: 1, -1, undecided; 0 for nothing."""

    aspect: str
    signs: Signs
    sure: Signs


def _matches(clauses: pa.Array, pattern: str) -> npt.NDArray[np.bool_]:
    return np.asarray(pc.match_substring_regex(clauses, pattern), np.bool_)


def _sure(clauses: pa.Array, patterns: _Patterns) -> Signs:
    return _matches(clauses, patterns.own).astype(np.int8)


def _spread(signs: Signs, places: npt.NDArray[np.int64], clauses: pa.Array) -> Signs:
    """Signs of some clauses as signs of all; 0 for the others."""
    spread = np.zeros(len(clauses), np.int8)
    spread[places] = signs
    return spread


def _judged(clauses: pa.Array, patterns: _Patterns) -> Signs:
    """1 or -1 where words that judge by themselves do, else 0; what is turned round counts against."""
    good, bad = _matches(clauses, patterns.good), _matches(clauses, patterns.bad)
    turned, undone = good & _matches(clauses, patterns.not_good), bad & _matches(clauses, patterns.not_bad)
    praised, blamed = (good & ~turned) | undone, (bad & ~undone) | turned
    return np.where(blamed, np.int8(-1), praised.astype(np.int8)).astype(np.int8)


def _feeling(clauses: pa.Array, language: str, opinions: Opinions | None) -> Signs:
    """How clauses sound: by the lexicon, by the pack's own words, and where both are silent by what was learned."""
    scores = np.asarray(pc.struct_field(sentiments(clauses), "score").fill_null(0.0))
    felt = (scores >= _CLEARLY).astype(np.int8) - (scores <= -_CLEARLY).astype(np.int8)
    pack = read("languages", language, "aspects")
    for sign, words in ((1, "good"), (-1, "bad")):
        said = np.asarray(pc.match_substring_regex(clauses, _any(pack[words], language)), np.bool_)
        felt = np.where(said, np.int8(sign), felt).astype(np.int8)
    silent = np.flatnonzero(felt == 0)
    if opinions is not None and silent.size:
        chances = opinions.chances(clauses.take(pa.array(silent)).to_pylist())
        felt[silent] = (chances > _LIKELY).astype(np.int8) - (chances < 1 - _LIKELY).astype(np.int8)
    return felt


def _gathered(owner: npt.NDArray[np.int64], distinct: pa.DictionaryArray, found: Sequence[_Hits]) -> pa.Table:
    """One row a text and aspect: the sum over its clauses decides."""
    codes = distinct.indices.to_numpy()
    tables = []
    for hits in found:
        said = np.flatnonzero(hits.signs[codes]) if codes.size else codes
        if not said.size:
            continue
        value = hits.signs[codes[said]]
        value = np.where(value == _UNDECIDED, 0, value)
        rows, whose = np.unique(owner[said], return_inverse=True)
        total = np.sign(np.bincount(whose, weights=value))
        order = np.lexsort((np.arange(said.size), value != total[whose], whose))
        shown = order[np.searchsorted(whose[order], np.arange(rows.size))]
        columns = [
            pa.array(rows),
            pa.array([hits.aspect] * rows.size),
            pa.array(total.astype(np.int8)),
            pc.utf8_trim_whitespace(distinct.dictionary.take(pa.array(codes[said[shown]]))),
            pa.array(np.bincount(whose, weights=hits.sure[codes[said]]) > 0),
        ]
        tables.append(pa.table(columns, schema=MENTIONS))
    return pa.concat_tables(tables) if tables else MENTIONS.empty_table()


@cache
def _splitter(language: str) -> re.Pattern[str]:
    words = sorted(read("languages", language, "aspects")["clauses"], key=len, reverse=True)
    joined = "|".join(re.escape(word) for word in words)
    return re.compile(f"{_ENDS}|(?:{joined})" if language == "zh" else rf"{_ENDS}|\b(?:{joined})\b")


@cache
def _patterns(language: str) -> tuple[_Patterns, ...]:
    pack: dict[str, Any] = read("languages", language, "aspects")
    negators = _any(pack["negators"], language)
    gap = _GAP[language]

    uses = Counter(
        word for words in pack["aspects"].values() for word in {*words["terms"], *words["good"], *words["bad"]}
    )

    def compiled(aspect: str, words: dict[str, Any]) -> _Patterns:
        good, bad = _any(words["good"], language), _any(words["bad"], language)
        own = [word for word in (*words["terms"], *words["good"], *words["bad"]) if uses[word] == 1]
        return _Patterns(
            aspect=aspect,
            names=_any(words["terms"], language),
            good=good,
            not_good=f"{negators}{gap}{good}",
            bad=bad,
            not_bad=f"{negators}{gap}{bad}",
            own=_any(own, language),
            any=_any([*words["terms"], *words["good"], *words["bad"]], language),
        )

    return tuple(compiled(aspect, words) for aspect, words in pack["aspects"].items())


def _any(words: Sequence[str], language: str) -> str:
    joined = "|".join(re.escape(fold(word)) for word in sorted(words, key=lambda word: (-len(word), word)))
    if language == "zh":
        return f"(?:{joined})"
    shortened = r"\w+n't|" if "n't" in words else ""  # isn't, won't: the mark is no word of its own
    return rf"\b(?:{shortened}{joined})\b"

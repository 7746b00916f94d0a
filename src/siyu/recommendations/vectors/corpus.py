"""The shop's text: what products are called and told of, as words, as counts and as one text each.

Values of attributes that hold a digit (``128GB``, ``42``) are no words of a language; each is a word of its own here.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import numpy as np
import pyarrow as pa
from scipy import sparse

from siyu.engine.port import Engine
from siyu.recommendations.people import Floats
from siyu.recommendations.port import Links
from siyu.recommendations.tables import columns
from siyu.text.normalise import normalise
from siyu.text.tokenise import readable_forms, stem, tokens

_TEXTS: Final = """
SELECT i.code, i.title, i.category, i.brand, i.attributes, d.description
FROM rec_items i
LEFT JOIN (SELECT item, min(description) AS description FROM products GROUP BY item) d ON d.item = i.item
"""
_ATTRIBUTES: Final = pa.list_(pa.struct([("name", pa.string()), ("value", pa.string())]))
_SCHEMA: Final = pa.schema(
    [
        ("code", pa.int32()),
        ("title", pa.string()),
        ("category", pa.string()),
        ("brand", pa.string()),
        ("attributes", _ATTRIBUTES),
        ("description", pa.string()),
    ]
)
_READ: Final = 20_000
"""Characters of one description that are read."""
_VALUE: Final = re.compile(r"(?=\D*\d)[\w .,%/+×-]{1,32}")
"""Values of attributes that are a word of their own."""


@dataclass(frozen=True)
class Corpus:
    """Texts of products by code.

    Attributes:
        words: the words that occur, in order of the alphabet: stems where a word has one.
        shown: a form of each that people read.
        counts: products by words, float32: 1 for a word of the title, brand, category or an attribute, less for one of
            the description alone.
        texts: one text a product, for models that read sentences; empty where nothing is told.
    """

    words: tuple[str, ...]
    shown: tuple[str, ...]
    counts: Links
    texts: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many products."""
        return int(self.counts.shape[0])

    @property
    def idf(self) -> Floats:
        """How much a word tells: ``ln(1 + products / products with it)``."""
        with_it = np.bincount(self.counts.indices, minlength=len(self.words))
        return np.asarray(np.log1p(max(self.size, 1) / np.maximum(with_it, 1)), np.float64)


def read_corpus(engine: Engine, *, described: float, longest: int) -> Corpus:
    """The texts of ``rec_items``.

    Args:
        described: weight of a word that only the description holds; 0 leaves descriptions out.
        longest: distinct words of one product that are read, those of the title first.
    """
    table = columns(engine, _TEXTS, _SCHEMA).sort_by("code")
    seen: Counter[str] = Counter()
    values: dict[str, str] = {}
    found: list[dict[str, float]] = []
    texts: list[str] = []
    for row in table.to_pylist():  # every product is distinct
        heads, tail = _parts(row)
        mine = _values(row)
        values |= mine
        weights = dict.fromkeys([*_words(" . ".join(heads), seen), *mine], 1.0)
        if described and tail:
            for word in islice(_words(tail, seen), longest):
                weights.setdefault(word, described)
        found.append(dict(islice(weights.items(), longest)))
        texts.append(". ".join([*heads, tail]).strip(". "))
    return _counted(found, {stem(word): shown for word, shown in readable_forms(seen).items()} | values, tuple(texts))


def _parts(row: dict[str, Any]) -> tuple[list[str], str]:
    """What names a product, title first; and its description."""
    levels = (row["category"] or "").split(">")
    values = [pair["value"] for pair in row["attributes"] or () if pair and pair["value"]]
    heads = [row["title"], row["brand"], *levels, *values]
    return [head.strip() for head in heads if head and head.strip()], (row["description"] or "")[:_READ]


def _values(row: dict[str, Any]) -> dict[str, str]:
    """Values with a digit: as ``name=value``, and as people read them."""
    pairs = (
        (normalise(pair["name"] or ""), normalise(pair["value"] or "")) for pair in row["attributes"] or () if pair
    )
    return {f"{name}={value}".lower(): value for name, value in pairs if _VALUE.fullmatch(value)}


def _words(text: str, seen: Counter[str]) -> dict[str, None]:
    """Stems in reading order, each once; the forms read are counted in ``seen``."""
    plain = tokens(text)
    seen.update(plain)
    return dict.fromkeys(stem(word) for word in plain)


def _counted(found: list[dict[str, float]], forms: dict[str, str], texts: tuple[str, ...]) -> Corpus:
    words = sorted({word for one in found for word in one})
    place = {word: at for at, word in enumerate(words)}
    ends = np.cumsum([0, *map(len, found)])
    at = np.fromiter((place[word] for one in found for word in one), np.int32, int(ends[-1]))
    data = np.fromiter((weight for one in found for weight in one.values()), np.float32, int(ends[-1]))
    counts = sparse.csr_array((data, at, ends), shape=(len(found), len(words)))
    counts.sort_indices()
    return Corpus(tuple(words), tuple(forms.get(word, word) for word in words), counts, texts)

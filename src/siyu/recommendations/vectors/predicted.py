"""Word2Vec and FastText on the shop's own texts and sessions, by package ``gensim`` (extra ``vectors``).

Mikolov, Sutskever, Chen, Corrado and Dean, NIPS 2013; Bojanowski, Grave, Joulin and Mikolov, TACL 2017. One sentence a
product, and one for each product with a product of the same people beside it. One thread, so that the same shop always
learns the same.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from siyu.domain.errors import MissingExtraError
from siyu.engine.port import Engine
from siyu.recommendations.port import Links
from siyu.recommendations.vectors.corpus import Corpus
from siyu.recommendations.vectors.port import Vectors
from siyu.recommendations.vectors.subwords import filled
from siyu.recommendations.vectors.weighing import meant


class PredictedOptions(BaseModel):
    """Options of :class:`Word2Vec` and :class:`FastText`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: int = Field(100, ge=2, le=1024, description="Dimensions.")
    least: int = Field(2, ge=1, le=1000, description="Sentences with a word, below which it is made of its characters.")
    window: int = Field(8, ge=1, le=50, description="Words to each side that are its company.")
    turns: int = Field(10, ge=1, le=200, description="Times that all sentences are read.")
    negative: int = Field(10, ge=1, le=50, description="Words drawn against each that is there.")
    beside: int = Field(5, ge=0, le=50, description="Products of the same people that are read beside each product.")
    seed: int = Field(20_261, ge=0, le=2**31 - 1, description="Of what is drawn.")


class Word2Vec:
    """Skip-gram with negative sampling."""

    Options: ClassVar[type[BaseModel]] = PredictedOptions
    kind: ClassVar[str] = "Word2Vec"

    def __init__(self, options: PredictedOptions) -> None:
        self.options = options

    def products(self, corpus: Corpus, together: Links, engine: Engine) -> Vectors:
        """The mean of the words of each product.

        Raises:
            MissingExtraError: ``gensim`` is not installed.
        """
        whole = np.zeros((len(corpus.words), self.options.size), np.float32)
        sentences = _Sentences(corpus, together, self.options.beside)
        learnt = self._learn(sentences)
        for at, word in enumerate(corpus.words if learnt is not None else ()):
            if self.kind == "FastText" or word in learnt.key_to_index:
                whole[at] = learnt[word]
        return meant(corpus, filled(corpus.words, whole))

    def _learn(self, sentences: _Sentences) -> Any:
        made, chosen = self._package(), self.options
        model = made(
            vector_size=chosen.size, min_count=chosen.least, window=chosen.window, negative=chosen.negative, sg=1,
            workers=1, seed=chosen.seed, epochs=chosen.turns, hashfxn=_steady,
            **({"min_n": 2, "max_n": 5, "bucket": 200_000} if self.kind == "FastText" else {}),
        )  # fmt: skip
        model.build_vocab(sentences)
        if not len(model.wv):
            return None
        model.train(sentences, total_examples=model.corpus_count, epochs=chosen.turns)
        return model.wv

    def _package(self) -> Any:
        try:
            from gensim.models import FastText as Pieces  # deferred: an extra
            from gensim.models import Word2Vec as Words
        except ImportError as missing:
            raise MissingExtraError(
                f"The embedder {self.kind.lower()!r} needs the package 'gensim'.",
                why="It is not installed.",
                next_step="Install it: pip install 'siyu[vectors]'",
                name=self.kind.lower(),
            ) from missing
        return Pieces if self.kind == "FastText" else Words


class FastText(Word2Vec):
    """The same with words as sums of their pieces."""

    kind: ClassVar[str] = "FastText"


class _Sentences:
    """Products, and pairs of products of the same people, as lists of words; may be gone through many times."""

    def __init__(self, corpus: Corpus, together: Links, beside: int) -> None:
        self._corpus, self._together, self._beside = corpus, together, beside

    def __iter__(self) -> Iterator[list[str]]:
        counts, near = self._corpus.counts, self._together
        for item in range(self._corpus.size):
            mine = self._words(counts, item)
            if mine:
                yield mine
            first, last = near.indptr[item], near.indptr[item + 1]
            strength, others = near.data[first:last], near.indices[first:last]
            for other in others[np.lexsort((others, -strength))][: self._beside]:
                beside = self._words(counts, int(other))
                yield [word for pair in zip(mine, beside, strict=False) for word in pair]

    def _words(self, counts: Links, item: int) -> list[str]:
        return [self._corpus.words[at] for at in counts.indices[counts.indptr[item] : counts.indptr[item + 1]]]


def _steady(text: str) -> int:
    """A hash that is the same in every process."""
    return zlib.crc32(text.encode())

"""Vectors of whole texts from an OpenAI-compatible ``/v1/embeddings``, each text asked for once and then kept.

Only texts of products are sent: nothing about people, what they did or how products sold. Kept vectors lie in the
dataset ``rec_embeddings`` under a hash of server, model and text.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from siyu.domain.errors import SettingsError
from siyu.engine.port import Engine
from siyu.recommendations.port import Links
from siyu.recommendations.vectors.asking import Asker, Endpoints
from siyu.recommendations.vectors.corpus import Corpus
from siyu.recommendations.vectors.once import in_order, keep, kept_of, key_of
from siyu.recommendations.vectors.port import Vectors

_SAVED: Final = 2_048
"""Vectors asked for before they are kept: what an interruption can lose."""


class EndpointOptions(Endpoints):
    """Options of :class:`Endpoint`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    characters: int = Field(2_000, ge=16, le=100_000, description="Of each product's text, the first so many are sent.")
    budget: int = Field(
        20_000_000, ge=0, description="Characters sent in one fit; products beyond wait for the next fit."
    )


class Endpoint:
    """Asks for the texts that are not kept yet, in order of product codes, until the budget is spent."""

    Options: ClassVar[type[BaseModel]] = EndpointOptions

    def __init__(self, options: EndpointOptions) -> None:
        self.options = options

    def products(self, corpus: Corpus, together: Links, engine: Engine) -> Vectors:
        """A vector for each product with a text; zeros where the budget did not reach.

        Raises:
            SettingsError: the server or model is not named, or not allowed. InputError: it answers badly.
        """
        if not (self.options.url and self.options.model):
            raise SettingsError(
                "No server of embeddings is named.",
                why="The embedder `endpoint` needs embedding.url and embedding.model.",
                next_step='Set them under recommendations.options.vectors: embedding.url = "https://api.example/v1".',
            )
        keys = [self._key(text) for text in corpus.texts]
        texts = {key: text[: self.options.characters] for key, text in zip(keys, corpus.texts, strict=True) if text}
        kept = kept_of(engine, texts)
        self._ask(engine, {key: text for key, text in texts.items() if key not in kept}, kept)
        return in_order(keys, kept)

    def _key(self, text: str) -> str:
        return key_of(text[: self.options.characters], self.options.url, self.options.model)

    def _ask(self, engine: Engine, wanted: dict[str, str], kept: dict[str, Any]) -> None:
        """Ask and keep, a stretch at a time; what has come before an error stays."""
        left, fitting = self.options.budget, []
        for key, text in wanted.items():
            left -= len(text)
            if left < 0:
                break
            fitting.append(key)
        if not fitting:
            return
        width = len(next(iter(kept.values()))) if kept else None
        asker = Asker(self.options, width=width)
        for first in range(0, len(fitting), _SAVED):
            fresh: dict[str, Any] = {}
            try:
                asker.vectors({key: wanted[key] for key in fitting[first : first + _SAVED]}, fresh)
            finally:
                if fresh:
                    keep(engine, fresh)
                    kept |= fresh

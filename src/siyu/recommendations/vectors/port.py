"""The embedder port: what turns the texts of products into vectors, beside the model that needs it."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, TypeAlias

import numpy as np
from pydantic import BaseModel

from siyu.engine.port import Engine
from siyu.recommendations.port import Links
from siyu.recommendations.vectors.corpus import Corpus

Vectors: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]
"""One row each; a row of zeros knows nothing."""


class Embedder(Protocol):
    """Makes vectors of products. Its constructor takes ``options``, an instance of its own ``Options``."""

    Options: ClassVar[type[BaseModel]]

    def __init__(self, options: BaseModel) -> None: ...

    def products(self, corpus: Corpus, together: Links, engine: Engine) -> Vectors:
        """A vector for each product of the corpus.

        Args:
            together: products by products: how much each was dealt with by the same people as the other.
            engine: for what is kept from run to run, in datasets named ``rec_...``; about products only.
        """
        ...

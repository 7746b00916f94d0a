"""Embedders by name. A new one is one file under ``vectors/`` and one line here."""

from __future__ import annotations

from siyu.domain.registry import Registry
from siyu.recommendations.vectors.port import Embedder

EMBEDDERS: Registry[type[Embedder]] = Registry(
    "embedder",
    "siyu.embedders",
    {
        "counted": "siyu.recommendations.vectors.counted:Counted",
        "endpoint": "siyu.recommendations.vectors.endpoint:Endpoint",
        "fasttext": "siyu.recommendations.vectors.predicted:FastText",
        "file": "siyu.recommendations.vectors.listed:Listed",
        "word2vec": "siyu.recommendations.vectors.predicted:Word2Vec",
    },
)
"""Chosen by the option ``embedder`` of the recommender ``vectors``."""

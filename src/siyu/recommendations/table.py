"""Recommenders by name. A new one is one file under ``models/`` and one line here."""

from __future__ import annotations

from siyu.domain.registry import Registry
from siyu.recommendations.port import Recommender

RECOMMENDERS: Registry[type[Recommender]] = Registry(
    "recommender",
    "siyu.models",
    {
        "als": "siyu.recommendations.models.als:Als",
        "content": "siyu.recommendations.models.content:Content",
        "due": "siyu.recommendations.models.due:Due",
        "ease": "siyu.recommendations.models.ease:Ease",
        "item_knn": "siyu.recommendations.models.item_knn:ItemKnn",
        "item_to_item": "siyu.recommendations.models.item_to_item:ItemToItem",
        "personal_frequency": "siyu.recommendations.models.personal_frequency:PersonalFrequency",
        "popularity": "siyu.recommendations.models.popularity:Popularity",
        "sequential": "siyu.recommendations.models.sequential:Sequential",
        "rules": "siyu.recommendations.models.rules:Rules",
        "session_knn": "siyu.recommendations.models.session_knn:SessionKnn",
        "user_knn": "siyu.recommendations.models.user_knn:UserKnn",
        "vectors": "siyu.recommendations.models.vectors:Vectors",
        "viewed": "siyu.recommendations.models.viewed:Viewed",
        "windowed": "siyu.recommendations.models.windowed:Windowed",
    },
)
"""Models of both lanes; which are used, and how much each counts, are settings."""

"""Recommenders by name. A new one is one file under ``models/`` and one line here."""

from __future__ import annotations

from siyu.domain.registry import Registry
from siyu.recommendations.port import Recommender

RECOMMENDERS: Registry[type[Recommender]] = Registry(
    "recommender",
    "siyu.models",
    {
        "content": "siyu.recommendations.models.content:Content",
        "item_to_item": "siyu.recommendations.models.item_to_item:ItemToItem",
        "personal_frequency": "siyu.recommendations.models.personal_frequency:PersonalFrequency",
        "popularity": "siyu.recommendations.models.popularity:Popularity",
        "viewed": "siyu.recommendations.models.viewed:Viewed",
    },
)
"""Models of both lanes; which are used, and how much each counts, are settings."""

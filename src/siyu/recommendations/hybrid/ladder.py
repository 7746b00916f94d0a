"""The ladder: blends that are tried on a shop's own past, as data, and what each is for.

A rung names models, what they count and their options. What lacks a trait of the shop's data is left out of a rung
before it is tried; the first rung of each lane is what is used where nothing can be tried. Settings come from the
validation parts of public data (docs/adr/0009-the-hybrid-is-chosen-on-the-shops-own-past.md), never from a test part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from siyu.domain.kinds import Lane


class Trait(StrEnum):
    """What a shop's data must have for a model to be worth trying."""

    LOOKS = "looks"  # people look at products
    SMALL = "small"  # few enough products for a matrix of products by products
    INTERESTS = "interests"  # profiles were made
    FEW = "few"  # half of the people bought little
    MODEST = "modest"  # few enough people that visits like one's own are found quickly


NEEDS: Final[Mapping[str, frozenset[Trait]]] = {
    "ease": frozenset({Trait.SMALL}),
    "viewed": frozenset({Trait.LOOKS}),
    "session_knn": frozenset({Trait.LOOKS, Trait.MODEST}),
    "content": frozenset({Trait.INTERESTS}),
}
SMALL: Final = 8_000
"""Products up to which EASE is tried: some 6 seconds of learning, 0.3 GB of memory."""

MODEST: Final = 20_000
"""People up to whom visits are searched for their like: with 250,000, scoring takes three times as long, and the gain
that a sample promises is not there."""

LOOKED: Final = 0.05
"""Share of events that must be looks for models of looks to be tried."""

LITTLE: Final = 12
"""Acts of the middle person up to which a shop counts as one where people buy little."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One blend: ``weights`` by model, ``options`` by model where they are not the model's own defaults.

    It is tried where the shop's data have all that it ``needs``.
    """

    name: str
    lane: Lane
    purpose: str
    weights: Mapping[str, float]
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    needs: frozenset[Trait] = frozenset()


LADDER: Final = (
    Rung(
        "plain", Lane.DISCOVER, "Siyu's plain defaults; serves strangers and new products",
        {"item_to_item": 1.0, "popularity": 1.0, "content": 0.5, "viewed": 0.5},
    ),
    Rung(
        "baskets", Lane.DISCOVER, "people who buy much, again and again: wholesale, groceries",
        {"item_knn": 1.0, "ease": 0.5, "item_to_item": 0.5, "content": 0.3, "popularity": 0.2},
        {"item_to_item": {"half_life": 30.0}},
    ),
    Rung(
        "visits", Lane.DISCOVER, "much looking, little buying: what visits like this one led to",
        {"session_knn": 1.0, "windowed": 0.3, "viewed": 1.0, "popularity": 0.1},
        {
            "windowed": {"recent": 1.0, "power": 1.0, "half_life": 90.0, "of_asked": 0.6, "of_found": 0.25,
                         "normal": 0.0, "shrink": 0.0, "window": 10},
            "viewed": {"fade": 1.5},
        },
        frozenset({Trait.LOOKS}),
    ),
    Rung(
        "long-tail", Lane.DISCOVER, "few purchases a person over many years: nearness in the history, and content",
        {"ease": 1.0, "windowed": 0.5, "content": 0.4},
        {
            "ease": {"half_life": 36_500.0, "recent": 36_500.0, "power": 1.0, "ridge": 100.0},
            "windowed": {"half_life": 36_500.0, "recent": 2.0, "power": 1.0, "neighbours": 1000, "window": 50},
        },
        frozenset({Trait.FEW}),
    ),
    Rung(
        "bestsellers", Lane.DISCOVER, "what is new to a person is what most people buy: large supermarkets",
        {"popularity": 1.0, "item_knn": 0.3},
    ),
    Rung(
        "everyone", Lane.DISCOVER, "all that there is, for a mixed shop",
        {"item_knn": 1.0, "item_to_item": 0.5, "session_knn": 0.5, "viewed": 0.5, "content": 0.3, "popularity": 0.3},
    ),
    Rung("habit", Lane.BUY_AGAIN, "recency-weighted frequency and intervals", {"personal_frequency": 1.0}),
    Rung("due", Lane.BUY_AGAIN, "the chance of buying again, learnt from the shop's past", {"due": 1.0}),
    Rung("due-habit", Lane.BUY_AGAIN, "both", {"due": 1.0, "personal_frequency": 0.25}),
)  # fmt: skip
"""Tried in this order, lane by lane."""


def plain(lane: Lane) -> Rung:
    """What is used where nothing can be tried."""
    return next(rung for rung in LADDER if rung.lane is lane)


def fitting(rung: Rung, traits: frozenset[Trait]) -> Rung | None:
    """The rung without models that lack a trait; ``None`` where none is left, or the rung itself lacks one.

    Example:
        >>> fitting(LADDER[1], frozenset()).weights
        {'item_knn': 1.0, 'item_to_item': 0.5, 'popularity': 0.2}
    """
    if not rung.needs <= traits:
        return None
    weights = {name: weight for name, weight in rung.weights.items() if NEEDS.get(name, frozenset()) <= traits}
    options = {name: options for name, options in rung.options.items() if name in weights}
    return Rung(rung.name, rung.lane, rung.purpose, weights, options) if weights else None

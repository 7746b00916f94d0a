"""The shop's words as arrays, and the numbering of hidden taste features."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from siyu.simulator.streams import Floats, Ints

LANGUAGES = ("zh", "en")
GROUPS = ("style", "material", "colour", "fit")
"""Attributes people have tastes about, in the order of the features."""
SEASONS = ("spring", "summer", "autumn", "winter")
ASPECTS = ("fit", "fabric", "colour", "delivery", "value")


@dataclass(frozen=True, slots=True)
class Words:
    """Vocabulary and category facts.

    A *feature* is one value people may like: categories first, then brands, then each group's values; one more,
    ``nothing``, stands for "has no such attribute" and is never liked or disliked.

    Attributes:
        names: (zh, en) of every feature; a category is named by its path.
        spans: facet to the first and last-plus-one feature.
        seasons: categories x 4, demand by season.
        goes_with: categories x 3, categories bought together with each.
    """

    raw: dict[str, Any]
    talk: dict[str, Any]
    names: tuple[tuple[str, str], ...]
    spans: dict[str, tuple[int, int]]
    seasons: Floats
    goes_with: Ints
    again: Floats
    price: Floats

    @property
    def categories(self) -> list[dict[str, Any]]:
        """The category tables of the vocabulary file, in feature order."""
        found: list[dict[str, Any]] = self.raw["category"]
        return found

    @property
    def nothing(self) -> int:
        """Feature of a product that has no value in a group."""
        return len(self.names)

    def keys(self, group: str) -> list[str]:
        """Keys of a group's values, in feature order."""
        return list(self.raw[group])


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("siyu.simulator") / "words" / f"{name}.toml").read_text("utf-8"))


@cache
def words() -> Words:
    """The vocabulary that ships with the simulator."""
    raw = _read("catalogue")
    categories = raw["category"]
    names: list[tuple[str, str]] = [tuple(category["path"]) for category in categories]
    spans = {"category": (0, len(names))}
    brands = raw["brands"]["names"]
    spans["brand"] = (len(names), len(names) + len(brands))
    names += [(brand, brand) for brand in brands]
    for group in GROUPS:
        spans[group] = (len(names), len(names) + len(raw[group]))
        names += [tuple(value) for value in raw[group].values()]
    number = {category["key"]: index for index, category in enumerate(categories)}
    beside = [[number[key] for key in category["with"]] for category in categories]
    return Words(
        raw=raw,
        talk=_read("talk"),
        names=tuple(names),
        spans=spans,
        seasons=np.array([category["seasons"] for category in categories], np.float32),
        goes_with=np.array([(row * 3)[:3] for row in beside], np.int64),
        again=np.array([category.get("again", 0) for category in categories], np.float32),
        price=np.array([category["price"] for category in categories], np.float32),
    )

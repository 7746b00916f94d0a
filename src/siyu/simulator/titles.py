"""Names and descriptions of products, as a shop would write them in each language."""

from __future__ import annotations

import re
from dataclasses import dataclass

from siyu.simulator.catalogue import BOTH, Catalogue
from siyu.simulator.words import GROUPS, LANGUAGES, SEASONS

ZH_PATTERNS = (
    "{style}{material}{fit}{noun}",
    "{material}{detail}{fit}{noun}",
    "{style}{detail}{material}{noun}",
    "{style}{material}{detail}{fit}{noun}",
)
EN_PATTERNS = (
    "{style} {fit} {material} {noun}",
    "{fit} {detail} {material} {noun}",
    "{detail} {material} {noun}",
    "{style} {detail} {material} {noun}",
)
"""Our own patterns; only words of our own files are filled in."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a shop says of a product in one language."""

    title: str
    category: str
    attributes: dict[str, str]
    text: str


_SLOT = re.compile(r"\{([a-z_]+)\}")


def languages(catalogue: Catalogue, item: int) -> tuple[int, ...]:
    """Indexes of LANGUAGES in which a product is described; the last one is its own, the others are translations."""
    language = int(catalogue.language[item])
    return (1, 0) if language == BOTH else (language,)


def _title(pattern: str, words: dict[str, str], language: int) -> str:
    said = {name: "" if text and text in words["noun"] and name != "noun" else text for name, text in words.items()}
    text = _SLOT.sub(lambda slot: said[slot.group(1)], pattern)
    tidy = text if language == 0 else " ".join(text.split())
    return tidy[:1].upper() + tidy[1:]


def describe(catalogue: Catalogue, item: int, language: int) -> Description:
    """The product as described in one language (index of LANGUAGES).

    Example:
        >>> from siyu.simulator.catalogue import build_catalogue
        >>> from siyu.simulator.settings import SimulationSettings
        >>> shop = build_catalogue(SimulationSettings(products=10))
        >>> describe(shop, 0, 0).category.count(" > ") >= 1
        True
    """
    book = catalogue.words
    category = book.categories[catalogue.category[item]]
    nouns, details = category["nouns"][language], category["details"][language]
    season = SEASONS[catalogue.season[item]]
    attributes = {}
    keys = {}
    for group, feature in zip(GROUPS, catalogue.features[item, 1:], strict=True):
        if feature != book.nothing:
            attributes[group] = book.names[feature][language]
            keys[group] = book.keys(group)[feature - book.spans[group][0]]
    attributes["season"] = book.raw["season"][season][language]
    words = {
        "style": attributes["style"],
        "material": "" if category.get("unsaid") == "material" else attributes["material"],
        "fit": attributes.get("fit", ""),
        "detail": details[catalogue.detail[item]],
        "noun": nouns[catalogue.noun[item] % len(nouns)],
    }
    patterns = (ZH_PATTERNS, EN_PATTERNS)[language]
    title = _title(patterns[catalogue.noun[item] // 7 % len(patterns)], words, language)
    said = [book.raw["describe"][group][keys[group]][language] for group in ("style", "material", "fit")
            if group in keys]  # fmt: skip
    return Description(title, category["path"][language], attributes, ("" if language == 0 else " ").join(said))


def brand(catalogue: Catalogue, item: int) -> str:
    """The brand's name, the same in every language."""
    return catalogue.words.names[int(catalogue.features[item, 0])][0]


def language_code(language: int) -> str:
    """``zh`` or ``en``."""
    return LANGUAGES[language]

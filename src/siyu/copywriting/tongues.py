"""What tells languages apart, read from each one's folder: ``packs/languages/<code>/language.toml``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

from siyu import packs

FILE: Final = "language"
SCRIPTS: Final = {
    "han": "\u3400-\u9fff",
    "kana": "\u3040-\u30ff",
    "hangul": "\uac00-\ud7af\u1100-\u11ff",
    "cyrillic": "\u0400-\u052f",
    "arabic": "\u0600-\u06ff",
    "hebrew": "\u0590-\u05ff",
    "thai": "\u0e00-\u0e7f",
    "devanagari": "\u0900-\u097f",
}
"""Letters that are not Latin, by name. Latin ones stand in every language: names of brands and models."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language.

    Attributes:
        scripts: names of its scripts; none for one of Latin letters.
        letters: a letter of its own that is not Latin; None for a language of Latin letters.
        foreign: a letter that is neither Latin nor its own.
        spaced: whether words stand apart.
        plural: ``english``: kinds of things stand in the plural; ``none``: as they are.
        reduction: how a reduction is written: ``{off}`` in percent, or ``{left}``, tenths of the price that are left.
        plain_money: whether the sign of a currency stands before the amount without a space, as in ¥99.
        tones: tone that stands in for another one that has no lines.
        falls_back: languages that stand in for it, the nearest first.
        also: other codes of it.
        common: words without which hardly a sentence is made; tells languages of the same letters apart.
        never: characters that are of a sister language.
    """

    code: str
    locale: str
    scripts: tuple[str, ...]
    letters: re.Pattern[str] | None
    foreign: re.Pattern[str]
    spaced: bool
    plural: str
    reduction: str
    plain_money: bool
    tones: Mapping[str, str]
    falls_back: tuple[str, ...]
    also: tuple[str, ...]
    common: frozenset[str]
    never: frozenset[str]

    def writes(self, text: str) -> bool:
        """Whether a text is in its letters; a language of Latin letters writes none of the others.

        Example:
            >>> tongue("zh").writes("T恤"), tongue("zh").writes("Mug"), tongue("en").writes("Mug")
            (True, False, True)
        """
        return self.letters.search(text) is not None if self.letters else self.foreign.search(text) is None


@cache
def tongue(code: str) -> Tongue:
    """The language with a code.

    Raises:
        MissingDataError: it has no folder.
    """
    pack: dict[str, Any] = packs.read("languages", code, FILE)
    own = tuple(pack.get("scripts", ()))
    ranges = "".join(SCRIPTS[name] for name in own)
    return Tongue(
        code=code,
        locale=pack["locale"],
        scripts=own,
        letters=re.compile(f"[{ranges}]") if own else None,
        foreign=re.compile(f"[{''.join(letters for name, letters in SCRIPTS.items() if name not in own)}]+"),
        spaced=bool(pack.get("spaced", True)),
        plural=pack.get("plural", "none"),
        reduction=pack.get("reduction", "{off}%"),
        plain_money=bool(pack.get("plain_money", True)),
        tones=dict(pack.get("tones", {})),
        falls_back=tuple(pack.get("falls_back", ())),
        also=tuple(pack.get("also", ())),
        common=frozenset(pack.get("common", ())),
        never=frozenset(pack.get("never", "")),
    )


@cache
def known() -> tuple[str, ...]:
    """Languages that can be written."""
    return tuple(code for code in packs.names("languages") if FILE in packs.names("languages", code))


@lru_cache(maxsize=4096)
def chain(wanted: str) -> tuple[str, ...]:
    """Languages that may stand for a wanted one, the nearest first; empty where none is declared.

    Its own folder says so; for a language without one, ``packs/languages/_chains.toml``.

    Example:
        >>> chain("zh-TW")[:2], chain("de-AT"), chain("fr-CA")[-1], chain("x-klingon")
        (('zh-Hant', 'zh'), ('de', 'en'), 'en', ())
    """
    asked = wanted.replace("_", "-")
    found: list[str] = []
    while asked and not found:
        found = [code for code in known() if asked.casefold() in {name.casefold() for name in (code, *_also(code))}]
        if not found:
            declared = packs.read("languages", "_chains")["falls_back"].get(asked, [])
            found = [code for code in declared if code in known()]
        asked = asked.rpartition("-")[0]
    for code in found:  # grows as it is walked
        found += [other for other in tongue(code).falls_back if other not in found and other in known()]
    return tuple(found)


def _also(code: str) -> tuple[str, ...]:
    return tongue(code).also


def standing_in(wanted: str, spoken: Sequence[str]) -> str:
    """Of the languages ``spoken`` the one to use for a wanted one: by its chain, else the first.

    Example:
        >>> standing_in("zh-TW", ("en", "zh")), standing_in("de", ("zh", "en")), standing_in("", ("zh", "en"))
        ('zh', 'en', 'zh')
    """
    return next((code for code in chain(wanted) if code in spoken), spoken[0])

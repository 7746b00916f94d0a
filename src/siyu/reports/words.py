"""Texts of the page in both languages at once: each is written twice, and the page shows one of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from markupsafe import escape

from siyu.packs import read

LANGUAGES: Final = ("zh", "en")

_SLOT = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Both:
    """One text in Chinese and in English; plain text, escaped where it is written into the page."""

    zh: str
    en: str

    def __html__(self) -> str:
        if self.zh == self.en:
            return str(escape(self.zh))
        return "".join(
            f'<span class="t" lang="{language}">{escape(getattr(self, language))}</span>' for language in LANGUAGES
        )

    def plain(self) -> dict[str, str]:
        """For the charts' data."""
        return {"zh": self.zh, "en": self.en}


Value: TypeAlias = str | int | float | Both


def both(make: Callable[[str], str]) -> Both:
    """``make`` in each language."""
    return Both(make("zh"), make("en"))


def same(text: object) -> Both:
    """A text of no language, or of the shop's own."""
    shown = "" if text is None else str(text)
    return Both(shown, shown)


def say(path: str, /, **values: Value) -> Both:
    """The text at ``path`` (``money.title``) of each pack with its slots filled; values are data, never looked into.

    Raises:
        KeyError: a pack has no such text.
    """
    return both(lambda language: _fill(str(_find(language, path.split("."))), values, language))


def word(group: str, key: object) -> Both:
    """The name of a value of the data (``words.<group>``); a value without a name stands for itself."""
    return both(lambda language: str(_words(language, group).get(str(key), "" if key is None else key)))


def has_word(group: str, key: object) -> bool:
    """Whether the packs name ``key``."""
    return all(str(key) in _words(language, group) for language in LANGUAGES)


def join(parts: list[Both], zh: str = "，", en: str = ", ") -> Both:
    """Texts in a row, with each language's own separator."""
    return Both(zh.join(part.zh for part in parts), en.join(part.en for part in parts))


def _words(language: str, group: str) -> Mapping[str, str]:
    found: Mapping[str, str] = read("languages", language, "report")["words"].get(group, {})
    return found


def _find(language: str, path: list[str]) -> Any:
    place: Any = read("languages", language, "report")
    for part in path:
        place = place[part]
    return place


def _fill(text: str, values: Mapping[str, Value], language: str) -> str:
    def slot(match: re.Match[str]) -> str:
        value = values.get(match.group(1), match.group(0))
        return getattr(value, language) if isinstance(value, Both) else str(value)

    return _SLOT.sub(slot, text)

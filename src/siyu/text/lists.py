"""The word lists that ship with this room: ``data/<language>.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

LANGUAGES = ("zh", "en")


@cache
def word_list(language: str, name: str) -> frozenset[str]:
    """Words of one list; lists with commas hold phrases.

    Example:
        >>> "的" in word_list("zh", "stop"), "waste of money" in word_list("en", "strong_negative")
        (True, True)

    Raises:
        KeyError: there is no such list.
    """
    text = _file(language)[name]
    parts = text.split(",") if "," in text else text.split()
    return frozenset(" ".join(part.split()) for part in parts if part.strip())


@cache
def _file(language: str) -> dict[str, str]:
    return tomllib.loads(files("siyu.text").joinpath("data", f"{language}.toml").read_text("utf-8"))

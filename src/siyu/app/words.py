"""Sentences of the command line, in the reader's language. They live in packs/languages/<code>/cli.toml."""

from __future__ import annotations

import locale
import os
import re
from collections.abc import Mapping

from siyu.packs import names, read

_SLOT = re.compile(r"\{([a-z_]+)\}")


def interface_language(environment: Mapping[str, str] = os.environ) -> str:
    """``SIYU_LANG``, else the locale's language where a pack has it, else English.

    Example:
        >>> interface_language({"SIYU_LANG": "zh"}), interface_language({"LANG": "de_DE.UTF-8"})
        ('zh', 'en')
    """
    asked = environment.get("SIYU_LANG") or environment.get("LC_ALL") or environment.get("LANG") or ""
    code = (locale.normalize(asked) if asked else "en")[:2].lower()
    return code if code in names("languages") and "cli" in names("languages", code) else "en"


def say(key: str, /, *, language: str | None = None, **values: object) -> str:
    """The sentence called ``key`` with its ``{slots}`` filled; values are text, never looked into.

    Raises:
        KeyError: the pack has no such key.
    """
    table: object = read("languages", language or interface_language(), "cli")
    for part in key.split("."):
        assert isinstance(table, dict)  # noqa: S101 - a pack is a tree of tables; tests read every key
        table = table[part]
    return _SLOT.sub(lambda match: str(values.get(match.group(1), match.group(0))), str(table))

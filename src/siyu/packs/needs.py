"""Needs in the words of a language pack (``needs.toml``): drivers with their numbers, findings with their facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from babel.numbers import format_currency, format_decimal, format_percent

_SLOT = re.compile(r"\{([a-z_]+)\}")
_MONEY: Final = frozenset({"spend", "spend_90", "basket"})
_SHARES: Final = frozenset({"returned", "alive", "likely", "regular"})
_FINE: Final = frozenset({"late", "items"})


def driver(name: str, value: float, usual: float, words: Mapping[str, Any], language: str, currency: str) -> str:
    """A driver as a phrase: "last bought 3 days ago (usual: 51)". An unknown one stands for itself.

    Args:
        words: ``needs.toml`` of the language.
    """
    phrase = str(words["drivers"].get(name, name))
    shown = {"value": _amount(name, value, language, currency), "usual": _amount(name, usual, language, currency)}
    return filled(phrase, shown)


def finding(what: str, why: str, facts: Mapping[str, float], words: Mapping[str, Any], language: str) -> str:
    """A finding as "buying soon: history is too short ..."."""
    shown = {name: format_decimal(round(value), locale=language) for name, value in facts.items()}
    subject = str(words["what"].get(what, what))
    return f"{subject}{'：' if language == 'zh' else ': '}{filled(str(words['findings'].get(why, why)), shown)}"


def filled(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its slots filled; values are data, never looked into.

    Example:
        >>> filled("{value} of {usual}", {"value": "{usual}", "usual": "3"})
        '{usual} of 3'
    """
    return _SLOT.sub(lambda match: values.get(match.group(1), match.group(0)), text)


def _amount(name: str, value: float, language: str, currency: str) -> str:
    if name in _MONEY:
        return str(format_currency(value, currency, locale=language))
    if name in _SHARES:
        return str(format_percent(value, locale=language))
    digits = "#,##0.#" if name in _FINE or 0 < abs(value) < 1 else "#,##0"
    return str(format_decimal(value, digits, locale=language))

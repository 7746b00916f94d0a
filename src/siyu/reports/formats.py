"""Numbers, money and moments as people write them, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from babel.dates import format_datetime
from babel.numbers import format_currency

from siyu.reports.words import Both, both, say

_LOCALES: Final = {"zh": "zh_CN", "en": "en_US"}
_WHOLE = 1_000
"""Money from this amount on is shown without cents: the interval is wider than they are."""


def money(value: float, currency: str, *, signed: bool = False) -> Both:
    """An amount: ``¥1,234`` and ``CN¥1,234``."""
    pattern = "¤#,##0" if abs(value) >= _WHOLE else "¤#,##0.00"
    sign = "+" if signed and value > 0 else ""

    def one(language: str) -> str:
        return sign + str(
            format_currency(value, currency, pattern, locale=_LOCALES[language], currency_digits=False)
        ).replace("-", "−")

    return both(one)


def number(value: float | int | None, digits: int = 0) -> str:
    """A count or a figure with thousands separated; an absent one is a dash."""
    return "–" if value is None else f"{value:,.{digits}f}".replace("-", "−")


def percent(value: float | None, digits: int = 1, *, signed: bool = False) -> str:
    """A share as per cent.

    Example:
        >>> percent(0.1234), percent(-0.5, 0, signed=True)
        ('12.3%', '−50%')
    """
    if value is None:
        return "–"
    return (f"{100 * value:+.{digits}f}%" if signed else f"{100 * value:.{digits}f}%").replace("-", "−")


def points(value: float) -> Both:
    """A difference of shares: percentage points, never per cent, which would read as a relative change."""
    shown = f"{100 * value:+.2f}".replace("-", "−")
    return Both(f"{shown} 个百分点", f"{shown} pp")


def p_value(value: float | None) -> str:
    """A p-value; below a thousandth its size no longer matters."""
    return "–" if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"


def moment(value: datetime | str, *, time: bool = True) -> Both:
    """A moment in UTC."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    shape = {"zh": "y年M月d日", "en": "d MMM y"}
    clock = " HH:mm 'UTC'" if time else ""
    return both(lambda language: str(format_datetime(at, shape[language] + clock, locale=_LOCALES[language])))


def interval(found: Mapping[str, Any] | None, write: Any) -> Both:
    """``value [low, high]``, or what is lacking."""
    if not found:
        return Both("–", "–")
    if "lacking" in found:
        return say(f"lack.{found['lacking']}")

    def one(language: str) -> str:
        value, low, high = (_text(write(found[key]), language) for key in ("value", "low", "high"))
        return f"{value} [{low}, {high}]"

    return both(one)


def hundredfold(found: Mapping[str, Any]) -> dict[str, Any]:
    """A share's reading in per cent."""
    return {key: 100 * value if key in ("value", "low", "high") else value for key, value in found.items()}


def _text(value: object, language: str) -> str:
    return getattr(value, language) if isinstance(value, Both) else str(value)
